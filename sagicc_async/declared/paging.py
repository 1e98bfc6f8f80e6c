"""From a declared way of paging to the core's strategy for it; ends that nobody can trust are errors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

import attrs

from ..errors import PagingLoop, Unsupported
from ..records.paging import Cursor, LinkPaging, NumberPaging, OffsetPaging, PageFacts, Paging, SinglePage
from .declaration import CursorEntry, Declaration, LinkEntry, NoPaging, NumberEntry, OffsetEntry, ResourceEntry
from .readers import KEYS

_log: Final = logging.getLogger("sagicc_async.requests")


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


@attrs.define
class _Told:
    """
    What was said of a list without records.

    Args:
        keys: The keys of its answer; empty as long as nothing was said.
    """

    keys: str = ""


@attrs.frozen(kw_only=True)
class Guarded:
    """
    A strategy whose list ends where the vendor says so, and else not without a word.

    Where pages have numbers or offsets an empty one says so. Where each names the next one it does not: a few of them
    may lie in front of further records.

    Args:
        way: The strategy.
        name: Vendor and resource, for messages.
        max_pages: Pages after which the list is given up.
        max_empty: Empty pages in a row after which it is, where they name a next one; `None` where none does.
        page: Address of the list, to which links are relative.
        secret: The query parameter of the token, which a link may repeat; it is taken out, since links are kept.
        told: What was said of the list, by all its streams.
    """

    way: Paging
    name: str
    max_pages: int
    max_empty: int | None = None
    page: str = ""
    secret: str | None = None
    told: _Told = attrs.field(factory=_Told, eq=False, repr=False)

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
            PagingLoop: The page repeats the one before it, or there are more pages, or more empty ones in a row, than
                the file allows.
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
            following = urljoin(self.page, _without(following, self.secret))
        if following is not None and self.max_empty is not None and page.empty >= self.max_empty:
            raise PagingLoop(
                f"{self.name}: {page.empty:,} pages in a row are empty, and the last of them names a next one all the same, so "
                "nobody knows whether the list has ended. If records may follow, raise max_empty of its paging"
            )
        if cursor == self.first and following is None and page.count == 0 and page.total is None:
            self._tell_of_nothing(page.meta.get(KEYS))
        return following

    def _tell_of_nothing(self, keys: str | None) -> None:
        """A list may be empty, but a wrong pointer looks the same; told once, as long as the keys stay what they are."""
        if keys and keys != self.told.keys:
            self.told.keys = keys
            _log.warning(
                "%s: 0 records; the answer has the keys %s, and a wrong pointer in `records` looks the same",
                self.name,
                keys,
            )

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
    """
    The strategy of a resource's list.

    Where the file says which field is the id, neighbouring pages are de-duplicated. Pages further apart are not: the ids of
    a whole list would take memory that grows with it.
    """
    entry = declaration.paging_of(resource)
    limit = 1 if isinstance(entry, NoPaging) else entry.max_pages
    way = _way(entry, stable=resource.id is not None)
    return Guarded(
        way=way,
        name=f"{declaration.vendor} {name}",
        max_pages=limit,
        max_empty=entry.max_empty if isinstance(entry, CursorEntry | LinkEntry) else None,
        secret=declaration.auth.placement.parameter,
    )


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
