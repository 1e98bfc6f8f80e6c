"""What a vendor declares: `Adapter`, `Resource` and the data that they are made of."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import attrs
import msgspec

from .account import Account, Auth
from .errors import ConfigError, Unsupported
from .records.checkpoint import Checkpoint
from .records.convert import EncodedReader, PageReader, RawReader, to_wire
from .records.model import Record
from .records.paging import Cursor, Paging
from .records.poll import Poll
from .records.stream import Stream
from .records.walk import Plan, Reader
from .tokens.rules import TokenRules
from .tokens.window import Window
from .wire.classify import ErrorMap
from .wire.request import (
    Deadline,
    Priority,
    Request,
    Response,
    Safety,
    chosen_priority,
    safe_path,
    seconds_left,
    seconds_per_page,
)

T = TypeVar("T")
R = TypeVar("R", bound="Resource[Any]")

#: Keywords of every `list`, which are not filters.
_NOT_FILTERS = frozenset({"self", "params", "deadline", "priority"})
#: What users of other vendors look for.
_COMMON = frozenset({"get", "create", "update", "edit", "delete"})


@attrs.frozen(kw_only=True)
class Settings:
    """
    Settings that every adapter takes at `open`; an adapter adds its own in a subclass.

    Args:
        priority: Default priority of all calls of this account object.
        deadline: Seconds that every call, or page of a stream, may take where neither the call nor its context says.
        settle: Seconds within which the vendor is taken to finish a request that we lost sight of, instead of the
            adapter's own assumption.
        page_size: Records to ask for on a page, where a call does not say.
    """

    priority: Priority | None = attrs.field(default=None, converter=attrs.converters.optional(Priority))
    deadline: float | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.gt(0)))
    settle: float | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(0)))
    page_size: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))


@attrs.frozen(kw_only=True)
class Capabilities:
    """
    What a resource can do, for people and programs that ask before they call.

    Args:
        operations: Names of its operations, with their safety.
        filters: Keywords of `list` that narrow it down.
        evidence: How much of the resource the vendor documents.
    """

    operations: Mapping[str, Safety]
    filters: tuple[str, ...]
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
    #: Pointer to the array of records in the body; `None` if the body is the array.
    items: ClassVar[str | None]
    #: Records to ask for on a page by default.
    page_size: ClassVar[int] = 50
    #: What can be done, and whether it may be repeated.
    operations: ClassVar[Mapping[str, Safety]] = MappingProxyType({"list": Safety.REPEATABLE})
    #: How much of it the vendor documents, in a few words.
    evidence: ClassVar[str] = ""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

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
        account, settings = self._adapter.account, self._adapter.settings
        rank = chosen_priority(priority, default if settings.priority is None else settings.priority)
        seconds = seconds_per_page(deadline, settings.deadline)
        operation = f"{safe_path(self.name)}.list"  # the name of a list that is not modelled is its path

        def fetch(request: Request, on_sent: Any) -> Awaitable[Response]:
            return account.send(
                request,
                operation=operation,
                safety=Safety.REPEATABLE,
                priority=rank,
                seconds=seconds,
                on_sent=on_sent,
            )

        def plan(reader: Reader[Any], identify: Any) -> Plan[Any]:
            return Plan(
                adapter=self._adapter.vendor,
                resource=self.name,
                request=Request(method="GET", path=self.path, params=params),
                paging=self.paging,
                size=self._page_size() if size is None else size,
                start=start,
                fetch=fetch,
                reader=reader,
                identify=identify,
                model=self.model,
            )

        def raw(*, encoded: bool, checked: bool) -> Plan[Any]:
            if not encoded:
                return plan(RawReader(items=self.items, meta=self.paging.meta), _mapping_id)
            check = self._reader() if checked else None
            return plan(EncodedReader(items=self.items, meta=self.paging.meta, check=check), _encoded_id)

        return Stream(plan(self._reader(), _record_id), resume=resume, raw=raw)

    def _poll(self, stream: Callable[[], Stream[T]], every: float) -> Poll[T]:
        return Poll(stream, identify=_record_id, every=every, clock=self._adapter.account.clock)

    def _reader(self) -> PageReader[Any]:
        model: Any = self.model  # as a key of the cache: mypy takes the class's __hash__ for the instances'
        zone = self._adapter.account.terms.zone
        return _page_reader(model, self.items, tuple(self.paging.meta.items()), zone)

    def _page_size(self) -> int:
        return self._adapter.settings.page_size or self.page_size

    async def _send(
        self,
        operation: str,
        request: Request,
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Response:
        """Send one request of an operation that is declared in `operations`."""
        return await self._adapter._send(
            f"{self.name}.{operation}", request, self.operations[operation], deadline, priority
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


class Adapter:
    """
    A vendor's API for one account: stateless; everything shared belongs to the session manager.

    Subclasses declare; the class attributes below are the whole interface between a vendor and the core.
    """

    #: Entry-point name.
    vendor: ClassVar[str]
    #: The vendor's name for people.
    title: ClassVar[str]
    #: Where the vendor is; `None` if every customer has an address of its own.
    base_url: ClassVar[str | None] = None
    #: attrs class of the credentials.
    credentials: ClassVar[type]
    #: attrs class of the settings that `open` takes.
    settings_class: ClassVar[type[Settings]] = Settings
    #: How credentials become authorised requests.
    auth: ClassVar[Auth[Any]]
    #: How a token may be used.
    rules: ClassVar[TokenRules] = TokenRules()
    #: Limits that the vendor counts.
    windows: ClassVar[tuple[Window, ...]] = ()
    #: How the vendor says what went wrong.
    errors: ClassVar[ErrorMap] = ErrorMap()
    #: How the list of a resource that is not modelled is cut; `None` if `list_path` cannot know.
    paging: ClassVar[Paging | None] = None
    #: Pointer to the records in the answer of `list_path`.
    items: ClassVar[str | None] = None

    def __init__(self, account: Account, settings: Settings) -> None:
        self.account = account
        self.settings = settings

    @classmethod
    def errors_for(cls, settings: Settings) -> ErrorMap:
        """The error map under these settings; an adapter overrides it where a setting changes a meaning."""
        return cls.errors

    @classmethod
    def resource_classes(cls) -> Mapping[str, type[Resource[Any]]]:
        """The resources that this adapter declares, by name."""
        return {
            name: value.kind
            for base in reversed(cls.__mro__)
            for name, value in vars(base).items()
            if isinstance(value, mount)
        }

    @property
    def resources(self) -> Mapping[str, Resource[Any]]:
        """All resources, by name."""
        return {name: kind(self) for name, kind in self.resource_classes().items()}

    def __getitem__(self, name: str) -> Resource[Any]:
        kinds = self.resource_classes()
        if name not in kinds:
            raise ConfigError(f"{self.vendor} has no resource {name!r}; it has {', '.join(sorted(kinds))}")
        return kinds[name](self)

    def __iter__(self) -> Iterator[str]:
        return iter(self.resource_classes())

    def list_path(
        self,
        path: str,
        *,
        params: Mapping[str, str | int | None] | None = None,
        size: int | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[dict[str, Any]]:
        """
        Stream a list that is not modelled, as exact mappings.

        Args:
            path: Below the base URL.
            params: Query parameters, sent as they are.
            size: Records to ask for on a page.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            Unsupported: The vendor's lists have no common shape.
        """
        paging, items = self.paging, self.items
        if paging is None:
            raise Unsupported(f"{self.vendor} has no common way of paging; use request() for {path}")

        class Unmodelled(Resource[dict[str, Any]]):
            """A list that has no class of its own."""

        Unmodelled.name, Unmodelled.path, Unmodelled.model = path, path, Record
        Unmodelled.paging, Unmodelled.items = paging, items
        return Unmodelled(self)._stream(params or {}, size=size, deadline=deadline, priority=priority).raw()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | None] | None = None,
        json: Any = None,
        repeatable: bool | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Response:
        """
        Send a request that is not modelled, through the same gate, with the same errors.

        Args:
            method: HTTP method.
            path: Below the base URL.
            params: Query parameters.
            json: Body: a record, a mapping or a list; numbers stay exact.
            repeatable: Whether it may be sent again; by default only GET and HEAD may.
            deadline: Seconds for everything, attempts and queues included.
            priority: Who goes first; normal by default.

        Returns:
            The accepted answer; `.json()` reads it exactly.

        Raises:
            RequestError: See `errors`.
        """
        verb = method.upper()
        if repeatable is None:
            repeatable = verb in ("GET", "HEAD")
        request = Request(method=verb, path=path, params=params or {}, body=None if json is None else to_wire(json))
        safety = Safety.REPEATABLE if repeatable else Safety.UNSAFE
        return await self._send(f"{verb} {safe_path(path)}", request, safety, deadline, priority)

    async def _send(
        self,
        operation: str,
        request: Request,
        safety: Safety,
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> Response:
        settings = self.settings
        return await self.account.send(
            request,
            operation=operation,
            safety=safety,
            priority=chosen_priority(priority, Priority.NORMAL if settings.priority is None else settings.priority),
            seconds=seconds_left(deadline, settings.deadline),
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} account={self.account.terms.label!r}>"


def capabilities_of(kind: type[Resource[Any]]) -> Capabilities:
    """What a resource class can do, without an account."""
    parameters = inspect.signature(kind.list).parameters
    return Capabilities(
        operations=kind.operations,
        filters=tuple(name for name in parameters if name not in _NOT_FILTERS),
        evidence=kind.evidence,
    )


class _Unable(Unsupported, AttributeError):
    """So that `hasattr` says no."""


@functools.lru_cache(maxsize=256)
def _page_reader(model: Any, items: str | None, meta: tuple[tuple[str, str], ...], zone: tzinfo) -> PageReader[Any]:
    """One reader a model: making its decoder costs more than reading a small page."""
    return PageReader(model, items=items, meta=dict(meta), zone=zone)


class _Id(msgspec.Struct):
    id: Any = None


_read_id = msgspec.json.Decoder(_Id).decode


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _record_id(record: Any) -> str | None:
    return _text(getattr(record, "id", None))


def _mapping_id(record: Mapping[str, Any]) -> str | None:
    return _text(record.get("id"))


def _encoded_id(record: bytes) -> str | None:
    return _text(_read_id(record).id)
