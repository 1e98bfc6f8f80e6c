"""`Stream`: the records of a list, page by page, holding nothing while user code runs."""

from __future__ import annotations

import datetime
import operator
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, Literal, Protocol, TypeVar, overload

import attrs
import msgspec

from ..errors import ConfigError, PagingLoop, ProtocolError, RequestError, Unsupported
from ..wire.request import Response
from .checkpoint import Checkpoint
from .leaf import Leaf
from .model import Record
from .plan import Plan
from .position import Position
from .prefetch import Prefetch
from .walk import StreamStats, Walk

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """
    One page of a list.

    Args:
        items: Its records.
        raw: The body as it arrived.
        number: Its number, counted from 1 as `Stream.page` takes it; `None` where pages have none.
        size: Records that were asked for.
        total: Records in the whole list, if the vendor says so.
        has_next: Whether another page follows; a vendor without totals may turn out to have an empty one.
        checkpoint: The place behind this page.
        response: Status and headers.
    """

    items: list[T]
    raw: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")
    number: int | None
    size: int
    total: int | None
    has_next: bool
    checkpoint: Checkpoint
    response: Response


class RawPlan(Protocol):
    """Makes the plan of the same list without records."""

    def __call__(self, *, encoded: bool, checked: bool, copy: bool) -> Plan[Any]:
        """The plan: mappings, or each record's own bytes, checked against the model or not, copied or not."""


class Stream(Generic[T]):
    """
    The records of a list; iterate it with `async for`.

    It is a class, not an async generator: each page is read completely before its records are handed out, and between
    two pages it holds neither a connection nor the token. Leaving the loop needs no cleaning up. Each `async for`
    begins at the beginning; `checkpoint`, `stats` and `started_at` speak of the latest one.

    Errors carry the `checkpoint` from which `resource.resume` goes on. Cancelling is harmless at any await.
    """

    def __init__(
        self,
        plan: Plan[T],
        *,
        resume: Checkpoint | None = None,
        raw: RawPlan | None = None,
    ) -> None:
        # Pages have places only as they were cut: a resumed list goes on with the page size that it began with.
        self._plan = plan = plan if resume is None else plan.cut_as(resume)
        self._resume = resume
        self._raw = raw
        self._walk: Walk[T] = Walk(plan, resume)
        self._place: Callable[[], Checkpoint] = self._beginning

    def __aiter__(self) -> AsyncIterator[T]:
        return _Records(self)

    def pages(self) -> AsyncIterator[Page[T]]:
        """The list page by page."""
        return _Pages(self)

    def prefetch(self, pages: int = 1) -> Prefetch[Page[T]]:
        """
        Read ahead: the next page travels while you work on this one, also when your work keeps the processor busy.

        Args:
            pages: How many pages may wait in memory.

        Returns:
            An async context manager that gives an iterator of pages. Leaving it cancels what is under way.
        """
        if pages < 1:
            raise ConfigError("prefetch reads at least one page ahead")
        walker = _Pages(self)
        return Prefetch(walker.advance, pages, walker.taken)

    @overload
    def raw(self) -> Stream[dict[str, Any]]: ...
    @overload
    def raw(self, *, encoded: Literal[True], checked: bool = False) -> Stream[bytes]: ...
    @overload
    def raw(self, *, encoded: Literal[True], checked: bool = False, copy: Literal[False]) -> Stream[msgspec.Raw]: ...
    def raw(self, *, encoded: bool = False, checked: bool = False, copy: bool = True) -> Stream[Any]:
        """
        The same list without building records.

        Args:
            encoded: Give each record's own JSON as bytes on one line, instead of a mapping.
            checked: Stop at a record that is not what its model declares, as a stream of records does, although its
                bytes are passed on untouched.
            copy: Without it an encoded record is a view into its page, and keeps the whole of it: a fifth cheaper for
                those who pass large pages on at once.

        Returns:
            A stream of mappings, every number exact, or of bytes (or views of them) in the vendor's own digits.
        """
        if self._raw is None:
            raise Unsupported("this stream has no raw form")
        return Stream(self._raw(encoded=encoded, checked=checked, copy=copy), resume=self._resume, raw=self._raw)

    def resume(self, checkpoint: Checkpoint) -> Stream[T]:
        """
        The same list from a place where an earlier stream of it stopped, with that one's page size.

        Raises:
            CheckpointMismatch: The checkpoint belongs to another list: other filters or another resource.
        """
        return Stream(self._plan, resume=checkpoint, raw=self._raw)

    @property
    def model(self) -> type[Record] | None:
        """Class of the records, whether this stream builds them or not; `None` where nothing is declared."""
        return self._plan.model

    @property
    def provenance(self) -> Mapping[str, Any] | None:
        """Who says what the list is like, where a person does (a resource file); exports carry it along."""
        return self._plan.provenance

    async def company_id(self) -> str | None:
        """
        Digest of the company whose list this is, once there is a token; `None` where no account is behind the stream.

        Raises:
            RequestError: There is no token to be had.
        """
        return None if self._plan.company_id is None else await self._plan.company_id()

    async def page(self, number: int, *, size: int | None = None) -> Page[T]:
        """
        One page by itself.

        Args:
            number: Counted from 1.
            size: Records to ask for, if not the stream's own.

        Raises:
            RequestError: The page could not be had.
            Unsupported: The vendor's pages have no numbers.
        """
        if number < 1:
            raise ConfigError("pages are counted from 1")
        asked = self._plan.size if size is None else size
        plan = attrs.evolve(self._plan, size=asked, start=self._plan.paging.numbered(number, asked))
        return await _Pages(Stream(plan)).single()

    async def first(self) -> T | None:
        """
        The first record that this stream gives; `None` if there is none.

        It is asked for with the smallest page, except where the stream begins elsewhere than its list.
        """
        plan = self._plan
        if self._resume is None and plan.start in (None, plan.paging.first):
            plan = attrs.evolve(plan, size=1)
        async for record in Stream(plan, resume=self._resume):
            return record
        return None

    async def count(self) -> int:
        """
        Records in the list, as the vendor counts them.

        Raises:
            Unsupported: The vendor gives no total.
        """
        if "total" not in self._plan.paging.meta:
            raise Unsupported(
                f"{self._plan.adapter} gives no total of {self._plan.resource}; read the list and count: "
                "sum([1 async for _ in stream.raw(encoded=True)])"
            )
        # A record that cannot be read is for those who read it.
        leaf = await Walk(attrs.evolve(self._plan, size=1, start=None)).next()
        assert leaf is not None
        if leaf.facts.total is None:
            raise ProtocolError(
                "the total is missing from the answer",
                vendor=self._plan.adapter,
                account=self._plan.account,
                operation=self._plan.operation,
            )
        return leaf.facts.total

    async def collect(self, limit: int | None = None) -> list[T]:
        """
        The records as a list.

        Args:
            limit: Stop after so many; `None` for all, which takes the memory of all.
        """
        records: list[T] = []
        if limit is not None and limit <= 0:
            return records
        async for record in self:
            records.append(record)
            if len(records) == limit:
                break
        return records

    @property
    def checkpoint(self) -> Checkpoint:
        """The place behind the last record that was handed out, of the latest iteration."""
        return self._place()

    @property
    def stats(self) -> StreamStats:
        """What was noticed about the list, in the latest iteration."""
        return self._walk.stats

    @property
    def started_at(self) -> datetime.datetime | None:
        """
        The vendor's clock when the list's first page was answered: the next watermark. `None` before that.

        A resumed stream has that of the one that began, out of its checkpoint: what changed in between is not on the
        pages that are still to come.
        """
        return self._walk.started_at

    def _begin(self, place: Callable[[], Checkpoint]) -> Walk[T]:
        self._walk = Walk(self._plan, self._resume)
        self._place = place
        return self._walk

    def _beginning(self) -> Checkpoint:
        if self._resume is not None:
            return self._resume
        start = self._plan.paging.first if self._plan.start is None else self._plan.start
        return self._plan.checkpoint(start, 0)


class _Records(Generic[T]):
    """One iteration, record by record. It keeps no count: the list iterator knows how much is left."""

    __slots__ = ("_leaf", "_position", "_records", "_walk")

    def __init__(self, stream: Stream[T]) -> None:
        self._walk = stream._begin(self._here)
        self._position = Position(stream._plan, self._walk, stream._beginning())
        self._leaf: Leaf[T] | None = None
        self._records: Iterator[T] = iter(())

    def __aiter__(self) -> _Records[T]:
        return self

    async def __anext__(self) -> T:
        for record in self._records:
            return record
        return await self._turn()

    async def _turn(self) -> T:
        while True:
            if self._leaf is not None:
                self._position.turn(self._leaf)
                # Drop the page before the next one is decoded: keeping both costs time (cache) as well as memory.
                self._leaf, self._records = None, iter(())
            try:
                leaf = await self._walk.next()
            except (RequestError, PagingLoop) as error:
                error.checkpoint = self._position.last
                raise
            if leaf is None:
                raise StopAsyncIteration
            leaf.response = None
            self._leaf, self._records = leaf, iter(leaf.items)
            self._walk.stats.records += len(leaf.items)
            for record in self._records:
                return record

    def _here(self) -> Checkpoint:
        if self._leaf is None:
            return self._position.last
        return self._position.within(self._leaf, len(self._leaf.items) - operator.length_hint(self._records))


class _Pages(Generic[T]):
    """One iteration, page by page."""

    def __init__(self, stream: Stream[T]) -> None:
        self._plan = stream._plan
        self._handed_out = stream._beginning()
        self._walk = stream._begin(lambda: self._handed_out)
        self._position = Position(stream._plan, self._walk, stream._beginning())

    def __aiter__(self) -> _Pages[T]:
        return self

    async def __anext__(self) -> Page[T]:
        page = await self.advance(lambda: None)
        if page is None:
            raise StopAsyncIteration
        self.taken(page)
        return page

    def taken(self, page: Page[T]) -> None:
        """The page has reached the consumer, which can be long after it was read."""
        self._handed_out = page.checkpoint

    async def advance(self, on_sent: Callable[[], None]) -> Page[T] | None:
        """Read the next page; `None` at the end. `on_sent` is called when its request is on the wire."""
        leaf = await self._next(on_sent)
        while leaf is not None and leaf.facts.count == 0:  # the empty page by which a list without a total ends
            leaf = await self._next(on_sent)
        return None if leaf is None else self._page(leaf)

    async def single(self) -> Page[T]:
        """The one page that was asked for, empty or not, and whole: nobody asks for what follows a bad record."""
        leaf = await self._next(lambda: None)
        assert leaf is not None
        page = self._page(leaf)
        try:
            self._walk.check()
        except ProtocolError as error:
            error.checkpoint = page.checkpoint
            raise
        return page

    async def _next(self, on_sent: Callable[[], None]) -> Leaf[T] | None:
        try:
            return await self._walk.next(on_sent)
        except (RequestError, PagingLoop) as error:
            error.checkpoint = self._position.last
            raise

    def _page(self, leaf: Leaf[T]) -> Page[T]:
        assert leaf.response is not None
        self._walk.stats.records += len(leaf.items)
        self._position.turn(leaf)
        return Page(
            items=leaf.items,
            raw=leaf.response.body,
            number=self._plan.paging.page_number(leaf.cursor, leaf.facts.size),
            size=leaf.facts.size,
            total=leaf.facts.total,
            has_next=self._walk.more,
            checkpoint=self._position.last,
            response=leaf.response,
        )
