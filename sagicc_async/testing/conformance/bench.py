"""A bench: the adapter's sandbox, a session manager, and an account of the adapter that is opened at it."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...adapter import Adapter
from ...clock import Clock
from ...manager import SessionManager
from ...records.stream import Stream
from ...resource import Resource
from ...sandbox import Call, LocalVendor, LoggedRequest, Reply, Sandbox
from ...tokens.coordination.memory import MemoryCoordinator
from ...wire.limits import Timeouts
from ...wire.request import Priority
from ...wire.retry import RetryPolicy
from .bent import Bent
from .hurried import HurriedClock
from .law import Violation
from .samples import Write

if TYPE_CHECKING:
    from .subject import Subject

#: Tries of a request, in every check that does not say otherwise.
ATTEMPTS: Final = 3
#: Records of a sandbox that is opened for what needs no more: inventing many takes its time.
FEW: Final = 10
#: Seconds of real time that the suite waits for what comes at once.
PATIENCE: Final = 10.0


@attrs.frozen
class Route:
    """
    Where a kind of request goes.

    Args:
        method: In capitals.
        path: At the vendor's own host.
    """

    method: str
    path: str

    @property
    def struck(self) -> dict[str, str]:
        """The options of a fault that strikes these requests alone."""
        return {"method": self.method, "path": f"^{re.escape(self.path)}$"}

    def holds(self, entry: LoggedRequest | Call) -> bool:
        """Whether a request is one of these."""
        return (entry.method, entry.path) == (self.method, self.path)


@attrs.frozen(kw_only=True)
class Bench:
    """
    What a check works with.

    Args:
        subject: Whose bench it is.
        emulator: The sandbox's emulator.
        vendor: The vendor in the sandbox.
        sessions: The manager.
        account: The adapter, opened.
        coordinator: What the managers of this bench share.
        clock: The managers' time.
        events: What the manager told its hooks.
    """

    subject: Subject
    emulator: Bent
    vendor: LocalVendor
    sessions: SessionManager
    account: Adapter
    coordinator: MemoryCoordinator
    clock: Clock | None
    events: list[Any]
    _stack: AsyncExitStack

    @property
    def resource(self) -> Any:
        """The resource whose list is read."""
        return self.account[self.subject.samples.list]

    def stream(self, account: Adapter | None = None) -> Stream[Any]:
        """Its list."""
        name = self.subject.samples.list
        return self.list_of((self.account if account is None else account)[name])

    def list_of(self, resource: Resource[Any]) -> Stream[Any]:
        """
        The list of any resource.

        Raises:
            Violation: It cannot be called with the arguments of the samples.
        """
        arguments, listed = self.subject.samples.arguments.get(resource.name, {}), resource.list
        try:
            inspect.signature(listed).bind(**arguments)
        except TypeError as wrong:
            unfit = f"the list of {resource.name} cannot be called with what the samples give it: {wrong}"
        else:
            stream: Stream[Any] = listed(**arguments)
            return stream
        raise Violation(unfit, look=f"Samples.arguments, which has the keywords that lists need, of {resource.name}")

    async def ask(self, account: Adapter | None = None) -> list[Any]:
        """Ask for the first record of the list, with a person waiting: so no pace delays it."""
        with Priority.interactive():
            return await self.stream(account).collect(1)

    async def write(self, write: Write, account: Adapter | None = None, **options: Any) -> Any:
        """Make a write."""
        operation = getattr((self.account if account is None else account)[write.resource], write.operation)
        arguments = [given(self.vendor) if callable(given) else given for given in write.arguments]
        made = operation(*arguments, **write.options, **options)
        return [each async for each in made] if hasattr(made, "__aiter__") else await made

    def open(self, sessions: SessionManager | None = None, *, credentials: Any = None, **options: Any) -> Adapter:
        """Another account; of the same credentials if none are given."""
        return (sessions or self.sessions).open(
            self.subject.adapter,
            self.vendor.credentials if credentials is None else credentials,
            base_url=self.vendor.base_url,
            **{**self.vendor.settings, **self.subject.samples.settings, **options},
        )

    async def anew(self) -> Bench:
        """A bench as it was at the beginning, at the same sandbox: opening another one takes much longer."""
        self.vendor.reset()
        self.emulator.after = None
        self.emulator.tokens.clear()
        _add_rows(self.subject, self.vendor)
        coordinator = MemoryCoordinator(self.clock)
        sessions = await self._stack.enter_async_context(_manager(coordinator, self.clock))
        again = attrs.evolve(self, sessions=sessions, coordinator=coordinator, events=[])
        return attrs.evolve(again, account=again.open())

    async def manager(self, **settings: Any) -> SessionManager:
        """Another manager, that shares the coordinator and the clock; it is closed with the bench."""
        return await self._stack.enter_async_context(_manager(self.coordinator, self.clock, **settings))

    def arrived(self, route: Route) -> list[LoggedRequest]:
        """The requests of a kind that the vendor has seen, answered or not."""
        return [entry for entry in self.vendor.requests if route.holds(entry)]

    async def until_in_flight(self, count: int) -> None:
        """Wait until the vendor is at work on so many requests."""
        async with asyncio.timeout(PATIENCE):
            await self.vendor.until(lambda stats: stats.in_flight == count)


def _add_rows(subject: Subject, vendor: LocalVendor) -> None:
    for resource, rows in subject.samples.rows.items():
        for row in rows:
            vendor.add(resource, row)


def _manager(coordinator: MemoryCoordinator, clock: Clock | None, **settings: Any) -> SessionManager:
    quick = {"retry": RetryPolicy(attempts=ATTEMPTS, base=0.001), "timeouts": Timeouts(total=5, read=5)}
    return SessionManager(coordinator=coordinator, clock=clock, **{**quick, **settings})


@asynccontextmanager
async def bench(
    subject: Subject,
    *,
    records: int | None = None,
    clock: Clock | None = None,
    real_time: bool = False,
    work: float = 0.0,
    before: Callable[[Call], Call] | None = None,
    after: Callable[[Call, Reply], Reply] | None = None,
    sandbox: Mapping[str, Any] | None = None,
    account: Mapping[str, Any] | None = None,
    credentials: Any = None,
    **manager: Any,
) -> AsyncIterator[Bench]:
    """
    Open a bench.

    Args:
        subject: Whose.
        records: How many records are invented.
        clock: Time of sandbox and managers; one that passes at once if not given.
        real_time: Take the machine's time instead.
        work: Seconds that the vendor works on each request.
        before: Changes requests before the vendor sees them.
        after: Changes the vendor's answers.
        sandbox: Settings of the sandbox.
        account: Settings of `open`.
        credentials: What the account is opened with: a function is given the vendor each time that it is asked.
        manager: Settings of the manager.
    """
    samples = subject.samples
    emulator = Bent(subject.sandbox(**{**samples.sandbox, **(sandbox or {})}), before=before, after=after)
    time = None if real_time else clock or HurriedClock()
    coordinator = MemoryCoordinator(time)
    async with AsyncExitStack() as stack:
        places = await stack.enter_async_context(
            Sandbox(
                [emulator],
                records=samples.records if records is None else records,
                seed=7,
                settings={emulator.name: {"work": work}},
                clock=time,
            )
        )
        vendor = places[emulator.name]
        _add_rows(subject, vendor)
        sessions = await stack.enter_async_context(_manager(coordinator, time, **manager))
        events: list[Any] = []
        sessions.on(events.append)
        given = vendor.credentials if credentials is None else lambda: credentials(vendor)
        settings = {**vendor.settings, **samples.settings, **(account or {})}
        opened = sessions.open(subject.adapter, given, base_url=vendor.base_url, **settings)
        yield Bench(
            subject=subject,
            emulator=emulator,
            vendor=vendor,
            sessions=sessions,
            account=opened,
            coordinator=coordinator,
            clock=time,
            events=events,
            stack=stack,
        )
