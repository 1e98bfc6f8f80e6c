"""How a declared list is cut: which records a request asks for, and what the answer says of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from ...declared.declaration import CursorEntry, LinkEntry, NoPaging, NumberEntry, OffsetEntry, PagingEntry

#: The parameter of links to further pages. The links are the sandbox's own, as a vendor's are the vendor's.
_PLACE: Final = "from"
_CURSOR: Final = "after-"


@attrs.frozen
class Page:
    """
    What was asked for.

    Args:
        offset: How many records to leave out.
        size: How many to send at most; `None` for all.
    """

    offset: int
    size: int | None


def parameters(paging: PagingEntry) -> frozenset[str]:
    """Return the parameters that a list may be asked with besides its own."""
    match paging:
        case NumberEntry():
            names = {paging.number, paging.size}
        case OffsetEntry():
            names = {paging.offset, paging.limit}
        case CursorEntry():
            names = {paging.cursor, paging.size}
        case LinkEntry():
            names = {_PLACE, paging.size}
        case _:
            names = set()
    return frozenset(name for name in names if name is not None)


def page_of(paging: PagingEntry, query: Mapping[str, str], *, ignored: bool, cap: int | None) -> Page:
    """
    Return which records a request asks for.

    Args:
        paging: As declared.
        query: The request's parameters.
        ignored: Whether the place is ignored, so that each page is the first one.
        cap: Most records on a page, whatever is asked for.

    Raises:
        ValueError: A parameter means nothing; the text says which.
    """
    if isinstance(paging, NoPaging):
        return Page(0, None)
    named = paging.limit if isinstance(paging, OffsetEntry) else paging.size
    size = _whole(query, named, paging.page_size, least=1)
    size = size if cap is None else min(size, cap)
    match paging:
        case NumberEntry():
            offset = (_whole(query, paging.number, paging.first, least=paging.first) - paging.first) * size
        case OffsetEntry():
            offset = _whole(query, paging.offset, 0, least=0)
        case CursorEntry():
            text = query.get(paging.cursor, f"{_CURSOR}0")
            if not text.startswith(_CURSOR):
                raise ValueError(f"the parameter {paging.cursor} is no cursor of this list")
            offset = _whole({paging.cursor: text.removeprefix(_CURSOR)}, paging.cursor, 0, least=0)
        case _:
            offset = _whole(query, _PLACE, 0, least=0)
    return Page(0 if ignored else offset, size)


def told(paging: PagingEntry, page: Page, total: int, address: str, query: Mapping[str, str]) -> list[tuple[str, Any]]:
    """
    Return what the body says besides the records, with pointers.

    Args:
        paging: As declared.
        page: What was asked for.
        total: How many records there are.
        address: Where the list is.
        query: The request's parameters.
    """
    if isinstance(paging, NoPaging):
        return []
    found: list[tuple[str | None, Any]] = [(paging.total, total)]
    end = page.offset + (page.size or 0)
    if isinstance(paging, NumberEntry):
        found.append((paging.last, max(1, -(-total // (page.size or 1))) + paging.first - 1))
    elif isinstance(paging, CursorEntry):
        found.append((paging.next, f"{_CURSOR}{end}" if end < total else None))
    elif isinstance(paging, LinkEntry):
        found.append((paging.next, next_link(page, total, address, query)))
    return [(pointer, value) for pointer, value in found if pointer is not None]


def next_link(page: Page, total: int, address: str, query: Mapping[str, str]) -> str | None:
    """Return the address of the next page; `None` on the last one."""
    end = page.offset + (page.size or 0)
    return f"{address}?{urlencode({**query, _PLACE: end})}" if end < total else None


def _whole(query: Mapping[str, str], name: str | None, default: int, *, least: int) -> int:
    text = None if name is None else query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= least):
        raise ValueError(f"the parameter {name} must be a whole number of at least {least}")
    return int(text)
