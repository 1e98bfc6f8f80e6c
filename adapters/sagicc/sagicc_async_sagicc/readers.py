"""Reads Sagicc's lists, whatever stands around their records, in one pass once that is known."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from sagicc_async import DeclaredReaders, PageData, ProtocolError, Reader, Record, RequestError

from .answers import failure_of, says_failed
from .envelope import FIGURES, Extent, extent_of, find_rows
from .models import is_model, relations_of_class

T = TypeVar("T")

_OTHER_STYLE: Final = ", a relation: this instance may speak the other relations_style, as `check sagicc` tells"
_FLAGS: Final = ("success", "error", "errors")
#: The envelopes that are recognised again while their records are read: path of the rows -> what to read beside them.
_KNOWN: Final[dict[str | None, dict[str, str]]] = {
    None: {},
    "data": {name: name for name in (*_FLAGS, *FIGURES)},
    "data.data": {**{name: name for name in _FLAGS}, **{name: f"data.{name}" for name in FIGURES}},
}


@attrs.define(eq=False)
class Instance:
    """
    What was learned of an instance: shared by all that asks it, and never trusted without another look.

    Attributes:
        envelope: Which of the guesses its lists were.
        path: Where the rows stood.
        per_page: Records that it said it gives on a page, last time.
        short_page: Records on the last page that was shorter than asked for and not the end of its list.
        page_cap: The most records that it gives on a page, if it was found to lower what is asked for.
    """

    envelope: str | None = None
    path: str | None = None
    per_page: int | None = None
    short_page: int | None = None
    page_cap: int | None = None


@functools.lru_cache(maxsize=1024)
def instance_at(base_url: str) -> Instance:
    """What this process has learned of the instance at an address."""
    return Instance()


@attrs.frozen
class SagiccReaders:
    """
    Makes the readers of a list.

    Args:
        instance: Remembers the envelope.
        record_path: Where the records stand, if the user knows it.
        counted: Whether totals count what comes: not where tables are joined, since nobody says which rows are counted.
    """

    instance: Instance
    record_path: str | None = None
    counted: bool = True

    def records(self, model: type[Record], zone: tzinfo) -> Reader[Any]:
        """Read into records of a class."""
        relations = (
            frozenset(found.name for found in relations_of_class(model)) if is_model(model) else frozenset[str]()
        )
        return _Reading(self, lambda readers: readers.records(model, zone), relations)

    def mappings(self) -> Reader[dict[str, Any]]:
        """Read into mappings."""
        return _Reading(self, lambda readers: readers.mappings())

    def encoded(self, check: type[Record] | None, zone: tzinfo) -> Reader[msgspec.Raw]:
        """Leave them encoded."""
        return _Reading(self, lambda readers: readers.encoded(check, zone))


class _Reading(Generic[T]):
    """Reads pages: in one go where the envelope is the one of the page before, else by finding the records first."""

    def __init__(
        self,
        way: SagiccReaders,
        choose: Callable[[DeclaredReaders], Reader[T]],
        relations: frozenset[str] = frozenset(),
    ) -> None:
        self._way = way
        self._choose = choose
        self._relations = relations

    def read(self, body: bytes) -> PageData[T]:
        """
        Read a page.

        Raises:
            ValidationFailed: Its flags say that the request failed.
            ProtocolError: The records cannot be found in it.
        """
        data = self._read(body)
        if isinstance(data, RequestError):
            del body  # neither the error nor its traceback keeps the page
            raise data
        return data

    def _read(self, body: bytes) -> PageData[T] | RequestError:
        instance = self._way.instance
        try:
            if instance.envelope is not None and instance.path in _KNOWN and self._way.record_path is None:
                data = self._read_at(instance.path, body)
                if data is not None:
                    return data
            return self._read_anew(body)
        except RequestError as error:
            return error.with_traceback(None)

    def _read_at(self, path: str | None, body: bytes) -> PageData[T] | None:
        """The page, if its records stand where they stood on the one before."""
        try:
            data = self._choose(DeclaredReaders(path, _KNOWN[path])).read(body)
        except ProtocolError:
            return None
        if not data.items or says_failed(*(data.meta.get(flag) for flag in _FLAGS)):
            return None  # nothing there may also mean that it is another envelope
        return self._measured(data, extent_of(data.meta, _count(data)))

    def _read_anew(self, body: bytes) -> PageData[T]:
        failure = failure_of(body)
        if failure is not None:
            raise failure
        found = find_rows(body, record_path=self._way.record_path, before=self._way.instance.path)
        data = self._choose(DeclaredReaders(None)).read(found.rows)
        if data.problem is not None and found.path is not None:
            path = data.problem.path.replace("$", f"$.{found.path}", 1)
            data.problem = attrs.evolve(data.problem, path=path)
        if data.items:
            self._way.instance.envelope, self._way.instance.path = found.name, found.path
        return self._measured(data, extent_of(found.figures, _count(data)))

    def _measured(self, data: PageData[T], extent: Extent) -> PageData[T]:
        self._way.instance.per_page = extent.per_page
        if data.problem is not None and data.problem.path.rpartition(".")[2] in self._relations:
            data.problem = attrs.evolve(data.problem, expected=f"{data.problem.expected}{_OTHER_STYLE}")
        data.meta = {"total": extent.total, "last": extent.last} if self._way.counted else {}
        return data


def _count(data: PageData[Any]) -> int:
    return len(data.items) if data.problem is None else data.problem.index + 1
