"""The tables: what each kind of column keeps, how they are made and widened, and what is refused."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from uuid import UUID

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagicc_async import ConfigError, Record, Timestamp, field, record
from sagicc_async.sync.outcome import Changes
from sagicc_async.sync.rows import rows_of
from sagicc_async.sync.sql import ddl
from sagicc_async.sync.sql.kinds import ExactNumber, Moment
from sagicc_async.sync.unit import Unit

from .worker import TABLE, UNIT, Colour, Part, Thing, Worker, first_batch, query, stored, things

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
moments = st.datetimes(
    min_value=datetime.datetime(2, 1, 1),  # noqa: DTZ001 - the strategy gives it a zone
    max_value=datetime.datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=offsets,
)
MANY_DIGITS = Decimal("12345678901234567890.12345678901234567890")
NOON = Timestamp.parse("2026-01-31T12:00:00.1234567-05:00")


def unit(**fields: object) -> Unit:
    """A unit of the same table whose model has other fields."""
    annotations = {"id": str, **{name: kind | None for name, kind in fields.items()}}
    defaults = {name: field(default=None) for name in fields}
    model = record(type("Thing", (Record,), {"__annotations__": annotations, **defaults}))
    return attrs.evolve(UNIT, model=model)


def rows(of: Unit, **values: object):
    return rows_of([of.model(id="a", **values)], None)


async def test_each_kind_of_value_comes_back_exact(open_sink):
    sink = await open_sink()
    values = {
        "name": "ñ 'x\"; --",
        "count": -(2**63),
        "total": MANY_DIGITS,
        "ratio": 0.1,
        "open": False,
        "at": NOON,
        "day": datetime.date(2026, 1, 31),
        "hour": datetime.time(23, 59, 1),
        "key": UUID(int=7),
        "colour": Colour.RED,
        "size": "S",
        "code": "04",
    }
    parts = [Part(price=MANY_DIGITS, extra={"more": MANY_DIGITS})]
    await sink.commit(first_batch(things("a", **values, parts=parts, extra={"new": MANY_DIGITS})))
    row = (await stored(sink))["a"]
    same = ("name", "count", "total", "ratio", "open", "at", "day", "size")
    assert {name: row[name] for name in same} == {name: values[name] for name in same}
    assert (row["hour"], row["key"], row["colour"]) == ("23:59:01", str(UUID(int=7)), "red")
    columns = "CAST(parts AS TEXT) AS p, CAST(_extra AS TEXT) AS e, CAST(code AS TEXT) AS c"
    assert await query(sink, f"SELECT {columns} FROM {TABLE}") == [
        {"p": f'[{{"more":{MANY_DIGITS},"unitPrice":{MANY_DIGITS}}}]', "e": f'{{"new":{MANY_DIGITS}}}', "c": '"04"'}
    ]


@pytest.mark.parametrize(
    ("written", "hours", "kept"),
    [
        ("9999-12-31T23:59:59", -5, "9999-12-31T23:59:59.999999+00:00"),
        ("9999-12-31T23:59:59", 9, "9999-12-31T14:59:59+00:00"),
        ("0001-01-01T00:00:00", 9, "0001-01-01T00:00:00+00:00"),
    ],
)
async def test_a_moment_that_utc_has_no_year_for_is_kept_as_the_nearest_that_it_has(open_sink, written, hours, kept):
    sink = await open_sink()
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    assert await sink.commit(first_batch(things("a", at=Timestamp.parse(written, zone)))) == Changes(new=1)
    assert (await stored(sink))["a"]["at"] == datetime.datetime.fromisoformat(kept)


async def test_what_is_not_there_is_null(open_sink):
    sink = await open_sink()
    await sink.commit(first_batch(things("a")))
    row = (await stored(sink))["a"]
    given = {"id", "_account", "_id", "_hash", "_changed_at"}
    assert {name for name, value in row.items() if value is not None} == given


async def test_a_nul_is_replaced_where_databases_cannot_hold_it(open_sink):
    worker = Worker(await open_sink())
    made = things("a\0", name="n\0", parts=[Part(extra={"k\0": "v\0"})], extra={"e": "\0", "not one": "\\u0000 \\"})
    await worker.whole(made)
    ((key, row),) = (await stored(worker.sink)).items()
    assert (key, row["id"], row["name"]) == ("a\N{REPLACEMENT CHARACTER}", key, "n\N{REPLACEMENT CHARACTER}")
    inside = "\0" if worker.sink._database.dialect.name == "sqlite" else "\N{REPLACEMENT CHARACTER}"
    (found,) = await query(worker.sink, f"SELECT CAST(parts AS TEXT) AS p, CAST(_extra AS TEXT) AS e FROM {TABLE}")
    assert json.loads(found["p"]) == [{f"k{inside}": f"v{inside}", "unitPrice": None}]
    assert json.loads(found["e"]) == {"e": inside, "not one": "\\u0000 \\"}
    for _ in range(2):
        assert await worker.whole(made) == Changes(unchanged=1)


async def test_ids_of_all_sorts_are_found_again(open_sink):
    worker = Worker(await open_sink())
    keys = ["", " ", "ñ", "'", '"', "\\", "{}", "%s", ":x", "a,b", "\n", "😀", "NULL", "1", "01"]
    await worker.whole(things(*keys))
    assert await worker.whole(things(*keys), cuts=3) == Changes(unchanged=len(keys))
    await worker.whole(things(*keys[1:]), cuts=3)
    assert await worker.whole(things(*keys[1:]), cuts=3) == Changes(unchanged=len(keys) - 1, deleted=1)


async def test_a_model_that_grows_gets_a_column_which_the_next_pass_fills(open_sink):
    old, new = unit(), unit(name=str)
    await Worker(await open_sink(), old).whole(rows_of([old.model(id="a", extra={"name": "n"})], None))
    sink = await open_sink()
    worker = Worker(sink, new, await sink.state(new))
    assert await worker.whole(rows(new, name="n")) == Changes(changed=1)
    assert (await stored(sink, new))["a"]["name"] == "n"
    assert await worker.whole(rows(new, name="n")) == Changes(unchanged=1)


@pytest.mark.parametrize(
    ("old", "new", "was", "now"),
    [
        (int, Decimal, 3, Decimal("1.50")),
        (int, str, 3, "x"),
        (Decimal, str, MANY_DIGITS, "x"),
    ],
)
async def test_a_column_is_widened_and_keeps_what_it_has(open_sink, old, new, was, now):
    before, after = unit(value=old), unit(value=new)
    await Worker(await open_sink(), before).whole(rows(before, value=was))
    sink = await open_sink()
    worker = Worker(sink, after, await sink.state(after))
    other = rows_of([after.model(id="b", value=now)], None)
    await worker.whole(other)
    found = await stored(sink, after)
    assert found["a"]["value"] == new(was)
    assert found["b"]["value"] == now
    # A process with the older model goes on with the wider column.
    late = await open_sink()
    other = rows(before, value=old(5))
    assert await Worker(late, before, worker.state).whole(other) == Changes(changed=1, suspects=1)
    assert (await stored(late, after))["a"]["value"] == new(5)


async def test_a_column_that_cannot_be_widened_is_refused_with_both_types(open_sink):
    old, new = unit(value=bool), unit(value=Decimal)
    await Worker(await open_sink(), old).whole(rows(old, value=True))
    with pytest.raises(ConfigError, match=f"value of {TABLE} holds boolean, and should hold numeric"):
        await Worker(await open_sink(), new).whole(rows(new, value=Decimal(1)))


async def test_a_table_of_somebody_elses_is_left_alone(open_sink):
    sink = await open_sink()
    await query(sink, f"CREATE TABLE {TABLE} (id TEXT)")
    with pytest.raises(ConfigError, match="did not make"):
        await sink.commit(first_batch(things("a")))


async def test_a_whole_number_of_more_than_64_bits_is_named_by_table_and_column(open_sink):
    sink = await open_sink()
    secret = 2**63 + 7_654_321
    with pytest.raises(ConfigError, match=rf"{TABLE}\.count") as caught:
        await sink.commit(first_batch([*things("a"), *things("b", count=secret)]))
    assert str(secret) not in repr(caught.getrepr(showlocals=False))
    assert caught.value.__context__ is None
    assert await sink.commit(first_batch(things("a"))) == Changes(new=1)


async def test_with_ddl_off_what_is_missing_is_told_as_statements_which_help(open_sink, url):
    sink = await open_sink(ddl=False)
    with pytest.raises(ConfigError) as caught:
        await sink.commit(first_batch(things("a")))
    assert f"CREATE TABLE {TABLE}" in str(caught.value)
    await _run(sink, str(caught.value).partition("run:\n")[2])
    assert await sink.commit(first_batch(things("a"))) == Changes(new=1)
    await query(sink, f"ALTER TABLE {TABLE} DROP COLUMN name")
    sink = await open_sink(ddl=False)
    with pytest.raises(ConfigError, match=f"ALTER TABLE {TABLE} ADD COLUMN name TEXT"):
        await Worker(sink, state=await sink.state(UNIT)).whole(things("a"))


async def test_statements_for_migrations_make_all_that_is_needed(open_sink, url):
    sink = await open_sink(ddl=False)
    await _run(sink, ddl(url, [UNIT, attrs.evolve(UNIT, account="another")]))
    assert await sink.commit(first_batch(things("a"))) == Changes(new=1)


async def test_a_newer_layout_is_refused(open_sink):
    await query(await open_sink(), "CREATE TABLE sagicc_async_sync_2 (x TEXT)")
    sink = await open_sink()
    for call in (lambda: sink.state(UNIT), lambda: sink.commit(first_batch(things("a"))), sink.outcomes):
        with pytest.raises(ConfigError, match="layout 2 or later"):
            await call()


async def test_two_resources_of_one_name_are_refused(open_sink):
    sink = await open_sink()
    await sink.commit(first_batch(things("a")))
    with pytest.raises(ConfigError, match="a-vendor/things and a_vendor/Things would share"):
        await sink.commit(first_batch(things("a"), Unit("a_vendor", "acme", "Things", Thing)))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (unit(a=str, A=str), "there are two"),
        (unit(_hash=str), "every table has one"),
        (unit(xmin=str), "every table has one"),
        (unit(**{"x" * 64: str}), "too long"),
        (Unit("sagicc", "acme", "async_sync_1"), "is ours"),
        (Unit("v" * 40, "acme", "r" * 40), "too long"),
    ],
)
def test_names_that_cannot_be_are_refused(of, why):
    with pytest.raises(ConfigError, match=why):
        ddl("sqlite", [of])


@given(st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("1E+5000"))
@example(Decimal("-0.00"))
def test_a_number_keeps_every_digit_in_sqlite(number):
    kind = ExactNumber()
    text = kind.process_bind_param(number, None)
    assert kind.process_result_value(text, None) == number
    assert len(text) < 500


@given(st.lists(moments, min_size=2, max_size=2))
def test_moments_sort_in_sqlite_as_they_follow_each_other(pair):
    kind = Moment()
    texts = [kind.process_bind_param(moment, None) for moment in pair]
    assert [kind.process_result_value(text, None) for text in texts] == pair
    assert (texts[0] < texts[1]) == (pair[0] < pair[1])


async def _run(sink, script):
    for statement in filter(str.strip, script.split(";")):
        await query(sink, statement)
