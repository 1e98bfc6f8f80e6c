"""
What stands around Sagicc's records: a pure function that finds them.

No page of the vendor and no public code shows one response body, so all that is known are five guesses, of which the
likeliest is Laravel's paginator. The function tries them in the order of the contract, 6, and says which it was. It
looks at keys and kinds alone: records are decoded by whoever wants them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs
import msgspec

from sagicc_async import ProtocolError

Name: TypeAlias = Literal["configured", "array", "data", "data.data", "single array", "object"]

#: Where totals stand beside the rows, the first that is there counts; and the other figures that are looked for.
_TOTALS: Final = ("total", "meta.total", "totalSize", "dataTotalSize", "recordsTotal", "count")
_LASTS: Final = ("last_page", "meta.last_page")
_SIZES: Final = ("per_page", "meta.per_page")
FIGURES: Final = (*_TOTALS, *_LASTS, *_SIZES)
#: Keys that stand beside `data` in an answer. A record may have columns of these names, and then has its `id` among them.
_AROUND: Final = frozenset({"success", "status", "message"})
_shallow = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])
_value = msgspec.json.Decoder(Any)


@attrs.frozen(kw_only=True)
class Found:
    """
    Where the records of a body stand.

    Args:
        rows: The JSON of the array of records, or of the one record.
        name: Which guess it was.
        path: Dotted path of the rows; `None` where the body itself is them.
        figures: What stands beside them under the names of `FIGURES`, as it came.
    """

    rows: bytes = attrs.field(repr=False)
    name: Name
    path: str | None
    figures: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Extent:
    """
    How long a list is, as far as an answer says.

    Args:
        total: Records in the whole list.
        last: Number of the last page.
        per_page: Records that the instance gives on a page.
    """

    total: int | None = None
    last: int | None = None
    per_page: int | None = None


def find_rows(body: bytes, *, record_path: str | None = None, before: str | None = None) -> Found:
    """
    Find the records in the answer to a list.

    Args:
        body: The whole body.
        record_path: Dotted path (or JSON pointer) of the array, where the user knows it.
        before: The key at which the records of the page before stood, to tell it from other arrays on an empty page.

    Raises:
        ProtocolError: It is not JSON, or holds no array that can only be the records. The message names keys and kinds,
            never values.
    """
    kind = _kind(body)
    if record_path is not None:
        return _configured(body, record_path)
    if kind == "array":
        return Found(rows=body, name="array", path=None)
    if kind != "object":
        raise ProtocolError(f"the answer is {kind} instead of JSON records")
    top = _object(body)
    data = top.get("data")
    if data is not None and _kind(data) == "array":
        return Found(rows=bytes(data), name="data", path="data", figures=_figures(top))
    if data is not None and _kind(data) == "object":
        found = _nested(_object(bytes(data)))
        if found is not None:
            return found
    return _only_array(top, before)


def find_record(body: bytes, *, record_path: str | None = None) -> Found:
    """
    Find the record in the answer to a single one: an object, one inside `data`, or an array of one at either place.

    Args:
        body: The whole body.
        record_path: Where the records of lists stand, where the user knows it: looked at first, and no matter if it is
            not there, since nothing says that a single answer looks like a list's.

    Raises:
        ProtocolError: It is not JSON, or holds no record.
    """
    configured = None if record_path is None else _found_at(body, record_path)
    if configured is not None:
        return _one_of(configured)
    kind = _kind(body)
    if kind == "array":
        return _one_of(Found(rows=body, name="array", path=None))
    if kind != "object":
        raise ProtocolError(f"the answer is {kind} instead of a JSON record")
    top = _object(body)
    data = top.get("data")
    if data is not None and _kind(data) in ("object", "array"):
        return _one_of(_in_data(bytes(data)))
    if data is not None and "id" not in top and (len(top) == 1 or _AROUND & top.keys()):
        raise ProtocolError(f"the answer holds no record: {_described(top)}")
    return Found(rows=body, name="object", path=None)


def _in_data(data: bytes) -> Found:
    """What the answer to a single one has in `data`: the record, an array of it, or a list that has it."""
    if _kind(data) == "object":
        inner = _object(data)
        listed = _nested(inner)
        if listed is not None and "id" not in inner:
            return listed
    return Found(rows=data, name="data", path="data")


def _nested(inner: Mapping[str, msgspec.Raw]) -> Found | None:
    """The rows of a list inside `data`, such as a paginator in a wrapper."""
    rows = inner.get("data")
    if rows is None or _kind(rows) != "array":
        return None
    return Found(rows=bytes(rows), name="data.data", path="data.data", figures=_figures(inner))


def _one_of(found: Found) -> Found:
    if _kind(found.rows) != "array":
        return found
    rows = _rows(found.rows)
    if len(rows) != 1:
        raise ProtocolError(f"the answer holds {len(rows)} records where one was asked for")
    return attrs.evolve(found, rows=bytes(rows[0]))


def _configured(body: bytes, path: str) -> Found:
    steps = path.strip("/").replace("/", ".").split(".")
    inside, around = body, dict[str, msgspec.Raw]()
    for step in steps:
        around = _object(inside) if _kind(inside) == "object" else {}
        if step not in around:
            raise ProtocolError(f"the answer has no {path}: {_described(around)}")
        inside = bytes(around[step])
    return Found(rows=inside, name="configured", path=".".join(steps), figures=_figures(around))


def _found_at(body: bytes, path: str) -> Found | None:
    try:
        return _configured(body, path)
    except ProtocolError:
        return None


def _only_array(top: Mapping[str, msgspec.Raw], before: str | None) -> Found:
    arrays = [key for key, value in top.items() if _kind(value) == "array" and _holds_objects(value)]
    full = [key for key in arrays if _rows(bytes(top[key]))]
    if len(full) == 1:
        arrays = full  # an empty one beside it may be anything
    elif not full and before in arrays:
        arrays = [before]
    if len(arrays) != 1:
        choice = f"; name one of them: record_path={arrays[0]!r}" if arrays else ""
        raise ProtocolError(f"the records cannot be found in the answer: {_described(top)}{choice}")
    rows = top[arrays[0]]
    return Found(rows=bytes(rows), name="single array", path=arrays[0], figures=_figures(top))


def _holds_objects(value: Any) -> bool:
    return all(_kind(item) == "object" for item in _rows(bytes(value)))


def extent_of(figures: Mapping[str, Any], count: int) -> Extent:
    """
    Read how long the list is out of the figures beside its rows.

    Args:
        figures: Values by the names of `FIGURES`.
        count: Records on this page.
    """
    found = next(((key, number) for key in _TOTALS if (number := _whole(figures.get(key))) is not None), None)
    if found == ("count", count):
        found = None  # it may as well count what is on this page: believing it would end the list here
    return Extent(
        total=None if found is None else found[1],
        last=_first_whole(figures, _LASTS),
        per_page=_first_whole(figures, _SIZES),
    )


def _figures(around: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    meta = around.get("meta")
    inside = _object(bytes(meta)) if meta is not None and _kind(meta) == "object" else {}
    places = {**around, **{f"meta.{key}": value for key, value in inside.items()}}
    return {key: _value.decode(places[key]) for key in FIGURES if key in places}


def _first_whole(figures: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((number for key in keys if (number := _whole(figures.get(key))) is not None), None)


def _whole(number: Any) -> int | None:
    """A whole number, which may come as text."""
    if isinstance(number, str) and number.isascii() and number.isdecimal() and len(number) < 19:
        return int(number)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _object(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _shallow.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise ProtocolError("the answer is not JSON, or is cut off")


def _rows(body: bytes) -> list[msgspec.Raw]:
    try:
        return _array.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise ProtocolError("the answer is not JSON, or is cut off")


def _kind(value: Any) -> str:
    """What a JSON text is, by its first character."""
    start = bytes(memoryview(value)[:64]).lstrip()[:1]
    if not start:
        return "empty"
    if start == b"<":
        return "HTML"
    return {b"[": "array", b"{": "object", b'"': "text", b"n": "null", b"t": "true", b"f": "false"}.get(
        start, "a number"
    )


def _described(keys: Mapping[str, msgspec.Raw]) -> str:
    shown = ", ".join(f"{key} ({_kind(value)})" for key, value in list(keys.items())[:12])
    return f"it has {shown}" if shown else "it has no keys"
