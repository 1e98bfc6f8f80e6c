"""A kind of record of a vendor, and what can be done with it: `Resource`, hung into an adapter by `mount`."""

from __future__ import annotations

import datetime
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import attrs

from .errors import Unsupported
from .records.checkpoint import Checkpoint
from .records.ids import Identity, no_id
from .records.model import Record
from .records.paging import Cursor, Paging
from .records.plan import Plan, Reader
from .records.poll import Poll
from .records.readers import Copied, DeclaredReaders, Readers
from .records.stream import Stream
from .wire.request import Deadline, Parameter, Priority, Request, Response, Safety, chosen_priority, seconds_per_page

if TYPE_CHECKING:
    from .adapter import Adapter

T = TypeVar("T")
R = TypeVar("R", bound="Resource[Any]")

#: Where the id stands in the records of most resources.
_CALLED_ID = Identity()
#: Keywords of every `list`, which are not filters.
_COMMON_KEYWORDS = frozenset({"self", "params", "deadline", "priority"})
#: What users of other vendors look for.
_COMMON = frozenset({"get", "create", "update", "edit", "delete"})


@attrs.frozen(kw_only=True)
class Capabilities:
    """
    What a resource can do, for people and programs that ask before they call.

    Args:
        operations: Names of its operations, with their safety.
        filters: Keywords of `list` that narrow it down.
        paging: Keywords of `list` that say how it is cut into pages.
        evidence: How much of the resource the vendor documents.
    """

    operations: Mapping[str, Safety]
    filters: tuple[str, ...]
    paging: tuple[str, ...]
    evidence: str


class Resource(Generic[T]):
    """
    A kind of record of a vendor, and what can be done with it.

    A subclass spells out its operations with explicit keywords, and sends through `_stream` and `_send`.
    """

    #: Name in the vendor's words, snake_case.
    name: ClassVar[str]
    #: Path below the base URL.
    path: ClassVar[str]
    #: Class of the records.
    model: ClassVar[type[Record]]
    #: How the list is cut.
    paging: ClassVar[Paging]
    #: Dotted path of the array of records in the body: `data.rows`; `None` if the body is the array.
    items: ClassVar[str | None]
    #: Records to ask for on a page by default.
    page_size: ClassVar[int] = 50
    #: What can be done, and whether it may be repeated.
    operations: ClassVar[Mapping[str, Safety]] = MappingProxyType({"list": Safety.REPEATABLE})
    #: Keywords of `list` that say in what form records come, not which ones.
    forms: ClassVar[frozenset[str]] = frozenset()
    #: Where a record's id stands; `None` where it is called `id`.
    identity: ClassVar[Identity | None] = None
    #: How much of it the vendor documents, in a few words.
    evidence: ClassVar[str] = ""
    #: Who says so, entry by entry, where a person does instead of the vendor's documents; exports carry it along.
    provenance: ClassVar[Mapping[str, Any] | None] = None

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    @classmethod
    def read_conditions(cls, conditions: Sequence[tuple[str, str]]) -> Mapping[str, Any] | None:
        """
        Keywords of `list` for conditions that a person typed, `NAME=VALUE`, on names that are no keywords of it.

        Args:
            conditions: Names and values, as they were typed.

        Returns:
            The keywords; `None` where the vendor filters by nothing but the keywords of `list`.

        Raises:
            ConfigError: A name or a value cannot be filtered by.
        """
        return None

    @property
    def capabilities(self) -> Capabilities:
        """What this resource can do."""
        return capabilities_of(type(self))

    def list(self) -> Stream[T]:
        """
        Stream the whole list.

        Cancelling is harmless at any await.
        """
        return self._stream({})

    def everything(self) -> Sequence[Stream[T]]:
        """
        The lists that together hold all records: `list()`, unless the vendor leaves some out that were not asked for.

        Returns:
            Streams to read one after the other; a record may be on several.
        """
        return (self.list(),)

    def changes(self, since: datetime.datetime) -> Sequence[Stream[T]] | None:
        """
        The lists that together hold all that was created or changed since a moment; more may be on them.

        Args:
            since: On the vendor's clock; aware.

        Returns:
            Streams to read one after the other; `None` where the vendor cannot tell, so that the list is read whole.
        """
        if "updated_since" not in inspect.signature(type(self).list).parameters:
            return None
        changed: Any = self.list
        return (changed(updated_since=since),)

    def resume(
        self, checkpoint: Checkpoint, *, deadline: Deadline | float | None = None, priority: Priority | None = None
    ) -> Stream[T]:
        """
        Go on where an earlier stream of this resource stopped, with the query that the checkpoint carries.

        Raises:
            CheckpointMismatch: The checkpoint belongs to another adapter or resource.
        """
        query = checkpoint.query
        params, size = dict(query.get("params", {})), int(query.get("size", self._page_size()))
        return self._stream(params, size=size, deadline=deadline, priority=priority, resume=checkpoint)

    def _stream(
        self,
        params: Mapping[str, str | int | None],
        *,
        size: int | None = None,
        start: Cursor | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        default: Priority = Priority.BULK,
        resume: Checkpoint | None = None,
    ) -> Stream[T]:
        """
        A stream of this resource; deadline and priority are taken from the caller's context now.

        `default` is the priority where neither the call, its context nor the account says one.
        """
        return self._stream_as(
            self.model,
            params,
            paging=self.paging,
            readers=DeclaredReaders(self.items, self.paging.meta),
            size=size,
            start=start,
            deadline=deadline,
            priority=priority,
            default=default,
            resume=resume,
        )

    def _stream_as(
        self,
        model: type[Record] | None,
        params: Mapping[str, Parameter],
        *,
        paging: Paging,
        readers: Readers,
        path: str | None = None,
        size: int | None = None,
        start: Cursor | None = None,
        redirects: bool = True,
        if_too_large: str | None = None,
        capped: Callable[[int, int], None] | None = None,
        distinct: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        default: Priority = Priority.BULK,
        resume: Checkpoint | None = None,
    ) -> Stream[Any]:
        """
        A stream of this resource's list in another form than declared: of another model, or (`None`) of mappings.

        `redirects` and `if_too_large` are those of `Request`; `capped` hears of a page size that the vendor lowers.
        Where ids are not `distinct`, as in the rows of a join, nothing is recognised by them.
        """
        account, settings = self._adapter.account, self._adapter.settings
        rank = chosen_priority(priority, default if settings.priority is None else settings.priority)
        seconds = seconds_per_page(deadline, settings.deadline)
        zone = account.terms.zone

        operation = f"{self.name}.list"

        def fetch(
            request: Request, params: Mapping[str, Parameter], on_sent: Callable[[], None]
        ) -> Awaitable[Response]:
            return account.send(
                request,
                params=params,
                operation=operation,
                safety=Safety.REPEATABLE,
                priority=rank,
                seconds=seconds,
                on_sent=on_sent,
            )

        def plan(reader: Reader[Any], identify: Any, keys: Any = None) -> Plan[Any]:
            return Plan(
                adapter=self._adapter.vendor,
                resource=self.name,
                request=Request(
                    method="GET",
                    path=self.path if path is None else path,
                    params=params,
                    redirects=redirects,
                    if_too_large=if_too_large,
                ),
                paging=paging,
                size=self._page_size() if size is None else size,
                start=start,
                fetch=fetch,
                reader=reader,
                identify=identify if distinct else no_id,
                keys=keys if distinct else None,
                model=model,
                account=account.terms.label,
                scrub=account.scrub,
                capped=capped,
                provenance=self.provenance,
                company_id=account.company_id,
            )

        own = self._identity()

        def raw(*, encoded: bool, checked: bool, copy: bool) -> Plan[Any]:
            if not encoded:
                return plan(readers.mappings(), own.of_mapping, own.of_mappings)
            views = readers.encoded(model if checked else None, zone)
            return plan(Copied(views) if copy else views, own.of_bytes, own.of_many_bytes)

        if model is None:
            built = plan(readers.mappings(), own.of_mapping, own.of_mappings)
        else:
            built = plan(readers.records(model, zone), own.of_record, own.of_records)
        return Stream(built, resume=resume, raw=raw)

    def _poll(self, stream: Callable[[], Stream[T]], every: float) -> Poll[T]:
        return Poll(stream, identify=self._identity().of_content, every=every, clock=self._adapter.account.clock)

    def _identity(self) -> Identity:
        return self.identity or _CALLED_ID

    def _page_size(self) -> int:
        return self._adapter.settings.page_size or self.page_size

    async def _send(
        self,
        operation: str,
        request: Request,
        *,
        safety: Safety | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Response:
        """Send one request of an operation that is declared in `operations`, or less safe this time than declared."""
        declared = self.operations[operation]
        return await self._adapter._send(
            f"{self.name}.{operation}", request, declared if safety is None else safety, deadline, priority
        )

    if not TYPE_CHECKING:  # an editor offers what the vendor can do; a reader of old code gets an answer

        def __getattr__(self, name: str) -> Any:
            if name in _COMMON:
                able = ", ".join(sorted(self.operations))
                raise _Unable(f"{self._adapter.vendor} has no {name} of {self.name}; it has {able}")
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<{self._adapter.vendor} {self.name}>"


class mount(Generic[R]):  # noqa: N801 - reads as a declaration: `centro_costo = mount(CentroCostos)`
    """Hang a resource class into an adapter class; the attribute is the resource, typed."""

    def __init__(self, kind: type[R]) -> None:
        self.kind = kind

    @overload
    def __get__(self, adapter: None, owner: type[Adapter]) -> mount[R]: ...
    @overload
    def __get__(self, adapter: Adapter, owner: type[Adapter]) -> R: ...
    def __get__(self, adapter: Adapter | None, owner: type[Adapter]) -> mount[R] | R:
        if adapter is None:
            return self
        return self.kind(adapter)


def mounted(kind: type[Adapter]) -> dict[str, type[Resource[Any]]]:
    """The resource classes that are hung into an adapter class and its bases, by their attributes."""
    return {
        name: value.kind
        for base in reversed(kind.__mro__)
        for name, value in vars(base).items()
        if isinstance(value, mount)
    }


def capabilities_of(kind: type[Resource[Any]]) -> Capabilities:
    """What a resource class can do, without an account."""
    keywords = [name for name in inspect.signature(kind.list).parameters if name not in _COMMON_KEYWORDS | kind.forms]
    cuts = {_snake_case(name) for name in kind.paging.params(kind.paging.first, 1)}
    return Capabilities(
        operations=kind.operations,
        filters=tuple(name for name in keywords if name not in cuts),
        paging=tuple(name for name in keywords if name in cuts),
        evidence=kind.evidence,
    )


def _snake_case(wire: str) -> str:
    """The keyword for a wire name: `pageSize` is `page_size`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire).lower()


class _Unable(Unsupported, AttributeError):
    """So that `hasattr` says no."""
