"""CSV and Parquet: every value as exact as the vendor's, every column what it promises."""

from __future__ import annotations

import csv
import enum
import io
import json
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pyarrow
import pytest
from pyarrow import parquet

from sagicc_async import CheckpointMismatch, ConfigError, Record, ServerError, field, record
from sagicc_async.export import export, unfinished
from sagicc_async.export.columns import columns_of
from sagicc_async.export.table import head_line, row_encoder
from sagicc_async.records.as_written import Amount, Day, Minutes
from sagicc_async.records.timestamps import Timestamp


class Colour(enum.Enum):
    RED = "rojo"


@record
class Everything(Record):
    text: str | None = field(default=None)
    number: int | None = field(default=None)
    flag: bool | None = field(default=None)
    share: float | None = field(default=None)
    price: Decimal | None = field(wire="Price", default=None)
    when: Timestamp | None = field(default=None)
    day: date | None = field(default=None)
    at: time | None = field(default=None)
    key: UUID | None = field(default=None)
    colour: Colour | None = field(default=None)
    kind: Literal["a", "b"] | None = field(default=None)
    lines: list[dict[str, Any]] | None = field(default=None)
    other: Any = field(default=None)


FULL = {
    "text": 'ñandú, "grande"\nsí',
    "number": 7,
    "flag": True,
    "share": 0.5,
    "Price": Decimal("12345678901234567.1000000000"),
    "when": "2026-01-02T03:04:05-05:00",
    "day": "2026-01-02",
    "at": "03:04:05",
    "key": "12345678-1234-5678-1234-567812345678",
    "colour": "rojo",
    "kind": "a",
    "lines": [{"total": Decimal("1.50")}],
    "other": "x",
    "nuevo": Decimal("0.10"),
}


def as_csv(*rows: dict[str, Any], model: type[Record] = Everything) -> bytes:
    columns = columns_of(model, "csv")
    return head_line(columns) + row_encoder(columns)([model.from_dict(row) for row in rows])


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_columns_are_the_vendors_names_in_order_and_one_for_the_rest():
    names = columns_of(Everything, "csv").names

    assert names[:6] == ("text", "number", "flag", "share", "Price", "when")
    assert names[-1] == "extra"


def test_a_csv_value_is_exact():
    [row] = read_csv(as_csv(FULL))

    assert row["text"] == FULL["text"]
    assert row["Price"] == "12345678901234567.1000000000"
    assert row["when"] == "2026-01-02T03:04:05-05:00"  # the vendor's own text
    assert (row["flag"], row["day"], row["at"], row["key"]) == ("true", "2026-01-02", "03:04:05", FULL["key"])
    assert (row["colour"], row["kind"], row["other"]) == ("rojo", "a", "x")
    assert row["lines"] == '[{"total":1.50}]'
    assert row["extra"] == '{"nuevo":0.10}'


def test_a_missing_value_is_nothing_and_an_empty_text_is_quoted():
    lines = as_csv({"text": "", "number": None}).split(b"\r\n")

    assert lines[1] == b'"",' + b"," * (len(columns_of(Everything, "csv").names) - 2)


def test_a_large_exponent_is_written_out():
    [row] = read_csv(as_csv({"Price": Decimal("1.5E+5")}))

    assert row["Price"] == "150000"


def test_values_in_a_form_of_the_vendors_own_are_numbers_and_dates_in_their_columns():
    @record
    class Odd(Record):
        price: Decimal | None = field(default=None, read=lambda text: Amount.read(text, Decimal("1234.50")))
        time: int | None = field(default=None, read=lambda text: Minutes.read(text, 450))
        day: date | None = field(default=None, read=lambda text: Day.read(text, date(2026, 11, 25)))

    [row] = read_csv(as_csv({"price": "1.234,50", "time": "07:30", "day": "25/11/2026"}, model=Odd))

    assert row == {"price": "1234.50", "time": "450", "day": "2026-11-25", "extra": ""}


def test_a_field_of_the_vendors_that_is_called_extra_keeps_its_name():
    @record
    class Crowded(Record):
        extra_: str | None = field(wire="extra", default=None)

    [row] = read_csv(as_csv({"extra": "a", "b": 1}, model=Crowded))

    assert row == {"extra": "a", "_extra": '{"b":1}'}


def test_a_list_without_declared_fields_is_no_table():
    with pytest.raises(ConfigError, match="export it as jsonl"):
        columns_of(Record, "csv")


async def test_csv_rows_are_all_records(vendor, tmp_path):
    await export(vendor.stream(), tmp_path / "a.csv")

    rows = read_csv((tmp_path / "a.csv").read_bytes())
    assert [row["id"] for row in rows] == [str(n) for n in range(1, 96)]
    assert rows[0]["_price"] == "1.10000000000000000000"
    assert json.loads(rows[0]["extra"]) == {"nuevo": {"x": 1.5}}


def as_table(tmp_path, *rows):
    """Write records as an export does, and read the file back."""
    from sagicc_async.export.parquet import ParquetSink
    from sagicc_async.export.part import Part

    with Part(tmp_path / "a.parquet", folder=True) as part:
        part.begin(resume=False, restart=False)
        sink = ParquetSink(part, columns_of(Everything, "parquet"))
        sink.begin(None)
        sink.write([Everything.from_dict(row) for row in rows])
        sink.commit()
        sink.finish()
    return parquet.read_table(tmp_path / "a.parquet")


def test_a_parquet_column_has_the_type_of_its_field(tmp_path):
    table = as_table(tmp_path, FULL, {})

    assert {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)} == {
        "text": "string",
        "number": "int64",
        "flag": "bool",
        "share": "double",
        "Price": "decimal128(38, 10)",
        "when": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "at": "string",
        "key": "string",
        "colour": "string",
        "kind": "string",
        "lines": "string",
        "other": "string",
        "extra": "string",
    }


def test_a_parquet_value_is_exact(tmp_path):
    full, empty = as_table(tmp_path, FULL, {}).to_pylist()

    assert full["Price"] == Decimal("12345678901234567.1000000000")
    assert full["when"] == datetime(2026, 1, 2, 8, 4, 5, tzinfo=UTC)
    assert (full["number"], full["flag"], full["share"], full["day"]) == (7, True, 0.5, date(2026, 1, 2))
    assert (full["at"], full["key"], full["colour"], full["kind"]) == ("03:04:05", FULL["key"], "rojo", "a")
    assert (full["lines"], full["other"], full["extra"]) == ('[{"total":1.50}]', '"x"', '{"nuevo":0.10}')
    assert set(empty.values()) == {None}


def test_a_parquet_moment_is_its_instant_to_the_microsecond(tmp_path):
    [row] = as_table(tmp_path, {"when": "2026-01-02T03:04:05.1234567-05:00"}).to_pylist()

    assert row["when"] == datetime(2026, 1, 2, 8, 4, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [("Price", Decimal("0.12345678901")), ("Price", Decimal("1e29")), ("number", 2**63)],
)
def test_a_value_that_would_lose_digits_is_refused_with_its_column(tmp_path, name, value):
    with pytest.raises(ConfigError, match=f"column {name} does not fit") as caught:
        as_table(tmp_path, {name: value})

    assert str(value) not in str(caught.value)
    assert caught.value.__context__ is None


async def test_parquet_rows_are_all_records_also_after_a_cut(vendor, tmp_path, monkeypatch):
    vendor.rows = [row.replace("0000000000,", ",") for row in vendor.rows]
    monkeypatch.setattr("sagicc_async.export.parquet._BATCH", 20)
    monkeypatch.setattr("sagicc_async.export.parquet._ROW_GROUP", 40)
    await export(vendor.stream(), tmp_path / "whole.parquet")
    vendor.at[6] = ServerError("down")
    with pytest.raises(ServerError):
        await export(vendor.stream(), tmp_path / "cut.parquet")
    segments = sorted(file.name for file in (tmp_path / "cut.parquet.part").iterdir())
    (tmp_path / "cut.parquet.part" / "000003.parquet").write_bytes(b"half of a segm")
    vendor.at = {}

    await export(vendor.stream(), tmp_path / "cut.parquet", resume=True)

    whole, cut = (parquet.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "cut"))
    assert segments == ["000000.parquet", "000001.parquet", "000002.parquet"]
    assert whole.equals(cut)
    assert whole.column("id").to_pylist() == list(range(1, 96))
    assert parquet.ParquetFile(tmp_path / "whole.parquet").metadata.num_row_groups == 3
    assert unfinished(tmp_path / "cut.parquet") is None


def test_segments_that_do_not_count_give_their_room_back(tmp_path):
    from sagicc_async.export.parquet import ParquetSink
    from sagicc_async.export.part import Part

    with Part(tmp_path / "a.parquet", folder=True) as part:
        sink = ParquetSink(part, columns_of(Everything, "parquet"))
        for _ in range(4):
            sink.write([Everything.from_dict(FULL)])
            sink.commit()
        ParquetSink(part, columns_of(Everything, "parquet")).begin(2)

        assert sorted(file.name for file in part.path.iterdir()) == ["000000.parquet", "000001.parquet"]


async def test_segments_whose_columns_had_other_types_are_not_gone_on_with(vendor, tmp_path, monkeypatch):
    vendor.rows = [row.replace("0000000000,", ",") for row in vendor.rows]
    monkeypatch.setattr("sagicc_async.export.parquet._BATCH", 20)
    vendor.at[6] = ServerError("down")
    with pytest.raises(ServerError):
        await export(vendor.stream(), tmp_path / "a.parquet")
    segments = tmp_path / "a.parquet.part"
    first = segments / "000000.parquet"
    table = parquet.read_table(first)
    vendor.asked.clear()

    for name, kind in (("id", pyarrow.string()), ("_price", pyarrow.float64())):
        place = table.schema.get_field_index(name)
        parquet.write_table(table.set_column(place, name, table.column(name).cast(kind)), first)
        with pytest.raises(CheckpointMismatch, match=r"other types .*--restart"):
            await export(vendor.stream(), tmp_path / "a.parquet", resume=True)
    first.write_bytes(b"PAR1 and no more")
    with pytest.raises(CheckpointMismatch, match=r"damaged; .*--restart"):
        await export(vendor.stream(), tmp_path / "a.parquet", resume=True)
    assert vendor.asked == []  # and not after the whole list was read

    parquet.write_table(table.replace_schema_metadata({"a": "b"}), first)  # which says nothing of the columns
    vendor.at = {}
    assert (await export(vendor.stream(), tmp_path / "a.parquet", resume=True)).resumed_from == 50


async def test_a_missing_segment_is_told(vendor, tmp_path, monkeypatch):
    vendor.rows = [row.replace("0000000000,", ",") for row in vendor.rows]
    monkeypatch.setattr("sagicc_async.export.parquet._BATCH", 20)
    vendor.at[6] = ServerError("down")
    with pytest.raises(ServerError):
        await export(vendor.stream(), tmp_path / "a.parquet")
    (tmp_path / "a.parquet.part" / "000001.parquet").unlink()

    with pytest.raises(CheckpointMismatch, match="segments are missing"):
        await export(vendor.stream(), tmp_path / "a.parquet", resume=True)


async def test_parquet_without_pyarrow_says_what_to_install(vendor, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "sagicc_async.export.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ConfigError, match=r"pip install 'sagicc-async\[parquet\]'"):
        await export(vendor.stream(), tmp_path / "a.parquet")

    assert list(tmp_path.iterdir()) == []
