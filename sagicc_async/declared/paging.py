"""From a declared way of paging to the core's strategy for it; ends that nobody can trust are errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import attrs

from ..errors import PagingLoop, Unsupported
from ..records.paging import Cursor, LinkPaging, NumberPaging, OffsetPaging, PageFacts, Paging, SinglePage
from .declaration import CursorEntry, Declaration, LinkEntry, NoPaging, NumberEntry, OffsetEntry, ResourceEntry


@attrs.frozen(kw_only=True)
class CursorPaging:
    """
    Each page gives the text that asks for the next one.

    Args:
        cursor: Parameter of that text.
        next: Pointer to it.
        size: Parameter of the page size; `None` if there is none.
        total: Pointer to the number of all records; `None` if the vendor gives none.
        stable: Whether neighbouring pages may be de-duplicated.
    """

    cursor: str
    next: str
    size: str | None = None
    total: str | None = None
    stable: bool = False
    first: str = attrs.field(default="", init=False)

    @property
    def meta(self) -> Mapping[str, str]:
        """The text and the total."""
        pointers = {"next": self.next, "total": self.total}
        return {name: pointer for name, pointer in pointers.items() if pointer is not None}

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """The size, and from the second page on the text."""
        return {
            **({} if self.size is None else {self.size: size}),
            **({} if cursor == self.first else {self.cursor: cursor}),
        }

    def link(self, cursor: Cursor) -> str | None:
        """Pages are asked for by parameters."""
        return None

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """What the page says; nothing or an empty text is the end."""
        following = page.meta.get("next")
        wanted = isinstance(following, str | int) and not isinstance(following, bool)
        return following if wanted and following != "" else None

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """Cursors lead forward only."""
        return None

    def numbered(self, number: int, size: int) -> Cursor:
        """Only the first page can be asked for by itself."""
        if number != 1:
            raise Unsupported("this vendor's pages follow one after the other; iterate .pages() to reach one")
        return self.first

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """Cursors have none."""
        return None


@attrs.frozen(kw_only=True)
class Guarded:
    """
    A strategy whose list ends where the vendor says so, or on an empty page, and else not without a word.

    Args:
        way: The strategy.
        name: Vendor and resource, for messages.
        max_pages: Pages after which the list is given up.
        page: Address of the list, to which links are relative.
        secret: The query parameter of the token, which a link may repeat; it is taken out, since links are kept.
    """

    way: Paging
    name: str
    max_pages: int
    page: str = ""
    secret: str | None = None

    @property
    def meta(self) -> Mapping[str, str]:
        """The strategy's."""
        return self.way.meta

    @property
    def stable(self) -> bool:
        """The strategy's."""
        return self.way.stable

    @property
    def first(self) -> Cursor:
        """The strategy's."""
        return self.way.first

    def params(self, cursor: Cursor, size: int) -> Mapping[str, str | int]:
        """The strategy's."""
        return {name: value for name, value in self.way.params(cursor, size).items() if name}

    def link(self, cursor: Cursor) -> str | None:
        """The strategy's."""
        return self.way.link(cursor)

    def after(self, cursor: Cursor, page: PageFacts) -> Cursor | None:
        """
        The strategy's.

        Raises:
            PagingLoop: The page repeats the one before it, or there are more pages than the file allows.
        """
        if page.repeats and not page.complete and not isinstance(self.way, SinglePage):
            raise PagingLoop(
                f"{self.name}: a page holds the same records as the page before; the vendor ignores where pages are to "
                'begin, so nobody knows whether the list is complete. If one answer has it all, declare paging "none"'
            )
        following = self.way.after(cursor, page)
        if following is not None and page.pages >= self.max_pages and not isinstance(self.way, SinglePage):
            raise PagingLoop(
                f"{self.name}: the list goes on after {page.pages:,} pages, which is all that max_pages allows"
            )
        if isinstance(following, str) and isinstance(self.way, LinkPaging):
            return urljoin(self.page, _without(following, self.secret))
        return following

    def before(self, cursor: Cursor, size: int) -> Cursor | None:
        """The strategy's."""
        return self.way.before(cursor, size)

    def numbered(self, number: int, size: int) -> Cursor:
        """The strategy's."""
        return self.way.numbered(number, size)

    def page_number(self, cursor: Cursor, size: int) -> int | None:
        """The strategy's."""
        return self.way.page_number(cursor, size)


def _without(link: str, parameter: str | None) -> str:
    if parameter is None:
        return link
    head, question, query = link.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] != parameter]
    return f"{head}{question}{'&'.join(kept)}".removesuffix("?")


def paging_of(declaration: Declaration, name: str, resource: ResourceEntry) -> Guarded:
    """The strategy of a resource's list. Neighbouring pages are de-duplicated where the file says which field is the id."""
    entry = declaration.paging_of(resource)
    limit = 1 if isinstance(entry, NoPaging) else entry.max_pages
    way = _way(entry, stable=resource.id is not None)
    secret = declaration.auth.placement.parameter
    return Guarded(way=way, name=f"{declaration.vendor} {name}", max_pages=limit, secret=secret)


def _way(entry: Any, *, stable: bool) -> Paging:
    # A parameter without a name is not sent.
    match entry:
        case NumberEntry():
            return NumberPaging(
                number=entry.number,
                size=entry.size or "",
                first=entry.first,
                total=entry.total,
                last=entry.last,
                stable=stable,
            )
        case OffsetEntry():
            return OffsetPaging(offset=entry.offset, limit=entry.limit or "", total=entry.total, stable=stable)
        case CursorEntry():
            return CursorPaging(cursor=entry.cursor, next=entry.next, size=entry.size, total=entry.total, stable=stable)
        case LinkEntry():
            return LinkPaging(size=entry.size, next=entry.next, total=entry.total, stable=stable)
        case _:
            return SinglePage()
