"""`Board`: how all tenants stand while they are synced, as the events tell; what shows them asks it."""

from __future__ import annotations

import enum
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from ..clock import Clock, SystemClock
from ..observe.events import Event, RequestFinished
from ..sync.accounts import AccountSource, Look, SyncAccount
from ..sync.events import AccountEnded, AccountStarted, Committed, SinkAway, SyncEvent, UnitEnded
from ..sync.outcome import Ending
from ..sync.state import Underway
from .sync_failures import reason

#: Seconds that the rates are taken over.
_RECENT: Final = 20.0
#: Under which name a failure of the account as a whole is kept.
_WHOLE: Final = ""


class Standing(enum.Enum):
    """How a tenant stands; the first that fits."""

    FAILING = "failing"
    WAITING = "waiting for a token"
    WORKING = "working"
    BEHIND = "behind"  # due, or parked
    DONE = "done"


@attrs.define(kw_only=True)
class Tenant:
    """
    How one tenant stands.

    Attributes:
        name: Its account's.
        vendor: Whose.
        every: Seconds after which its next round is due; `None` if there is but one.
        working: Whether its turn is going on.
        waiting: Whether it waits for its token, or for room in a window.
        over: Whether its latest round has come to an end.
        begun_at: When that round began.
        turn_at: When its turn began.
        resource: What is being read.
        requests: Requests for it.
        underway: The pass of it, as far as it is committed.
        rows: Rows of this round.
        rows_before: Those of them that came before this turn.
        changes: Rows of this round that were written.
        failures: Why what is not up to date is not: by resource, or of the whole account.
    """

    name: str
    vendor: str = ""
    every: float | None = None
    working: bool = False
    waiting: bool = False
    over: bool = False
    begun_at: float | None = None
    turn_at: float = 0.0
    resource: str = ""
    requests: int = 0
    underway: Underway | None = None
    rows: int = 0
    rows_before: int = 0
    changes: int = 0
    failures: dict[str, str] = attrs.field(factory=dict)

    def asked(self, resource: str) -> None:
        """Count a request."""
        if resource != self.resource:
            self.resource, self.requests, self.underway = resource, 0, None
        self.requests += 1

    def standing(self, now: float) -> Standing:
        """How it stands."""
        if self.failures:
            return Standing.FAILING
        if self.working:
            return Standing.WAITING if self.waiting else Standing.WORKING
        late = self.every is not None and self.begun_at is not None and now - self.begun_at > self.every
        return Standing.DONE if self.over and not late else Standing.BEHIND

    @property
    def failure(self) -> str:
        """What it fails with, beginning with the resource; empty if it does not."""
        return next((f"{resource}: {why}" if resource else why for resource, why in self.failures.items()), "")


class Board:
    """
    How all tenants stand; it hears of everything, and is cheap to ask.

    Args:
        clock: Time.
        would: Whether nothing is written, in a dry run.
    """

    def __init__(self, clock: Clock | None = None, *, would: bool = False) -> None:
        self._clock = clock or SystemClock()
        #: What became of the rows that are new or differ, in words.
        self.written: str = "would be written" if would else "written"
        self._tenants: dict[str, Tenant] = {}
        self._samples: deque[tuple[float, int, int]] = deque()
        self.begun_at: float = self._clock.now()
        self.rows: int = 0
        self.changes: int = 0
        self.requests: int = 0
        #: Why the sink cannot be reached; empty if it can.
        self.away: str = ""

    def __len__(self) -> int:
        return len(self._tenants)

    def __iter__(self) -> Iterator[Tenant]:
        return iter(self._tenants.values())

    def __getitem__(self, name: str) -> Tenant:
        return self._tenants[name]

    def expect(self, tenants: Iterable[tuple[str, str, float | None]]) -> None:
        """
        Hear which tenants there are: those that are gone go, unless they are still working.

        Args:
            tenants: Name, vendor, and seconds between two rounds (`None`: there is one round).
        """
        before, self._tenants = self._tenants, {}
        for name, vendor, every in tenants:
            tenant = before.pop(name) if name in before else Tenant(name=name)
            tenant.vendor, tenant.every = vendor, every
            self._tenants[name] = tenant
        self._tenants |= {name: tenant for name, tenant in before.items() if tenant.working}

    def take(self, event: SyncEvent) -> None:
        """Hear what happened."""
        if isinstance(event, AccountStarted):
            self._started(self._tenant(event.account, event.vendor))
        elif isinstance(event, Committed):
            self._committed(event)
        elif isinstance(event, UnitEnded):
            self._unit_ended(event)
        elif isinstance(event, SinkAway):
            self.away = event.reason
        else:
            self._ended(event)

    def count(self, event: Event) -> None:
        """Hear of a request: a hook for `SessionManager.on`."""
        if not isinstance(event, RequestFinished):
            return
        self.requests += 1
        tenant = self._tenants.get(event.account)
        if tenant is not None:
            tenant.asked(event.operation.partition(".")[0])

    def look_at_queues(self, status: Mapping[str, Any]) -> None:
        """
        See who waits for a token.

        Args:
            status: What `SessionManager.status` tells.
        """
        for tenant in self:
            queue = status.get(f"{tenant.vendor}/{tenant.name}", {}).get("queue")
            # A tenant has one request at a time: what waits is held up by a window, a pause, or somebody else's request.
            tenant.waiting = queue is not None and queue["waiting"] > 0

    def standings(self) -> Counter[Standing]:
        """How many tenants stand how."""
        now = self._clock.now()
        return Counter(tenant.standing(now) for tenant in self)

    def standing(self, tenant: Tenant) -> Standing:
        """How a tenant stands now."""
        return tenant.standing(self._clock.now())

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return self._clock.now() - self.begun_at

    def rate(self, tenant: Tenant) -> float:
        """Rows a second of a tenant in its turn."""
        seconds = self._clock.now() - tenant.turn_at
        return (tenant.rows - tenant.rows_before) / seconds if seconds > 0 else 0.0

    def seconds_of(self, tenant: Tenant) -> float:
        """Seconds since a tenant's round began."""
        return 0.0 if tenant.begun_at is None else self._clock.now() - tenant.begun_at

    def rates(self) -> tuple[float, float]:
        """Rows and requests a second, lately; to be asked for again and again."""
        now = self._clock.now()
        self._samples.append((now, self.rows, self.requests))
        while len(self._samples) > 2 and now - self._samples[0][0] > _RECENT:
            self._samples.popleft()
        then, rows, requests = self._samples[0]
        seconds = now - then
        return ((self.rows - rows) / seconds, (self.requests - requests) / seconds) if seconds > 0 else (0.0, 0.0)

    def _tenant(self, name: str, vendor: str) -> Tenant:
        return self._tenants.get(name) or self._tenants.setdefault(name, Tenant(name=name, vendor=vendor))

    def _started(self, tenant: Tenant) -> None:
        now = self._clock.now()
        if tenant.over or tenant.begun_at is None:
            tenant.over, tenant.begun_at, tenant.rows, tenant.changes = False, now, 0, 0
        tenant.working, tenant.turn_at, tenant.rows_before = True, now, tenant.rows

    def _committed(self, event: Committed) -> None:
        tenant, changes = self._tenant(event.unit.account, event.unit.vendor), event.changes
        written = changes.new + changes.changed + changes.deleted
        rows = changes.new + changes.changed + changes.unchanged
        if event.unit.resource == tenant.resource:  # else its next resource is being read already
            tenant.underway = event.underway
        tenant.rows += rows
        tenant.changes += written
        self.rows += rows
        self.changes += written
        self.away = ""

    def _unit_ended(self, event: UnitEnded) -> None:
        unit, outcome = event.outcome.unit, event.outcome
        tenant = self._tenant(unit.account, unit.vendor)
        if outcome.ending is Ending.PARKED:
            tenant.working = False
        elif outcome.ending in (Ending.DONE, Ending.TAKEN_OVER):
            tenant.failures.pop(unit.resource, None)
        elif outcome.ending is Ending.FAILED:
            tenant.failures[unit.resource] = reason(outcome)

    def _ended(self, event: AccountEnded) -> None:
        tenant = self._tenant(event.account, event.vendor)
        tenant.working, tenant.waiting, tenant.over = False, False, True
        if event.error and not tenant.failures:
            tenant.failures[_WHOLE] = event.error
        elif not event.error:
            tenant.failures.pop(_WHOLE, None)


class Watched:
    """
    A source whose accounts a board hears of before the first of them is begun.

    Args:
        source: The accounts.
        board: The board.
        only: Names of the accounts that are asked for; empty for all.
        every: Seconds between two rounds of an account; `None` if there is but one.
    """

    def __init__(
        self,
        source: AccountSource,
        board: Board,
        only: Iterable[str],
        every: Callable[[SyncAccount], float | None],
    ) -> None:
        self._source = source
        self._board = board
        self._only = tuple(only)
        self._every = every

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        accounts: list[SyncAccount] = []
        failure: Exception | None = None
        try:
            async for account in self._source:
                accounts.append(account)  # noqa: PERF401 - those before a failure are kept
        except Exception as error:  # noqa: BLE001 - raised below, when those before it are begun
            failure = error
        look = Look(self._only)
        self._board.expect(
            (account.name, _vendor(account), self._every(account)) for account in accounts if look.takes(account)
        )
        for account in accounts:
            yield account
        if failure is not None:
            raise failure


def _vendor(account: SyncAccount) -> str:
    return account.vendor if isinstance(account.vendor, str) else account.vendor.vendor
