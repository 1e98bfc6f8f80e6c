"""The ways in which the pages of one list are read: into records, into mappings, or left as bytes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Protocol

import attrs
import msgspec

from .convert import EncodedReader, PageData, PageReader, RawReader
from .model import Record
from .plan import Reader


class Readers(Protocol):
    """
    Makes the readers of a list.

    A vendor whose envelope is documented has `DeclaredReaders`. One whose envelope must be found out brings its own,
    which find the array of records in a body and leave reading it to `PageReader` and its kin.
    """

    def records(self, model: type[Record], zone: tzinfo) -> Reader[Any]:
        """Read into records of a model."""

    def mappings(self) -> Reader[dict[str, Any]]:
        """Read into exact mappings."""

    def encoded(self, check: type[Record] | None, zone: tzinfo) -> Reader[msgspec.Raw]:
        """
        Leave each record as its own JSON, a view into its page.

        With a model to check it against, stop at a record that does not fit.
        """


@attrs.frozen
class DeclaredReaders:
    """
    Readers of lists whose envelope is documented.

    Args:
        items: Dotted path of the array of records; `None` if the body is the array.
        meta: Dotted paths of further values of the page, by name.
    """

    items: str | None
    meta: Mapping[str, str] = attrs.field(factory=dict)

    def records(self, model: type[Record], zone: tzinfo) -> Reader[Any]:
        """Read into records."""
        known: Any = model  # as a key of the cache: mypy takes the class's __hash__ for the instances'
        return _page_reader(known, self.items, tuple(self.meta.items()), zone)

    def mappings(self) -> Reader[dict[str, Any]]:
        """Read into mappings."""
        return _raw_reader(self.items, tuple(self.meta.items()))

    def encoded(self, check: type[Record] | None, zone: tzinfo) -> Reader[msgspec.Raw]:
        """Leave them encoded."""
        known: Any = check
        return _encoded_reader(known, self.items, tuple(self.meta.items()), zone)


@attrs.frozen
class Copied:
    """
    Gives each encoded record bytes of its own, so that one that is kept does not keep its whole page.

    Args:
        views: Reads the page.
    """

    views: Reader[msgspec.Raw]

    def read(self, body: bytes) -> PageData[bytes]:
        """Read a page; raises what the other raises."""
        page = self.views.read(body)
        return PageData(list(map(bytes, page.items)), page.meta, page.problem)


# One reader of each kind: making its decoder costs more than reading a small page.


@functools.lru_cache(maxsize=256)
def _page_reader(model: Any, items: str | None, meta: tuple[tuple[str, str], ...], zone: tzinfo) -> PageReader[Any]:
    return PageReader(model, items=items, meta=dict(meta), zone=zone)


@functools.lru_cache(maxsize=256)
def _raw_reader(items: str | None, meta: tuple[tuple[str, str], ...]) -> RawReader:
    return RawReader(items=items, meta=dict(meta))


@functools.lru_cache(maxsize=256)
def _encoded_reader(check: Any, items: str | None, meta: tuple[tuple[str, str], ...], zone: tzinfo) -> EncodedReader:
    reader = None if check is None else _page_reader(check, items, meta, zone)
    return EncodedReader(items=items, meta=dict(meta), check=reader)
