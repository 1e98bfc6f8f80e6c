"""A folder says what a sink in memory says, whatever is committed; and nothing of a record is lost."""

from __future__ import annotations

import asyncio
import datetime
import json
import tempfile
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sagicc_async import ConfigError, Record, Timestamp, field, record
from sagicc_async.sync.dry_run import DryRun
from sagicc_async.sync.folder import FolderSink, latest
from sagicc_async.sync.folder.names import safe
from sagicc_async.sync.outcome import Ending, Outcome
from sagicc_async.sync.rows import Row, rows_of
from sagicc_async.sync.sink import Batch, StaleWorker
from sagicc_async.sync.state import Kind, SyncState, Underway
from sagicc_async.sync.unit import Unit
from sagicc_async.testing import ManualClock

from ..fake_vendor import things
from ..memory_sink import MemorySink
from .workload import MOMENT, Thing

UNITS = [Unit("fake", account, "things", Thing) for account in ("a", "A", "Cañón/2")]


@attrs.frozen
class Pass:
    """A whole pass over a unit's list."""

    unit: Unit
    pages: list[list[dict[str, Any]]]


def a_thing() -> st.SearchStrategy[dict[str, Any]]:
    prices = st.decimals(min_value=0, max_value=99, places=2)
    fields = {"id": st.integers(1, 6), "name": st.sampled_from(["x", "y", "línea\n"]), "Price": prices}
    return st.fixed_dictionaries(fields, optional={"nuevo": st.sampled_from([Decimal("1.50"), [None]])})


def a_pass() -> st.SearchStrategy[Pass]:
    pages = st.lists(st.lists(a_thing(), max_size=4), min_size=1, max_size=3)
    return st.builds(Pass, st.sampled_from(UNITS), pages)


def batches(state: SyncState, made: Pass) -> list[Batch]:
    """The commits of a pass, each with the state before it."""
    state, found = state.begun(Kind.WHOLE), []
    for number, page in enumerate(made.pages):
        assert state.underway is not None
        underway = attrs.evolve(state.underway, records=state.underway.records + len(page), started_at=MOMENT)
        last = number == len(made.pages) - 1
        after = state.completed(underway, now=0.0, overlap=0.0) if last else state.moved(underway)
        rows = rows_of([Thing.from_dict(thing) for thing in page], None)
        found.append(Batch(unit=made.unit, rows=rows, before=state, after=after, ended=underway if last else None))
        state = after
    return found


def as_stored(format_: str, thing: Any) -> dict[str, Any]:
    """What `latest` gives of a record."""
    if format_ == "jsonl":
        return {"record": thing.to_dict()}
    extra = json.dumps(thing.extra, default=str, separators=(",", ":")).replace('"1.50"', "1.50")
    return {"id": thing.id, "name": thing.name, "Price": thing.price, "_extra": extra if thing.extra else None}


@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
@settings(max_examples=25, deadline=None)
@given(passes=st.lists(a_pass(), min_size=1, max_size=5))
def test_a_folder_holds_what_a_sink_in_memory_holds(format_, passes):
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder), format_, passes))


async def compare(folder: Path, format_: Any, passes: list[Pass]) -> None:
    memory = MemorySink()
    async with FolderSink(folder, format=format_, clock=ManualClock()) as sink:
        for made in passes:
            for batch in batches(await memory.state(made.unit), made):
                assert await sink.commit(batch) == await memory.commit(batch)
            assert await sink.state(made.unit) == await memory.state(made.unit)
    expected = {
        (unit.account, key): as_stored(format_, thing)
        for unit in memory.shelves
        for key, thing in memory.rows(unit).items()
    }
    found = latest(folder, "fake", "things", format=format_)
    ours = ("_account", "_id", "_changed_at", "_deleted")
    assert {key: {k: v for k, v in row.items() if k not in ours} for key, row in found.items()} == expected
    check_that_every_row_is_a_change(folder, format_)


def check_that_every_row_is_a_change(folder: Path, format_: str) -> None:
    known: dict[tuple[str, str], Any] = {}
    for file in sorted(folder.glob(f"fake/things/*/*.{format_}")):
        rows = (
            list(map(json.loads, file.read_text().splitlines()))
            if format_ == "jsonl"
            else parquet.read_table(file).to_pylist()
        )
        assert rows
        for row in rows:
            key = row["_account"], row["_id"]
            assert known.get(key) != row  # the clock stands still
            known[key] = row


def begun(unit: Unit, *records: Any, state: SyncState | None = None) -> Batch:
    """A commit in the middle of a pass."""
    before = state or SyncState()
    known = before if before.underway is not None else before.begun(Kind.WHOLE)
    assert known.underway is not None
    return Batch(unit=unit, rows=rows_of(records, None), before=before, after=known.moved(known.underway))


async def empty(sink: FolderSink, unit: Unit, state: SyncState) -> None:
    """Two passes that met nothing: all that was there is deleted."""
    underway = Underway(kind=Kind.WHOLE, started_at=MOMENT)
    for _ in range(2):
        after = state.begun(Kind.WHOLE).completed(underway, now=0.0, overlap=0.0)
        changes = await sink.commit(Batch(unit=unit, rows=[], before=state, after=after, ended=underway))
        state = attrs.evolve(after, suspects=changes.suspects)


def contents(folder: Path) -> dict[Path, bytes | None]:
    """All that is in a folder, hidden files too."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def lines(folder: Path, unit: str = "fake/things/a") -> list[str]:
    return [line for file in sorted((folder / unit).iterdir()) for line in file.read_text().splitlines()]


async def test_a_line_is_a_change_with_the_record_as_it_came(tmp_path):
    unit = UNITS[0]
    async with FolderSink(tmp_path, clock=ManualClock()) as sink:
        thing = Thing.from_dict(
            {"id": 7, "Price": Decimal("12345678901234567.10000000000000000000"), "nuevo": {"x": 1}}
        )
        batch = begun(unit, thing)
        await sink.commit(batch)
        await empty(sink, unit, attrs.evolve(batch.after, underway=None))

    told = '"_account":"a","_id":"7","_changed_at":"2026-01-01T00:00:00+00:00"'
    thing_as_it_came = '{"nuevo":{"x":1},"id":7,"name":null,"Price":12345678901234567.10000000000000000000}'
    assert lines(tmp_path) == [
        f'{{{told},"_deleted":false,"record":{thing_as_it_came}}}',
        f'{{{told},"_deleted":true}}',
    ]


async def test_a_record_of_which_nothing_is_declared_is_kept_whole(tmp_path):
    unit = Unit("fake", "a", "things")
    batch = begun(unit, {"id": 1, "total": Decimal("0.10"), "_id": "mine"})
    async with FolderSink(tmp_path) as one, FolderSink(tmp_path, format="parquet") as other:
        await one.commit(batch)
        await other.commit(batch)

    assert '"record":{"id":1,"total":0.10,"_id":"mine"}' in (tmp_path / "fake/things/a/000000001.jsonl").read_text()
    (row,) = latest(tmp_path, "fake", "things", format="parquet").values()
    assert row["_extra"] == '{"id":1,"total":0.10,"_id":"mine"}'


@record
class Priced(Record):
    id: int = field()
    price: Decimal | None = field(default=None)
    when: Timestamp | None = field(default=None)
    day: datetime.date | None = field(default=None)
    tags: list[Decimal] | None = field(default=None)


async def test_columns_are_typed_and_deleted_rows_have_nothing_in_them(tmp_path):
    unit = Unit("fake", "a", "priced", Priced)
    full = {"id": 1, "price": Decimal("0.10"), "when": "2026-01-02T03:04:05-05:00", "day": "2026-01-02", "tags": [1]}
    async with FolderSink(tmp_path, format="parquet", clock=ManualClock()) as sink:
        batch = begun(unit, Priced.from_dict(full))
        await sink.commit(batch)
        await empty(sink, unit, attrs.evolve(batch.after, underway=None))

    first, second = (parquet.read_table(file) for file in sorted((tmp_path / "fake/priced/a").iterdir()))
    assert {field.name: str(field.type) for field in first.schema} == {
        "_account": "string",
        "_id": "string",
        "_changed_at": "timestamp[us, tz=UTC]",
        "_deleted": "bool",
        "id": "int64",
        "price": "decimal128(38, 10)",
        "when": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "tags": "string",
        "_extra": "string",
    }
    (row,) = first.to_pylist()
    assert (row["price"], row["tags"], row["when"].hour) == (Decimal("0.10"), "[1]", 8)
    (gone,) = second.to_pylist()
    assert {key: value for key, value in gone.items() if value is not None} == {
        "_account": "a",
        "_id": "1",
        "_changed_at": row["_changed_at"],
        "_deleted": True,
    }
    assert latest(tmp_path, "fake", "priced", format="parquet") == {}


async def test_what_parquet_would_round_is_refused_and_nothing_is_written(tmp_path):
    unit = Unit("fake", "a", "priced", Priced)
    async with FolderSink(tmp_path, format="parquet") as sink:
        with pytest.raises(ConfigError, match="price does not fit into Parquet's decimal128") as caught:
            await sink.commit(begun(unit, Priced(id=1, price=Decimal("0.123456789012"))))
        assert (await sink.state(unit)).version == 0

    assert "0.1234" not in str(caught.value)
    assert not list(tmp_path.glob("fake/*/*/*"))


@record
class Clashing(Record):
    id: int = field()
    mine: str | None = field(wire="_id", default=None)


async def test_a_field_that_is_called_as_a_column_of_ours_is_refused_in_parquet_alone(tmp_path):
    unit = Unit("fake", "a", "clashing", Clashing)
    batch = begun(unit, Clashing(id=1, mine="x"))
    async with FolderSink(tmp_path) as lines, FolderSink(tmp_path, format="parquet") as columns:
        await lines.commit(batch)
        with pytest.raises(ConfigError, match="the field _id of Clashing cannot be a column"):
            await columns.commit(batch)


async def test_a_field_that_comes_to_be_declared_gets_its_column(tmp_path):
    @record
    class Grown(Record):
        id: int = field()
        nuevo: Decimal | None = field(default=None)

    old, new = Unit("fake", "a", "things", Thing), Unit("fake", "a", "things", Grown)
    plain = {"id": 1, "nuevo": Decimal("1.50")}
    async with FolderSink(tmp_path, format="parquet") as sink:
        first = begun(old, Thing.from_dict(plain))
        await sink.commit(first)
        changes = await sink.commit(begun(new, Grown.from_dict(plain), state=first.after))

    assert changes.changed == 1
    (row,) = latest(tmp_path, "fake", "things", format="parquet").values()
    assert row["nuevo"] == Decimal("1.50")


async def test_a_worker_that_is_behind_writes_nothing(tmp_path):
    async with FolderSink(tmp_path) as sink:
        batch = begun(UNITS[0], Thing(id=1))
        await sink.commit(batch)
        with pytest.raises(StaleWorker):
            await sink.commit(begun(UNITS[0], Thing(id=2)))

    assert len(lines(tmp_path)) == 1


async def test_what_did_not_change_makes_no_file(tmp_path):
    async with FolderSink(tmp_path) as sink:
        batch = begun(UNITS[0], Thing(id=1))
        await sink.commit(batch)
        changes = await sink.commit(begun(UNITS[0], Thing(id=1), state=batch.after))

    assert changes.unchanged == 1
    assert len(lines(tmp_path)) == 1


async def test_how_it_went_is_remembered(tmp_path):
    outcome = Outcome(unit=UNITS[0], ending=Ending.FAILED, error="away", kind="ServerError")
    async with FolderSink(tmp_path) as sink:
        await sink.note(outcome)
    async with FolderSink(tmp_path) as sink:
        assert await sink.outcomes() == [(outcome, SyncState())]


async def test_a_turn_of_the_sync_writes_what_changed_and_what_is_gone(rig, tmp_path):
    rig.sink = FolderSink(tmp_path)
    served = rig.vendor.put("a", "things", things(1, 2, 3, 4, 5))
    async with rig.sink:
        await rig.turn()
        served.records[:2] = things(1, total=9.25)
        outcome = await rig.turn()

    assert (outcome.changes.changed, outcome.changes.deleted) == (1, 1)
    present = latest(tmp_path, "fake", "things")
    assert sorted(id_ for _, id_ in present) == ["1", "3", "4", "5"]
    assert present["a", "1"]["record"]["total"] == Decimal("9.25")


async def test_a_dry_run_tells_what_would_change_and_makes_no_file(rig, tmp_path):
    rig.sink = DryRun(FolderSink(tmp_path))
    rig.vendor.put("a", "things", things(1, 2, 3))
    async with rig.sink:
        assert (await rig.turn()).changes.new == 3

    assert not list(tmp_path.iterdir())


async def test_a_dry_run_leaves_a_folder_as_a_killed_sync_left_it(rig, tmp_path):
    """To name what was committed, and to remove what was not, is for who writes next."""
    rig.sink = FolderSink(tmp_path)
    served = rig.vendor.put("a", "things", things(1, 2, 3))
    async with rig.sink:
        await rig.turn()
    own = tmp_path / ".sagicc-async-jsonl"
    (tmp_path / "fake/things/a/000000001.jsonl").rename(own / "new" / "1.1")
    (own / "new" / "1.2").write_bytes(b"cut off")
    before = contents(tmp_path)

    served.records[:1] = things(1, total=9.25)
    rig.sink = DryRun(FolderSink(tmp_path))
    async with rig.sink:
        changes = (await rig.turn()).changes

    assert (changes.new, changes.changed, changes.unchanged) == (0, 1, 2)
    assert contents(tmp_path) == before


async def test_the_docs_way_of_reading_gives_the_present_rows(tmp_path):
    rows = [Row("1", "x", {"id": 1, "total": Decimal("0.10")})]
    async with FolderSink(tmp_path) as sink:
        await sink.commit(attrs.evolve(begun(Unit("siigo", "a", "invoices")), rows=rows))

    import sagicc_async.sync.folder as documented

    code = documented.__doc__.partition("does this:\n\n")[2].partition("\n\nNames of")[0]
    names: dict[str, Any] = {"Path": lambda path: tmp_path / Path(path).relative_to("mirror"), "Decimal": Decimal}
    exec("import functools, json\n" + "\n".join(line[4:] for line in code.splitlines()), names)
    assert names["present"] == [{"id": 1, "total": Decimal("0.10")}]


@given(one=st.text(), other=st.text())
def test_no_two_texts_make_names_that_a_file_system_takes_for_one(one, other):
    def told_apart(text: str) -> str:
        return unicodedata.normalize("NFC", safe(text)).casefold()

    assert (one == other) == (told_apart(one) == told_apart(other))


@given(text=st.text() | st.text(alphabet="aA._~% /", max_size=400))
def test_a_name_is_one_that_every_file_system_takes_and_every_reader_sees(text):
    name = safe(text)

    assert 0 < len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\0 ')
    assert name[0] not in "._"


def test_a_name_stays_readable():
    assert safe("tienda-7.co") == "tienda-7.co"
    assert safe("Café") == "%43af%C3%A9"
    assert safe("..") == "%2E."
    assert safe("") == "%"
