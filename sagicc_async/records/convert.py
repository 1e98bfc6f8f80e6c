"""From the bytes of a page to its records: typed, as exact mappings, or as the vendor's own bytes."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from ..errors import ProtocolError
from .envelope import Envelope
from .model import Record
from .structuring import MAX_DIGITS, UNREADABLE, Fault, first_fault, structurer
from .wire_struct import WireReader, learn, plain_values, wire_reader

R = TypeVar("R", bound=Record)
T = TypeVar("T")

#: Of bytes and of views alike, as a tuple.
_first_byte: Final[Callable[[Any], tuple[int]]] = struct.Struct("B").unpack_from
_OBJECT: Final = frozenset({(ord("{"),)})


@attrs.frozen
class Problem:
    """
    The first record of a page that is not what its model declares; no value of it is kept.

    Attributes:
        path: Where, in the wire's names: `$.result[2].codigo`.
        expected: What would fit there: `str`, `a listed value`, `int (the field is missing)`.
        index: Which record of the page, from 0.
    """

    path: str
    expected: str
    index: int

    def __str__(self) -> str:
        return f"expected {self.expected} at {self.path}"


@attrs.define
class PageData(Generic[T]):
    """
    What a page holds.

    Attributes:
        items: The records; where one is bad, those before it.
        meta: The further values that the reader was asked for, exact; `None` for one that the page lacks.
        problem: The first bad record, if there is one.
    """

    items: list[T]
    meta: dict[str, Any] = attrs.field(factory=dict)
    problem: Problem | None = None


class PageReader(Generic[R]):
    """
    Reads pages into records of a model.

    Readers of one model share what they learn about its vendor, in all threads. A page whose records are all as
    declared is read in one go; else its records are read one by one, and those that still do not fit go through
    cattrs, which takes the documented liberties (an `int` that comes as digits) and explains the rest.

    Args:
        model: The class of the records.
        items: Dotted path of the page's array; `None` where the body itself is the array. One that is missing or null
            reads as empty.
        meta: Dotted paths of further values of the page, by the names that they get in `PageData.meta`.
        zone: Where the account lives, for timestamps without an offset.

    Raises:
        ConfigError: The model or a path cannot be read.
    """

    def __init__(
        self,
        model: type[R],
        *,
        items: str | None = "result",
        meta: Mapping[str, str] | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self._model = model
        self._zone = zone
        self._envelope = Envelope(items, dict(meta or {}))
        self._split = self._envelope.opener(msgspec.Raw)
        self._fast = self._fast_path(wire_reader(model))

    def read(self, body: bytes) -> PageData[R]:
        """
        Read a page.

        Args:
            body: The whole body, decompressed.

        Returns:
            Its records, unknown fields in the `extra` of each, and the further values.

        Raises:
            ProtocolError: The body is not JSON, or has another shape than declared. The message says in kind what was
                expected and found; neither it nor its traceback keeps the body.
        """
        reader, open_body = self._fast
        if reader.informed:
            try:
                items, meta = open_body(body)
                return PageData(reader.lift(items or [], self._zone), meta)
            except Exception:  # noqa: BLE001, S110 read again, record by record, which finds out what it was
                pass
        data = _read_each(self._envelope, self._split, body, self._read_one)
        # Swapped as one tuple, so that another thread never pairs an opener with the wrong lift.
        if reader.stale:
            self._fast = self._fast_path(wire_reader(self._model))
        if isinstance(data, str):
            del body
            raise ProtocolError(data)
        return data

    def _read_one(self, raw: msgspec.Raw, page: _Lesson) -> R | Fault:
        return _read_one(self._model, raw, page, self._zone)

    def _fast_path(self, reader: WireReader) -> tuple[WireReader, Callable[[bytes], tuple[Any, dict[str, Any]]]]:
        return reader, self._envelope.opener(reader.wire)


class RawReader:
    """
    Reads pages into exact mappings: the vendor's keys, `int` and `Decimal` for numbers, no model asked.

    Args:
        items: Dotted path of the page's array, as for `PageReader`.
        meta: Dotted paths of further values, as for `PageReader`.

    Raises:
        ConfigError: A path cannot be read.
    """

    def __init__(self, *, items: str | None = "result", meta: Mapping[str, str] | None = None) -> None:
        self._envelope = Envelope(items, dict(meta or {}))
        self._split = self._envelope.opener(msgspec.Raw)
        self._open = self._envelope.opener(dict[str, Any])

    def read(self, body: bytes) -> PageData[dict[str, Any]]:
        """
        Read a page; as `PageReader.read`, and a record is bad if it is no object or holds an absurd number.

        Raises:
            ProtocolError: The body is not JSON, or has another shape than declared.
        """
        try:
            items, meta = self._open(body)
            return PageData(items or [], meta)
        except UNREADABLE:
            pass
        data = _read_each(self._envelope, self._split, body, _read_mapping)
        if isinstance(data, str):
            del body
            raise ProtocolError(data)
        return data


class EncodedReader:
    """
    Reads pages into each record's own JSON, one line each, exactly as the vendor wrote it.

    What is inside a record is passed on as it is: every digit, duplicate keys, bytes that are not UTF-8. Only that it is
    an object is looked at. The records are views into the body, which lives as long as one of them.

    Args:
        items: Dotted path of the page's array, as for `PageReader`.
        meta: Dotted paths of further values, as for `PageReader`.
        check: Reads the same pages into records: where one is bad, the lines end in front of it.

    Raises:
        ConfigError: A path cannot be read.
    """

    def __init__(
        self,
        *,
        items: str | None = "result",
        meta: Mapping[str, str] | None = None,
        check: PageReader[Any] | None = None,
    ) -> None:
        self._envelope = Envelope(items, dict(meta or {}))
        self._check = check
        self._split = self._envelope.opener(msgspec.Raw)

    def read(self, body: bytes) -> PageData[msgspec.Raw]:
        """
        Split a page.

        Args:
            body: The whole body, decompressed.

        Returns:
            A view of each record's bytes. Only a page with line breaks has its records rewritten, without the white space
            between their tokens.

        Raises:
            ProtocolError: The body is not JSON, or has another shape than declared.
        """
        try:
            items, meta = self._split(body)
        except UNREADABLE as error:
            wrong = self._envelope.explain(body, error)
        else:
            lines: list[msgspec.Raw] = items or []
            if b"\n" in body or b"\r" in body:
                lines = [msgspec.Raw(msgspec.json.format(bytes(line), indent=-1)) for line in lines]
            problem = self._check.read(body).problem if self._check is not None else self._no_object(lines)
            return PageData(lines if problem is None else lines[: problem.index], meta, problem)
        del body
        raise ProtocolError(wrong)

    def _no_object(self, lines: list[msgspec.Raw]) -> Problem | None:
        """The first that is no record at all: without a model only that is looked at."""
        if set(map(_first_byte, lines)) <= _OBJECT:  # in C: this is looked at for every record of an export
            return None
        index = next(index for index, line in enumerate(lines) if _first_byte(line) not in _OBJECT)
        return Problem(f"{self._envelope.path}[{index}]", "object", index)


def read_record(model: type[R], body: bytes, *, at: str | None = None, zone: tzinfo = UTC) -> R:
    """
    Read an answer that holds a single record.

    Args:
        model: The class of the record.
        body: The whole body, decompressed.
        at: Dotted path of the record; `None` where the body itself is it.
        zone: Where the account lives, for timestamps without an offset.

    Raises:
        ProtocolError: The body is not JSON, there is no record, or a value does not fit; the message has the path and
            what was expected, never the value.
        ConfigError: The model cannot be read.
    """
    envelope, split = _single(at)
    try:
        raw, _ = split(body)
    except UNREADABLE as error:
        wrong = envelope.explain(body, error)
    else:
        found = Fault("", "object") if raw is None else _read_one(model, raw, _Lesson([raw]), zone)
        if not isinstance(found, Fault):
            return found
        wrong = f"expected {found.expected} at {envelope.path}{found.path}"
        del raw
    del body
    raise ProtocolError(wrong)


@functools.lru_cache(maxsize=256)
def _single(at: str | None) -> tuple[Envelope, Callable[[bytes], tuple[Any, dict[str, Any]]]]:
    envelope = Envelope(at, single=True)
    return envelope, envelope.opener(msgspec.Raw)


@attrs.define
class _Lesson:
    """
    The records of a page, from which more can be learned about a vendor: once, and of all of them together.

    Args:
        records: Their JSON.
    """

    records: Sequence[msgspec.Raw]
    _taught: bool = attrs.field(default=False, init=False)

    def teaches(self, model: type[Record]) -> bool:
        """Learn from the page; tell whether there is more to know of the model than before."""
        if self._taught:
            return False
        self._taught = True
        before = wire_reader(model)
        learn(model, self.records)
        return before.stale


def _read_each(
    envelope: Envelope,
    split: Callable[[bytes], tuple[Any, dict[str, Any]]],
    body: bytes,
    read_one: Callable[[msgspec.Raw, _Lesson], T | Fault],
) -> PageData[T] | str:
    """Read a page record by record, up to the first bad one; a text says what is wrong with the page itself."""
    try:
        content, meta = split(body)
    except UNREADABLE as error:
        return envelope.explain(body, error)
    page: list[msgspec.Raw] = content or []
    items: list[T] = []
    lesson = _Lesson(page)
    for index, raw in enumerate(page):
        found = read_one(raw, lesson)
        if isinstance(found, Fault):
            return PageData(items, meta, Problem(f"{envelope.path}[{index}]{found.path}", found.expected, index))
        items.append(found)
    return PageData(items, meta)


def _read_one(model: type[R], raw: msgspec.Raw, page: _Lesson, zone: tzinfo) -> R | Fault:
    """Read a record: the fast way, once more with what its page teaches, and last by cattrs."""
    while True:
        reader = wire_reader(model)
        try:
            if reader.informed:
                record: R = reader.lift([reader.decode(raw)], zone)[0]
                return record
        except Exception:  # noqa: BLE001, S110 whatever it was: the page teaches how to read it, or cattrs explains it
            pass
        if not page.teaches(model):
            break
    value = _read_mapping(raw, page)
    if isinstance(value, Fault):
        return value
    try:
        record = structurer(zone).structure(value, model)
    except Exception as error:  # noqa: BLE001 a model's own checks may raise what they like
        return first_fault(error)
    return record


def _read_mapping(raw: msgspec.Raw, _: _Lesson) -> dict[str, Any] | Fault:
    """Read a record into plain values."""
    try:
        value = plain_values(raw)
    except UnicodeDecodeError:
        return Fault("", "UTF-8 text")
    except RecursionError:
        return Fault("", "JSON that is nested less deeply")
    except (msgspec.DecodeError, ArithmeticError):
        return Fault("", f"numbers of at most {MAX_DIGITS} digits")
    return value if type(value) is dict else Fault("", "object")
