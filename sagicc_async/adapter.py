"""What a vendor declares: `Adapter`, its settings, and the ways to reach what is not modelled."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final, Self

import attrs

from .account import Account
from .auth import Auth
from .error_share.rules import ErrorShare
from .errors import ConfigError, Unsupported
from .findings import Finding
from .records.model import Record
from .records.paging import Paging
from .records.stream import Stream
from .records.writing import to_wire
from .resource import Resource, mounted
from .setting_values import made_of
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
    verb_of,
)

#: What a header can carry as it is.
_HEADER_TEXT: Final = re.compile(r"[!-~]([ -~]*[!-~])?")

#: Seconds that are left of a deadline that has passed; no deadline can have fewer than this.
_AT_ONCE: Final = 1e-9

_SHARE: Final = attrs.validators.optional(attrs.validators.and_(attrs.validators.gt(0), attrs.validators.le(1)))


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
class ErrorShareSettings(Settings):
    """
    Settings of an adapter whose vendor blocks users for their share of errors; see `Adapter.error_share`.

    Args:
        warn_at: Share of the company's requests that fail, from 0 to 1, from which on a warning is given; by default
            half of what the vendor bears.
        refuse_at: Share from which on nothing is sent any more: calls raise `NotSent`. By default never.
    """

    warn_at: float | None = attrs.field(default=None, validator=_SHARE)
    refuse_at: float | None = attrs.field(default=None, validator=_SHARE)


def settings_of(kind: type[Adapter], given: Mapping[str, Any]) -> Settings:
    """
    An adapter's settings.

    Raises:
        ConfigError: There is no such setting, or a value is not of its type.
    """
    names = [field.name for field in attrs.fields(kind.settings_class)]
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ConfigError(f"{kind.vendor} has no setting {', '.join(unknown)}; it has {', '.join(names)}")
    return made_of(kind.settings_class, given, kind.vendor)


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
    #: The share of errors above which the vendor blocks users; `None` if it does not count them.
    error_share: ClassVar[ErrorShare | None] = None
    #: The header that carries an idempotency key; `None` if the vendor knows none.
    idempotency_header: ClassVar[str | None] = None
    #: How the list of a resource that is not modelled is cut; `None` if `list_path` cannot know.
    paging: ClassVar[Paging | None] = None
    #: Dotted path of the records in the answer of `list_path`; `None` if the answer is them.
    items: ClassVar[str | None] = None

    #: Seconds between two looks at the same list that the vendor advises; `None` if it does not say.
    poll_every: ClassVar[float | None] = None

    def __init__(self, account: Account, settings: Settings) -> None:
        self.account = account
        self.settings = settings

    @classmethod
    def address(cls, settings: Settings, base_url: str | None) -> str | None:
        """
        Where the vendor is.

        Args:
            settings: The account's, from which an adapter whose customers have addresses of their own derives it.
            base_url: What `open` was told, which an adapter may complete.

        Raises:
            ConfigError: Nothing says where it is.
        """
        return cls.base_url if base_url is None else base_url

    @classmethod
    def specialised(cls, settings: Settings) -> type[Self]:
        """
        The class for one account: this one, or one that is made of what a setting describes.

        Raises:
            ConfigError: The description is missing, or wrong.
        """
        return cls

    @classmethod
    def auth_for(cls, settings: Settings) -> Auth[Any]:
        """How credentials become authorised requests under these settings."""
        return cls.auth

    @classmethod
    def windows_for(cls, settings: Settings) -> tuple[Window, ...]:
        """The limits that the vendor counts under these settings."""
        return cls.windows

    @classmethod
    def errors_for(cls, settings: Settings) -> ErrorMap:
        """The error map under these settings; an adapter overrides it where a setting changes a meaning."""
        return cls.errors

    @classmethod
    def error_share_for(cls, settings: Settings) -> ErrorShare | None:
        """The share of errors that the vendor bears, with the marks of `ErrorShareSettings` if these settings have them."""
        share = cls.error_share
        if share is None or not isinstance(settings, ErrorShareSettings):
            return share
        return attrs.evolve(
            share,
            warn_at=share.warn_at if settings.warn_at is None else settings.warn_at,
            refuse_at=share.refuse_at if settings.refuse_at is None else settings.refuse_at,
        )

    @classmethod
    def resource_classes(cls) -> Mapping[str, type[Resource[Any]]]:
        """The resources that this adapter declares, by name."""
        return mounted(cls)

    @property
    def resources(self) -> Mapping[str, Resource[Any]]:
        """All resources, by name."""
        return {name: kind(self) for name, kind in self.resource_classes().items()}

    @classmethod
    def resource_class(cls, name: str) -> type[Resource[Any]]:
        """
        The class of one resource; an adapter overrides it whose vendor may have more than is declared.

        Raises:
            ConfigError: The vendor has no such resource.
        """
        kinds = cls.resource_classes()
        if name not in kinds:
            near = difflib.get_close_matches(name, kinds, n=1)
            meant = f" - did you mean {near[0]}?" if near else ""
            raise ConfigError(
                f"{cls.vendor} has no resource {name!r}; it has {', '.join(sorted(kinds)) or 'none'}{meant}"
            )
        return kinds[name]

    async def examine(self, resource: str) -> AsyncIterator[Finding]:
        """
        Find out, by reading alone, what the vendor leaves open: `check` shows it. By default there is nothing.

        Args:
            resource: Whose list may be asked for.

        Raises:
            RequestError: A question that matters was not answered.
        """
        nothing: tuple[Finding, ...] = ()
        for finding in nothing:
            yield finding

    def __getitem__(self, name: str) -> Resource[Any]:
        return self.resource_class(name)(self)

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

        # Its name stands in errors, where a query must not; what it was is in the checkpoint's own query. It has a slash,
        # by which what a caller named is told from what an adapter declares, wherever operations are counted.
        name = safe_path(path)
        Unmodelled.name, Unmodelled.path, Unmodelled.model = name if "/" in name else f"/{name}", path, Record
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
        key: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Response:
        """
        Send a request that is not modelled, through the same gate, with the same errors.

        Args:
            method: HTTP method, in capitals or not.
            path: Below the base URL.
            params: Query parameters.
            json: Body: a record, a mapping or a list; numbers stay exact.
            repeatable: Whether it may be sent again; by default only GET, HEAD and what carries a key may.
            key: Any text that names what is asked for (`order-991`): the vendor, which gets a key made of it, does it
                once, however often it is sent.
            deadline: Seconds for everything, attempts and queues included.
            priority: Who goes first; normal by default.

        Returns:
            The accepted answer; `.json()` reads it exactly.

        Raises:
            ConfigError: The method is none, or a parameter or the body cannot be sent; nothing was.
            Unsupported: The vendor knows no idempotency keys.
            RequestError: See `errors`.
        """
        verb = verb_of(method)
        operation = f"{verb} {safe_path(path)}"
        if repeatable is None:
            repeatable = verb in ("GET", "HEAD") or key is not None
        again = Safety.REPEATABLE if key is None else Safety.KEYED
        with self.together(deadline):
            request = Request(
                method=verb,
                path=path,
                params=params or {},
                headers={} if key is None else await self.key_headers(operation, key),
                body=None if json is None else to_wire(json),
            )
            return await self._send(operation, request, again if repeatable else Safety.UNSAFE, None, priority)

    async def key_headers(self, operation: str, key: str) -> Mapping[str, str]:
        """
        The header that makes a request keyed (`Safety.KEYED`).

        Args:
            operation: What is asked for; see `idempotency_key`.
            key: The caller's.

        Raises:
            Unsupported: The vendor knows no idempotency keys.
            ConfigError: The key is none.
        """
        if self.idempotency_header is None:
            raise Unsupported(
                f"{self.vendor} knows no idempotency keys; leave key= out, and when an outcome is unknown, look before "
                "you send again: await error.reconcile()"
            )
        if not key:
            raise ConfigError("a key is a text that is not empty; give every request that is to happen once its own")
        sent = await self.idempotency_key(operation, key)
        if not _HEADER_TEXT.fullmatch(sent):
            raise ConfigError(f"{self.vendor} takes the key as a header: letters, digits and signs of ASCII")
        return {self.idempotency_header: sent}

    async def idempotency_key(self, operation: str, key: str) -> str:
        """
        A caller's key as the vendor gets it; by default as it is.

        An adapter whose vendor takes less makes something of it that stays the same for good, in every process and
        release: a retry after a crash must find what the first try did. `account.company_id()` and the operation keep
        equal keys apart where the vendor does not.

        Args:
            operation: What is asked for.
            key: The caller's.
        """
        return key

    def together(self, deadline: Deadline | float | None) -> AbstractContextManager[Deadline | None]:
        """
        A context for an operation of several requests: they share the deadline, of which each would have all otherwise.

        Args:
            deadline: The call's; without one the account's own holds.

        Returns:
            The context, which gives the deadline that they share; `None` where there is none.

        Raises:
            ConfigError: `deadline` is not a number of seconds greater than zero.
        """
        seconds = seconds_left(deadline, self.settings.deadline)
        return contextlib.nullcontext() if seconds is None else Deadline(max(seconds, _AT_ONCE))

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
