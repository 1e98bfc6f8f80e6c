"""Databases that are away, full, locked or not ours: what is raised, and what its text does not hold."""

from __future__ import annotations

import asyncio
import gc
import logging
import pickle
import sqlite3
import traceback

import psycopg
import pytest
import sqlalchemy

from sagicc_async import ConfigError
from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.sql import DatabaseSink, database
from sagicc_async.sync.sql.failures import failure, refusal_of
from sagicc_async.sync.state import SyncState

from ...servers.postgres import PostgresServer
from .worker import TABLE, UNIT, Worker, first_batch, living, query, stored, things

PASSWORD = "canary-password"
VALUE = "canary-value"


def texts(error: BaseException) -> str:
    """All that a log or a report could show of an error."""
    return "\n".join([str(error), repr(error), *traceback.format_exception(error), str(error.args)])


async def test_a_server_that_stops_and_starts_again_is_waited_for_and_nothing_is_lost(servers):
    server = servers(PostgresServer)
    async with DatabaseSink(server.url) as sink:
        worker = Worker(sink)
        await asyncio.gather(*(sink.state(UNIT) for _ in range(5)))
        await worker.whole(things("a"))
        server.stop()
        for call in (lambda: sink.state(UNIT), sink.outcomes, lambda: worker.whole(things("b"))):
            with pytest.raises(SinkUnavailable, match=r"cannot be reached|shutting down"):
                await call()
        with pytest.raises(SinkUnavailable):
            await sink.note(Outcome(unit=UNIT, ending=Ending.DONE))
        server.start()
        batch = worker.latest
        for _ in range(3):  # connections of the old server may still be in the pool
            try:
                changes = await sink.commit(batch)
            except SinkUnavailable:
                continue
            break
        assert changes == Changes(new=1)
        assert await living(sink) == {"a", "b"}


async def test_a_server_that_answers_nothing_is_given_up(servers, monkeypatch):
    monkeypatch.setattr(database, "_LIMIT", 0.3)
    server = servers(PostgresServer)
    async with DatabaseSink(server.url, connections=1) as sink:
        await sink.state(UNIT)
        server.freeze()
        commit = asyncio.ensure_future(sink.commit(first_batch(things("a"))))
        await asyncio.wait([commit], timeout=1)
        server.thaw()
        with pytest.raises(SinkUnavailable):
            await commit
        monkeypatch.setattr(database, "_LIMIT", 30)
        assert await sink.commit(first_batch(things("a"))) == Changes(new=1)


async def test_a_server_out_of_connections_says_so(servers):
    server = servers(PostgresServer, max_connections="4", superuser_reserved_connections="0", reserved_connections="0")
    held = [psycopg.connect(server.url) for _ in range(4)]
    async with DatabaseSink(server.url) as sink:
        with pytest.raises(SinkUnavailable, match="max_connections"):
            await sink.state(UNIT)
        for connection in held:
            connection.close()


async def test_nobody_listens():
    async with DatabaseSink(f"postgresql://u:{PASSWORD}@127.0.0.1:1/db") as sink:
        with pytest.raises(SinkUnavailable, match=r"127\.0\.0\.1:1/db: it cannot be reached") as caught:
            await sink.state(UNIT)
    assert PASSWORD not in texts(caught.value)


async def test_a_wrong_database_is_to_be_mended(postgres):
    async with DatabaseSink(postgres.url.rpartition("/")[0] + "/nowhere") as sink:
        with pytest.raises(ConfigError, match="no such database"):
            await sink.state(UNIT)


async def test_who_may_not_make_tables_is_told_the_statements(postgres):
    with psycopg.connect(postgres.url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS poor")
        owner.execute("CREATE ROLE poor LOGIN")
        owner.execute("GRANT USAGE ON SCHEMA public TO poor")
        try:
            async with DatabaseSink(postgres.url.replace("postgres@", "poor@", 1)) as sink:
                with pytest.raises(ConfigError) as caught:
                    await sink.commit(first_batch(things("a")))
                assert f"CREATE TABLE {TABLE}" in str(caught.value)
                owner.execute(str(caught.value).partition("run:\n")[2])
                with pytest.raises(ConfigError, match="SELECT, INSERT, UPDATE and DELETE"):
                    await sink.commit(first_batch(things("a")))
                owner.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO poor")
                assert await sink.commit(first_batch(things("a"))) == Changes(new=1)
        finally:
            owner.execute("DROP OWNED BY poor; DROP ROLE poor")


async def test_a_full_disk_is_told_and_the_commit_goes_through_when_there_is_room(tmp_path, files_of_at_most):
    async with DatabaseSink(f"sqlite:///{tmp_path / 'm.db'}") as sink:
        worker = Worker(sink)
        await worker.whole(things("a"))
        batch = first_batch(things(*map(str, range(200)), name=VALUE * 100))
        with files_of_at_most(200_000), pytest.raises(SinkUnavailable, match="disk is full") as caught:
            worker.state = await sink.state(UNIT)
            await worker.whole(batch.rows)
        assert VALUE not in texts(caught.value).replace("VALUE", "")
        assert await living(sink) == {"a"}
        assert await sink.commit(worker.latest) == Changes(new=200)


async def test_a_file_that_somebody_keeps_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY", 0.05)
    path = tmp_path / "m.db"
    async with DatabaseSink(f"sqlite:///{path}") as sink:
        await sink.commit(first_batch(things("a")))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SinkUnavailable, match="another process keeps the file locked"):
            await sink.note(Outcome(unit=UNIT, ending=Ending.DONE))
        assert (await sink.state(UNIT)).version == 1  # readers do not wait for writers
        other.close()
        await sink.note(Outcome(unit=UNIT, ending=Ending.DONE))


async def test_a_new_file_that_somebody_has_locked_is_waited_for(tmp_path):
    path = tmp_path / "m.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as another process does that begins at the same moment; SQLite refuses at once
    async with DatabaseSink(f"sqlite:///{path}") as sink:
        asyncio.get_running_loop().call_later(0.3, other.close)
        assert await sink.commit(first_batch(things("a"))) == Changes(new=1)


async def test_a_new_file_that_somebody_keeps_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY", 0.05)
    path = tmp_path / "m.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with DatabaseSink(f"sqlite:///{path}") as sink:
        with pytest.raises(SinkUnavailable, match="another process keeps the file locked"):
            await sink.commit(first_batch(things("a")))
    other.close()


@pytest.mark.parametrize(
    ("make", "error"), [("folder", SinkUnavailable), ("text", ConfigError), ("none", SinkUnavailable)]
)
async def test_a_file_that_is_no_database(tmp_path, make, error):
    path = tmp_path / "m.db"
    if make == "folder":
        path.mkdir()
    elif make == "text":
        path.write_text("no database " * 100)
    else:
        path = tmp_path / "no" / "m.db"
    async with DatabaseSink(f"sqlite:///{path}") as sink:
        with pytest.raises(error, match=r"m\.db"):
            await sink.commit(first_batch(things("a")))


async def test_a_constraint_of_the_users_is_named_and_the_row_is_not(open_sink):
    sink = await open_sink()
    await sink.commit(first_batch(things("a")))
    await query(sink, f"CREATE UNIQUE INDEX one_name ON {TABLE} (name)")
    worker = Worker(sink, state=await sink.state(UNIT))
    with pytest.raises(ConfigError, match="constraint") as caught:
        await worker.whole(things("b", "c", name=VALUE))
    assert VALUE not in texts(caught.value).replace("name=VALUE", "")


async def test_a_table_that_was_removed_is_made_again(open_sink):
    sink = await open_sink()
    worker = Worker(sink)
    await worker.whole(things("a"))
    await query(sink, f"DROP TABLE {TABLE}")
    with pytest.raises(ConfigError, match=TABLE):
        await worker.whole(things("a"))
    assert await worker.whole(things("a")) == Changes(new=1)


async def test_no_password_and_no_row_is_in_any_log(postgres, caplog):
    caplog.set_level(logging.DEBUG)
    with psycopg.connect(postgres.url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS ana")
        owner.execute("CREATE ROLE ana LOGIN SUPERUSER")
    url = postgres.url.replace("postgres@", f"ana:{PASSWORD}@", 1)
    sink = DatabaseSink(url)
    async with sink:
        worker = Worker(sink)
        await worker.whole(things("a", name=VALUE))
        await query(sink, f"CREATE UNIQUE INDEX one_name ON {TABLE} (name)")
        with pytest.raises(ConfigError):
            await worker.whole(things("b", name=VALUE))
    async with DatabaseSink(url.replace("/postgres", "/nowhere")) as away:
        with pytest.raises(ConfigError) as caught:
            await away.state(UNIT)
    seen = caplog.text + repr(sink) + sink.describe() + texts(caught.value)
    assert PASSWORD not in seen
    assert VALUE not in seen


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{PASSWORD}@h/db",
        f"postgresql://u:{PASSWORD}@h:port/db",
        f"{PASSWORD}",
        f"postgresql://u:p@{PASSWORD}@/h/db@",
    ],
)
def test_a_wrong_address_is_refused_without_being_quoted(url):
    with pytest.raises(ConfigError) as caught:
        DatabaseSink(url)
    assert PASSWORD not in texts(caught.value).replace("PASSWORD", "")


async def test_what_nobody_has_foreseen_is_not_taken_for_a_server_that_is_away(postgres):
    async with DatabaseSink(postgres.url) as sink:
        worker = Worker(sink)
        await worker.whole(things("a"))
        raising = f"BEGIN RAISE EXCEPTION '{VALUE}'; END"
        await query(sink, f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$")
        await query(sink, f"CREATE TRIGGER refusing BEFORE INSERT ON {TABLE} EXECUTE FUNCTION refuse()")
        with pytest.raises(ConfigError, match=rf"{TABLE}: it refuses what it was asked to do; .* \(P0001\)") as caught:
            await worker.whole(things("b"))
    assert VALUE not in texts(caught.value).replace("VALUE", "")


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (psycopg.OperationalError("the connection is closed"), SinkUnavailable),
        (psycopg.InterfaceError("the connection is closed"), SinkUnavailable),
        (psycopg.errors.ConnectionFailure(), SinkUnavailable),
        (psycopg.DataError("NUL"), ConfigError),
        (psycopg.ProgrammingError("cannot adapt"), ConfigError),
        (psycopg.NotSupportedError("pipelines"), ConfigError),
        (psycopg.InternalError(""), ConfigError),
        (sqlite3.ProgrammingError("type 'dict' is not supported"), ConfigError),
        (sqlite3.InterfaceError("bad parameter"), ConfigError),
        (sqlite3.DatabaseError("anything"), ConfigError),
    ],
)
def test_without_a_code_only_a_connection_that_is_gone_is_waited_for(error, raised):
    assert type(failure(refusal_of(error), "here", "a test")) is raised


def test_a_connection_that_sqlalchemy_gave_up_is_waited_for_whatever_the_driver_says():
    closed = sqlite3.ProgrammingError("Cannot operate on a closed database.")
    error = sqlalchemy.exc.DBAPIError("SELECT 1", {}, closed, connection_invalidated=True)
    assert type(failure(refusal_of(error), "here", "a test")) is SinkUnavailable


async def test_who_only_reads_makes_no_file(tmp_path):
    path = tmp_path / "m.db"
    async with DatabaseSink(f"sqlite:///{path}") as sink:
        assert await sink.state(UNIT) == SyncState()
        assert await sink.preview(first_batch(things("a")), set()) == Changes(new=1)
        assert await sink.outcomes() == []
        assert list(tmp_path.iterdir()) == []
        assert await sink.commit(first_batch(things("a"))) == Changes(new=1)
        assert (await sink.state(UNIT)).version == 1
    async with DatabaseSink(f"sqlite:///{tmp_path / 'no' / 'm.db'}") as sink:
        with pytest.raises(SinkUnavailable, match="check that its folder exists"):
            await sink.state(UNIT)


def test_errors_can_be_pickled():
    assert str(pickle.loads(pickle.dumps(SinkUnavailable("away")))) == "away"


async def test_a_memory_database_lives_as_long_as_its_sink():
    async with DatabaseSink("sqlite:///:memory:") as sink:
        await Worker(sink).whole(things("a"))
        assert set(await stored(sink)) == {"a"}
        assert await sink.state(UNIT) != SyncState()
    gc.collect()
