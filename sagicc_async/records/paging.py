"""
How vendors cut a list into pages: strategies without I/O.

A strategy says which parameters ask for a page and which page comes after one. A list without a total ends on an
*empty* page, never on a short one: a server that caps the page size answers short pages all along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeAlias

import attrs
from multidict import CIMultiDict

from ..errors import Unsupported
from ..wire.request import safe_path

#: A place between pages, JSON-able: a page number, an offset, or a link.
Cursor: TypeAlias = int | str

_LINK: Final = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]*))?)*)')
_PARAMETER: Final = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]*))')


@attrs.define
class PageFacts:
    """
    What a strategy may know of the page that arrived.

    Args:
        count: Records on it.
        size: Records that were asked for.
        meta: Envelope values that the strategy asked for, by their names.
        links: The `Link` header, by relation.
        repeats: Whether it holds the same records as the page before it.
        seen: Records on all pages from the first to this one; `None` if the walk began elsewhere.
        pages: Pages that the walk has read, this one among them.
        empty: Pages in a row without a record, up to this one.
    """

    count: int
    size: int
    meta: Mapping[str, Any] = attrs.field(factory=dict)
    links: Mapping[str, str] = attrs.field(factory=dict)
    repeats: bool = False
    seen: int | None = None
    pages: int = 1
    empty: int = 0

    @property
    def before(self) -> int | None:
        """Records on the pages in front of this one; `None` if the walk began elsewhere."""
        return None if self.seen is None else self.seen - self.count

    @property
    def complete(self) -> bool:
        """
        Whether the vendor's total is reached.

        What was seen counts, not what was asked for: sizes are capped. A total that is passed counts something else, or
        another list than this one has become, so it ends nothing.
        """
        return self.total is not None and self.seen == self.total

    @property
    def exhausted(self) -> bool:
        """Whether nothing can follow: an empty page, or a short one that comes again from a vendor that does not page."""
        return self.count == 0 or (self.repeats and self.count < self.size)

    @property
    def total(self) -> int | None:
        """Records in the whole list, if the vendor says so."""
        return self.whole("total")

    def whole(self, name: str) -> int | None:
        """A whole number of the envelope; `None` if it is not there, or something else."""
        value = self.meta.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Paging(Protocol):
    """A way of cutting a list into pages."""

    @property
    def meta(self) -> Mapping[str, str]:
        """Envelope values that `after` needs: name -> dotted path."""

    @property
    def stable(self) -> bool:
        """Whether the vendor keeps the order of the list, so that neighbouring pages may be de-duplicated."""

    @property
    def first(self) -> Cursor:
        """Where a list begins."""

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """The query parameters that ask for a page."""

    def link(self, cursor: Cursor) -> str | None:
        """The address of the page, where it is a link rather than parameters."""

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """The page after this one; `None` at the end."""

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """The page before this one, for a resumed stream to look back; `None` if there is none or nobody can tell."""

    def numbered(self, number: int, size: int) -> Cursor:
        """The place of the n-th page, counted from 1."""

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """Which page stands there, counted from 1; `None` if it has no number."""


@attrs.frozen(kw_only=True)
class NumberPaging:
    """
    Page number and page size as parameters.

    Args:
        number: Parameter of the page number.
        size: Parameter of the page size.
        first: Number of the first page.
        total: Dotted path of the number of all records in the envelope; `None` if the vendor gives none.
        last: Dotted path of the number of the last page in the envelope; `None` if the vendor gives none.
        stable: Whether the order is documented as stable.
    """

    number: str
    size: str
    first: int = 1
    total: str | None = None
    last: str | None = None
    stable: bool = False

    @property
    def meta(self) -> Mapping[str, str]:
        """The total and the last page's number, where the vendor gives them."""
        pointers = {"total": self.total, "last": self.last}
        return {name: pointer for name, pointer in pointers.items() if pointer is not None}

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """Number and size."""
        return {self.size: size, self.number: cursor}

    def link(self, cursor: Cursor) -> str | None:
        """Pages are asked for by parameters."""
        return None

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """The next number, until a page is empty, or the total or the last page is reached."""
        last = page.whole("last")
        if page.exhausted or page.complete or (last is not None and _whole(cursor) >= last):
            return None
        return _whole(cursor) + 1

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """The number before."""
        return _whole(cursor) - 1 if _whole(cursor) > self.first else None

    def numbered(self, number: int, size: int) -> Cursor:
        """Vendors that count from 0 are asked for one less."""
        return self.first + number - 1

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """Counted from 1, however the vendor counts."""
        return _whole(cursor) - self.first + 1


@attrs.frozen(kw_only=True)
class OffsetPaging:
    """
    Offset and limit as parameters.

    Args:
        offset: Parameter of the offset.
        limit: Parameter of the page size.
        total: Dotted path of the number of all records; `None` if the vendor gives none.
        stable: Whether the order is documented as stable.
    """

    offset: str
    limit: str
    total: str | None = None
    stable: bool = False
    first: int = attrs.field(default=0, init=False)

    @property
    def meta(self) -> Mapping[str, str]:
        """The total, if the vendor gives one."""
        return {} if self.total is None else {"total": self.total}

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """Offset and limit."""
        return {self.limit: size, self.offset: cursor}

    def link(self, cursor: Cursor) -> str | None:
        """Pages are asked for by parameters."""
        return None

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """As far on as records came: a server that caps the size leaves no hole."""
        return None if page.exhausted or page.complete else _whole(cursor) + page.count

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """One page size back."""
        return max(0, _whole(cursor) - size) if _whole(cursor) > 0 else None

    def numbered(self, number: int, size: int) -> Cursor:
        """Whole pages from the beginning."""
        return (number - 1) * size

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """Only an offset of whole pages has one."""
        whole, rest = divmod(_whole(cursor), size)
        return None if rest else whole + 1


@attrs.frozen(kw_only=True)
class LinkPaging:
    """
    Each page names the next one: in the envelope, or in the `Link` header.

    Args:
        size: Parameter of the page size on the first request; `None` if there is none.
        next: Dotted path of the link in the envelope; `None` to read the `Link` header's `rel="next"`.
        total: Dotted path of the number of all records; `None` if the vendor gives none.
        stable: Whether the order is documented as stable.
    """

    size: str | None = None
    next: str | None = None
    total: str | None = None
    stable: bool = False
    first: str = attrs.field(default="", init=False)

    @property
    def meta(self) -> Mapping[str, str]:
        """Link and total, where the vendor gives them."""
        pointers = {"next": self.next, "total": self.total}
        return {name: pointer for name, pointer in pointers.items() if pointer is not None}

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """The first page is asked for by parameters, the others by their link."""
        return {self.size: size} if self.size is not None and not cursor else {}

    def link(self, cursor: Cursor) -> str | None:
        """The link itself; the transport refuses one to another origin."""
        return str(cursor) if cursor else None

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """What the page says."""
        link = page.meta.get("next") if self.next is not None else page.links.get("next")
        return str(link) if link else None

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """Links lead forward only."""
        return None

    def numbered(self, number: int, size: int) -> Cursor:
        """Only the first page has an address of its own."""
        if number != 1:
            raise Unsupported("this vendor links its pages one after the other; iterate .pages() to reach one")
        return self.first

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """Links have none."""
        return None


@attrs.frozen(kw_only=True)
class SinglePage:
    """The whole list in one answer."""

    stable: bool = True
    first: int = attrs.field(default=1, init=False)
    meta: Mapping[str, str] = attrs.field(factory=dict, init=False)

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """Nothing to ask for."""
        return {}

    def link(self, cursor: Cursor) -> str | None:
        """There is one address."""
        return None

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """There is no other page."""
        return None

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """There is no other page."""
        return None

    def numbered(self, number: int, size: int) -> Cursor:
        """There is no other page."""
        if number != 1:
            raise Unsupported("this list has one page")
        return self.first

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """There is one."""
        return 1


def links_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The `Link` header, by relation in lower case (RFC 8288)."""
    if "Link" not in headers:
        return {}
    text = ", ".join(CIMultiDict(headers).getall("Link"))
    links: dict[str, str] = {}
    for address, parameters in _LINK.findall(text):
        for name, quoted, bare in _PARAMETER.findall(parameters):
            if name.lower() == "rel":
                links |= dict.fromkeys((quoted or bare).lower().split(), address)
    return links


def shown(cursor: Cursor) -> str:
    """A place for messages: a link without its query, which holds the filters."""
    return safe_path(str(cursor))


def _whole(cursor: Cursor) -> int:
    return cursor if isinstance(cursor, int) else int(cursor)
