"""Who is examined: an adapter with its sandbox and samples, and what a rehearsal has shown of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ...adapter import Adapter
from ...errors import ConfigError, SagiccAsyncError, Unsupported
from ...records.paging import Paging
from ...records.shape import Way, WireField, wire_fields
from ...resource import Resource
from ...sandbox.optional import overlap_of
from ...secrets import Secret
from ...tokens.rules import TokenRules
from ...tokens.window import Window
from ...wire.request import Safety
from .bench import FEW, Bench, Route, bench
from .law import Need
from .samples import Samples, Write

_CORE: Final = "sagicc_async"
_STRICT: Final = (str, int, bool)


@attrs.frozen(kw_only=True)
class Facts:
    """
    What is known of an adapter before it is checked: from its declarations, and from one list and one of each write.

    Args:
        kinds: The resources, by name.
        kind: The one whose list is read.
        packaged: Whether the adapter has code of its own, rather than a declaration that the core reads.
        rules: How the token may be used, as the adapter says.
        most: How many requests the vendor bears on one token at once; `None` for any number.
        windows: Limits that the adapter declares.
        login: Whether tokens come from a login.
        lives: Seconds that a token lives, as the adapter reads it.
        listing: Where the list is asked for.
        routes: Where each write goes.
        safety: How safe each write is, as the adapter says.
        keyed: Whether it is known how keys travel.
        samples: What the author has given.
        failed: Sample writes that do not work, and their errors; no other check makes them.
    """

    kinds: Mapping[str, type[Resource[Any]]]
    kind: type[Resource[Any]]
    packaged: bool
    rules: TokenRules
    most: int | None
    windows: tuple[Window, ...]
    login: bool
    lives: float | None
    listing: Route
    routes: Mapping[Write, Route] = attrs.field(eq=False)
    safety: Mapping[Write, Safety] = attrs.field(eq=False)
    keyed: bool
    samples: Samples
    failed: Mapping[str, SagiccAsyncError] = attrs.field(factory=dict)

    @property
    def place(self) -> frozenset[str]:
        """The parameters that say which page is meant."""
        return turning(self.kind.paging, by="place")

    @property
    def size(self) -> frozenset[str]:
        """The parameters that say how long a page is."""
        return turning(self.kind.paging, by="size")

    @property
    def strict(self) -> WireField | None:
        """A field of the records that takes one kind of value only."""
        return next((field for field in fields_of(self.kind) if field.way is Way.PLAIN and _strict(field)), None)

    def writes(self, *safeties: Safety) -> list[Write]:
        """The sample writes that are so safe."""
        return [write for write, safety in self.safety.items() if safety in safeties]

    @property
    def once(self) -> list[Write]:
        """The sample writes that must not be sent twice: as they stand in the samples, none of them carries a key."""
        return self.writes(Safety.UNSAFE, Safety.ONCE, Safety.KEYED)


def secret_fields(adapter: type[Adapter], credentials: Mapping[str, str], named: frozenset[str]) -> list[str]:
    """The fields of credentials that are secret: as their class says, or as the sandbox does."""
    made = adapter.credentials(**credentials)
    return [name for name in credentials if name.lower() in named or isinstance(getattr(made, name), Secret)]


def fields_of(kind: type[Resource[Any]]) -> tuple[WireField, ...]:
    """The declared fields of a resource's records; none where they are plain mappings."""
    model: type = kind.model
    return wire_fields(model)


def turning(paging: Paging, *, by: str) -> frozenset[str]:
    """The query parameters that change from page to page (`by="place"`), or with the page's size (`by="size"`)."""
    try:
        pages = (paging.numbered(1, 20), paging.numbered(2, 20))
    except Unsupported:  # links, or a single page: the first is all that has parameters
        pages = (paging.first, paging.first)
    one = paging.params(pages[0], 20)
    other = paging.params(pages[1], 20) if by == "place" else paging.params(pages[0], 10)
    return frozenset(name for name in one if one[name] != other.get(name))


def _strict(field: WireField) -> bool:
    return (field.type in _STRICT) or any(field.type == kind | None for kind in _STRICT)


# What laws ask for.

LOGIN: Final = Need("its tokens come from no login", lambda facts: facts.login)
EXPIRES: Final = Need("nothing says how long its tokens live", lambda facts: facts.lives is not None)
EXCLUSIVE: Final = Need(
    "the use of one token by several requests at once is neither limited nor counted",
    lambda facts: facts.most is not None,
)
SHARED: Final = Need(
    "its token is used by one request at a time, so that no refusal comes late",
    lambda facts: facts.rules.max_in_flight != 1,
)
WINDOWS: Final = Need("it declares no window", lambda facts: bool(facts.windows))
WRITES: Final = Need("its samples have no write", lambda facts: bool(facts.routes))
UNSAFE_WRITES: Final = Need(
    "its samples have no write that must not be repeated",
    lambda facts: bool(facts.once),
)
LOOKUPS: Final = Need(
    "the outcome of none of its sample writes can be looked up",
    lambda facts: any(write.name not in facts.samples.no_lookup for write in facts.once),
)
KEYS: Final = Need(
    "its samples have no write that takes a key", lambda facts: facts.keyed and bool(facts.writes(Safety.KEYED))
)
REPEATABLE_WRITES: Final = Need(
    "its samples have no write that may be repeated", lambda facts: bool(facts.writes(Safety.REPEATABLE))
)
PAGES: Final = Need("its list is a single page", lambda facts: bool(facts.size))
PLACES: Final = Need("its pages have no number or offset that could be ignored", lambda facts: bool(facts.place))
TOTALS: Final = Need("its list has no total", lambda facts: "total" in facts.kind.paging.meta)
TYPED: Final = Need(
    "its records have no declared field that takes one type alone", lambda facts: facts.strict is not None
)
PACKAGED: Final = Need("it has no code of its own", lambda facts: facts.packaged)
ERROR_SAMPLES: Final = Need("its samples have no error of the vendor's", lambda facts: bool(facts.samples.errors))


@attrs.define(eq=False)
class Subject:
    """
    An adapter under examination.

    Args:
        adapter: The adapter.
        sandbox: Makes its emulator, given settings.
        samples: What its author tells.
    """

    adapter: type[Adapter]
    sandbox: Callable[..., Any]
    samples: Samples
    _facts: Facts | None = attrs.field(default=None, init=False)

    @property
    def secret_names(self) -> frozenset[str]:
        """What the sandbox calls secret, in small letters."""
        return frozenset(name.lower() for name in self.sandbox(**self.samples.sandbox).secret_names)

    async def facts(self) -> Facts:
        """
        What the adapter is like; rehearsed once.

        Raises:
            SagiccAsyncError: Its list cannot be read.
        """
        if self._facts is None:
            self._facts = await _rehearse(self)
        return self._facts


async def _rehearse(subject: Subject) -> Facts:
    samples = subject.samples
    routes: dict[Write, Route] = {}
    failed: dict[str, SagiccAsyncError] = {}
    for write in samples.writes:
        try:
            routes[write] = await _route_of(subject, write)
        except SagiccAsyncError as error:
            failed[write.name] = error
    async with bench(subject) as here:
        kind = type(here.resource)
        await here.stream().collect(1)
        (status,) = here.sessions.status().values()
        terms = here.account.account.terms
        vendor_minds = overlap_of(here.emulator) != "off"
        most = terms.rules.max_in_flight
        return Facts(
            kinds={name: type(here.account[name]) for name in here.account},
            kind=kind,
            packaged=subject.adapter.__module__.partition(".")[0] != _CORE,
            rules=terms.rules,
            most=1 if most is None and vendor_minds else most,
            windows=terms.windows,
            login=here.vendor.stats.logins > 0,
            lives=status["lives"],
            listing=_last(here, "GET", f"the list of {samples.list}"),
            routes=routes,
            safety={write: _safety(here, write) for write in routes},
            keyed=here.account.idempotency_header is not None,
            samples=samples,
            failed=failed,
        )


async def _route_of(subject: Subject, write: Write) -> Route:
    async with bench(subject, records=FEW) as here:  # as every check of writes: a path may hold a record's id
        await here.write(write)
        return _last(here, "", write.name)


def _last(here: Bench, method: str, what: str) -> Route:
    """Where the last request with a token went, that read or that wrote."""
    for entry in reversed(here.vendor.requests):
        if entry.token is not None and (entry.method == method if method else entry.method != "GET"):
            return Route(entry.method, entry.path)
    raise ConfigError(f"{what} sent no request with a token: check the samples, and the sandbox's token()")


def _safety(here: Bench, write: Write) -> Safety:
    operations = type(here.account[write.resource]).operations
    if write.operation not in operations:
        raise ConfigError(f"the sample write {write.name} is none of {', '.join(operations)}")
    return operations[write.operation]
