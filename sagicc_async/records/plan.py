"""What a stream needs to know of its list: how it is asked for, cut, read, and compared."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import attrs

from ..errors import ConfigError, RequestError
from ..wire.request import Parameter, Request, Response
from .checkpoint import Checkpoint
from .convert import PageData
from .model import Record
from .paging import Cursor, Paging

T = TypeVar("T")


class Fetch(Protocol):
    """Sends one request of a stream through the gate, with the stream's own deadline and priority."""

    def __call__(
        self, request: Request, params: Mapping[str, Parameter], on_sent: Callable[[], None]
    ) -> Awaitable[Response]:
        """Send it with these parameters beside its own, and return the accepted answer."""


class Reader(Protocol[T]):
    """Reads the bytes of a page."""

    def read(self, body: bytes) -> PageData[T]:
        """Records and envelope values; raises `ProtocolError` if the page as a whole is not what was declared."""


@attrs.frozen(kw_only=True)
class Plan(Generic[T]):
    """
    Everything a stream needs to know of its list.

    Args:
        adapter: Entry-point name of the adapter.
        resource: Name of the resource.
        request: What asks for the list, without paging parameters.
        paging: How the list is cut.
        size: Records to ask for on a page.
        start: The page to begin with; the strategy's first if not given.
        fetch: Sends a request.
        reader: Reads a page.
        identify: A record's id as text; `None` for records that have none.
        keys: The ids of a page's records in any form that can be compared; by `identify` if not given.
        model: Class of the records, which a raw reading has too; `None` where nothing is declared.
        account: The account's label, for errors.
        scrub: Takes secrets out of an error that a reader raises, which may quote the answer.
        capped: Told the page size that was asked for and the one that came, where another page followed a short one:
            the vendor caps the size.
        provenance: Who says what the list is like, where a person does; plain values that exports carry along.
        company_id: Gives a digest of the company whose list it is; `None` where no account is behind it.
    """

    adapter: str
    resource: str
    request: Request
    paging: Paging
    size: int
    start: Cursor | None = None
    fetch: Fetch
    reader: Reader[T]
    identify: Callable[[T], str | None]
    keys: Callable[[Sequence[T]], Sequence[Hashable]] | None = None
    model: type[Record] | None = None
    account: str = ""
    scrub: Callable[[RequestError], None] = lambda error: None
    capped: Callable[[int, int], None] | None = None
    provenance: Mapping[str, Any] | None = None
    company_id: Callable[[], Awaitable[str]] | None = None

    def __attrs_post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError(f"a page of {self.resource} holds at least 1 record")
        first = self.paging.first
        if isinstance(self.start, int) and isinstance(first, int) and self.start < first:
            raise ConfigError(f"the pages of {self.resource} are counted from {first}")
        given = {name for name, value in self.request.params.items() if value is not None}
        if taken := given & self.paging.params(first, self.size).keys():
            names = ", ".join(sorted(taken))
            raise ConfigError(f"params= of {self.resource} cannot hold {names}: pages have keywords of their own")

    @property
    def operation(self) -> str:
        """How its requests are called in logs and errors."""
        return f"{self.resource}.list"

    @property
    def query(self) -> dict[str, Any]:
        """What a checkpoint must carry to ask the same again."""
        params = {name: value for name, value in self.request.params.items() if value is not None}
        return {"path": self.request.path, "params": params, "size": self.size}

    def cut_as(self, checkpoint: Checkpoint) -> Plan[T]:
        """The same list, cut into pages as where the checkpoint was made."""
        size = checkpoint.query.get("size")
        return attrs.evolve(self, size=size) if type(size) is int and size > 0 else self

    def ask(self, cursor: Cursor, on_sent: Callable[[], None]) -> Awaitable[Response]:
        """Ask for one page; `on_sent` is called when the request is on the wire."""
        link = self.paging.link(cursor)
        if link is not None:
            return self.fetch(attrs.evolve(self.request, path=link, params={}), {}, on_sent)
        return self.fetch(self.request, self.paging.params(cursor, self.size), on_sent)

    def checkpoint(
        self,
        cursor: Cursor,
        index: int,
        ids: Sequence[str] = (),
        *,
        started_at: datetime.datetime | None = None,
        before: int | None = None,
        total: int | None = None,
        drifted: bool = False,
    ) -> Checkpoint:
        """A place in this list, and what was learned of the list on the way to it."""
        return Checkpoint(
            adapter=self.adapter,
            resource=self.resource,
            query=self.query,
            cursor=cursor,
            index=index,
            ids=tuple(ids),
            started_at=started_at,
            before=before,
            total=total,
            drifted=drifted,
        )

    def comparable(self, records: Sequence[T]) -> Sequence[Hashable]:
        """What tells a page's records from those of another page, hashable; `None` for those without an id."""
        return list(map(self.identify, records)) if self.keys is None else self.keys(records)

    def ids(self, records: Sequence[T]) -> list[str]:
        """The ids of those records that have one."""
        return [key for key in map(self.identify, records) if key is not None]
