"""Tables of the user's own: written in the transaction that stores how far they lead."""

from __future__ import annotations

import contextlib

import pytest
import sqlalchemy

from sagicc_async import ConfigError
from sagicc_async.sync.outcome import Changes
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.state import SyncState

from .worker import UNIT, Worker, first_batch, query, things

UPSERT = "INSERT INTO mine VALUES (:id, :name, :gone) ON CONFLICT (id) DO UPDATE SET name = :name, gone = :gone"


class Mine:
    """Writes two columns into a table that sagicc-async did not make."""

    def __init__(self):
        self.pages = []
        self.error = None

    async def write(self, page, checkpoint, transaction):
        self.pages.append(page)
        rows = [{"id": row.id, "name": row.record.name, "gone": 0} for row in page.changed]
        rows += [{"id": key, "name": "", "gone": 1} for key in page.deleted]
        await transaction.execute(sqlalchemy.text(UPSERT), rows)
        if self.error is not None:
            raise self.error


@pytest.fixture
def mine() -> Mine:
    return Mine()


@pytest.fixture
async def worker(open_sink, mine) -> Worker:
    sink = await open_sink(targets={"a-vendor/things": mine})
    await query(sink, "CREATE TABLE mine (id TEXT PRIMARY KEY, name TEXT, gone INTEGER)")
    return Worker(sink)


async def test_a_target_hears_what_changed_and_what_is_gone(worker, mine):
    assert await worker.whole(things("a", "b", "c", name="n")) == Changes(new=3)
    left = [*things("a", name="n"), *things("b", name="m")]
    assert await worker.whole(left) == Changes(changed=1, unchanged=1, suspects=1)
    assert await worker.whole(left) == Changes(unchanged=2, deleted=1)
    assert [(len(page.changed), page.deleted) for page in mine.pages] == [(3, []), (1, []), (0, ["c"])]
    assert await query(worker.sink, "SELECT * FROM mine ORDER BY id") == [
        {"id": "a", "name": "n", "gone": 0},
        {"id": "b", "name": "m", "gone": 0},
        {"id": "c", "name": "", "gone": 1},
    ]


async def test_nothing_of_the_records_is_kept_beside_the_target(worker):
    await worker.whole(things("a", name="n"))
    (row,) = await query(worker.sink, "SELECT * FROM a_vendor_things__known")
    assert set(row) == {"_account", "_id", "_hash", "_changed_at", "_deleted_at"}


async def test_a_target_that_changes_nothing_is_not_asked(worker, mine):
    await worker.whole(things("a"))
    mine.pages.clear()
    await worker.whole(things("a"))
    assert mine.pages == []


@pytest.mark.parametrize("error", [KeyError("x"), OSError("their disk")])
async def test_what_a_target_raises_undoes_all_and_comes_out_as_it_is(worker, mine, error):
    mine.error = error
    with pytest.raises(type(error)) as caught:
        await worker.sink.commit(first_batch(things("a")))
    assert caught.value is error
    mine.error = None
    assert await query(worker.sink, "SELECT * FROM mine") == []
    assert await worker.sink.state(UNIT) == SyncState()
    assert await worker.sink.commit(first_batch(things("a"))) == Changes(new=1)


class Saying(Mine):
    """Sends one statement."""

    def __init__(self, statement, value):
        self.statement, self.value = sqlalchemy.text(statement), value

    async def write(self, page, checkpoint, transaction):
        await transaction.execute(self.statement, {"value": self.value})


@pytest.mark.parametrize("value", [{"canary": 1}, object()])
async def test_a_value_that_the_driver_does_not_send_is_its_users_to_mend_and_no_database_that_is_away(worker, value):
    worker.sink._target_of = lambda unit: Saying("SELECT :value", value)
    with pytest.raises(ConfigError, match="takes no such value") as caught:
        await worker.sink.commit(first_batch(things("a")))
    assert "canary" not in str(caught.value)


async def test_so_is_a_text_that_postgresql_cannot_hold(postgres):
    saying = Saying("SELECT CAST(:value AS TEXT)", "canary-\0")
    async with DatabaseSink(postgres.url, targets={"a-vendor/things": saying}) as sink:
        with pytest.raises(ConfigError, match="a text with a NUL character") as caught:
            await sink.commit(first_batch(things("a")))
    assert "canary" not in str(caught.value)


async def test_a_target_that_hides_a_failure_of_its_own_is_told_so(postgres):
    class Hiding(Saying):
        async def write(self, *page):
            with contextlib.suppress(sqlalchemy.exc.DBAPIError):
                await super().write(*page)

    hiding = Hiding("SELECT :value FROM nowhere", 1)
    async with DatabaseSink(postgres.url, targets={"a-vendor/things": hiding}) as sink:
        with pytest.raises(ConfigError, match="a target went on"):
            await sink.commit(first_batch(things("a")))


async def test_a_wrong_statement_of_a_target_is_its_users_to_mend_and_quotes_no_row(worker, mine):
    class Wrong(Mine):
        async def write(self, page, checkpoint, transaction):
            name = {"name": page.changed[0].record.name}
            await transaction.execute(sqlalchemy.text("INSERT INTO nowhere VALUES (:name)"), name)

    worker.sink._target_of = lambda unit: Wrong()
    with pytest.raises(ConfigError) as caught:
        await worker.sink.commit(first_batch(things("a", name="canary-name")))
    assert not isinstance(caught.value, SinkUnavailable)
    assert "canary-name" not in str(caught.value)
    assert caught.value.__context__ is caught.value.__cause__ is None
