"""One vendor's company in the sandbox: the way of a request through it, and what its user can see and script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, TypeVar

import attrs
from aiohttp import web

from ..clock import Clock
from ..errors import ConfigError, SessionClosed
from .delivery import Dropped, reset
from .effects import Effect, Struck
from .faults import Fault, Script
from .journal import Journal, LoggedRequest
from .optional import actions_of, client_settings_of, visible_rows
from .owner import Owner
from .rules import Rules
from .usage import Usage, Use
from .vendor import Call, Company, Reply, SandboxVendor

T = TypeVar("T")


class LocalVendor:
    """
    A vendor's company that runs in the sandbox; `sandbox["serpi"]`.

    Its methods can be called from any thread while the sandbox is open; each acts on the sandbox's own event loop.

    Args:
        name: The company's, which is the vendor's where it has one company.
        emulator: What knows the vendor.
        company: Its data and credentials.
        rules: The settings that every vendor has.
        records: How much data is invented.
        seed: Decides everything that is invented.
        clock: Where work and pauses take their time from.
        log_size: How many requests the log keeps.
    """

    def __init__(
        self,
        name: str,
        emulator: SandboxVendor,
        company: Company,
        *,
        rules: Rules,
        records: int,
        seed: int,
        clock: Clock,
        log_size: int,
    ) -> None:
        self._name = name
        self._emulator = emulator
        self._company = company
        self._rules = rules
        self._records = records
        self._seed = seed
        self._clock = clock
        self._script = Script(self._random("faults"))
        self._credentials_random = self._random("credentials")
        self._journal = Journal(emulator.secret_names, log_size)
        self._usage = Usage()
        self._tasks: set[asyncio.Task[web.StreamResponse]] = set()
        self._started: set[asyncio.Task[None]] = set()
        self._owner: Owner | None = None
        self._base_url = ""

    # What a user sees.

    @property
    def name(self) -> str:
        """The company's name in this sandbox: `serpi`, `serpi-2`."""
        return self._name

    @property
    def vendor(self) -> str:
        """The name of the vendor's adapter."""
        return self._emulator.name

    @property
    def base_url(self) -> str:
        """What a client is given in place of the vendor's own base URL."""
        return self._base_url

    @property
    def credentials(self) -> dict[str, str]:
        """
        A valid set of credentials, the same for the same seed.

        Raises:
            ConfigError: None is valid any more.
        """
        return self._on_loop(self._first_credentials)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that a client of this sandbox may use in place of its defaults."""
        return dict(client_settings_of(self._emulator))

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead `from_env` and the command line here: address, credentials and settings."""
        fields = {"base_url": self.base_url, **self.credentials, **self.settings}
        prefix = self.vendor.upper().replace("-", "_")
        return {f"{prefix}_{field.upper()}": f"{value}" for field, value in fields.items()}

    @property
    def actions(self) -> tuple[str, ...]:
        """The names that `act` knows."""
        return tuple(actions_of(self._emulator))

    @property
    def stats(self) -> Usage:
        """The counters, live."""
        return self._usage

    @property
    def requests(self) -> list[LoggedRequest]:
        """What arrived, oldest first."""
        return self._on_loop(self._journal.entries)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that stand."""
        return self._on_loop(lambda: self._script.faults)

    def add(self, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """
        Keep a record, without the vendor's validation.

        Args:
            resource: One of the vendor's resources.
            record: Its fields; what is missing is completed.

        Returns:
            The record as it is kept, with its id.
        """
        return self._on_loop(lambda: self._emulator.add(self._company, resource, record))

    def rows(self, resource: str) -> list[dict[str, Any]]:
        """Return all records of a resource that are sent, in the order in which they are sent, decimals exact."""
        return self._on_loop(lambda: visible_rows(self._emulator, self._company.store, resource))

    def fault(self, kind: str, **options: Any) -> Fault:
        """
        Script a fault.

        Args:
            kind: What happens; `sagicc_async.sandbox.effects` has the table.
            options: The effect's own settings (`seconds=0.2`), and whom it strikes: `method`, `path` (a regular
                expression), `query`, `nth`, `times`, `probability`; see `Fault`.

        Returns:
            The fault, which counts whom it struck; give it to `clear_faults` to end it alone.

        Raises:
            ConfigError: No such kind or option, or a value that it cannot have.
        """
        return self._on_loop(lambda: self._script.add(kind, **options))

    def clear_faults(self, fault: Fault | None = None) -> None:
        """End one fault, or all of them; held requests go on."""
        self._on_loop(lambda: self._script.clear(fault))

    def issue(self) -> dict[str, str]:
        """Issue another set of credentials to the same data; the others stay valid."""
        return self._on_loop(self._issue)

    def rotate(self) -> dict[str, str]:
        """Replace all credentials by a new set, as somebody does at the vendor's screen, and return it."""

        def replace() -> dict[str, str]:
            new = self._issue()
            self._company.credentials[:] = [new]
            return new

        return self._on_loop(replace)

    def act(self, action: str, /, **options: Any) -> Any:
        """
        Let something happen that the vendor offers at its screen, not to its clients.

        Args:
            action: Which of `actions`.
            options: The action's own.

        Returns:
            What the screen shows.

        Raises:
            ConfigError: The vendor has no such action, or the action has no such option.
        """
        known = actions_of(self._emulator)
        if action not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(f"the sandbox of {self.name!r} has no action {action!r}; it has: {names}")
        return self._on_loop(lambda: known[action](self._company, options))

    def reset(self, *, data: bool = True) -> None:
        """
        Begin anew: no faults, empty log, counters at zero.

        Args:
            data: Also the data and credentials as they were at the start.
        """
        self._on_loop(lambda: self._reset(data=data))

    async def until(self, condition: Callable[[Usage], bool]) -> None:
        """
        Wait until the counters satisfy a condition: `await vendor.until(lambda stats: stats.in_flight == 1)`.

        It can be awaited on any event loop. Cancelling it leaves nothing behind.
        """
        loop = self._owned().loop
        if loop is asyncio.get_running_loop():
            await self._usage.until(condition)
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._usage.until(condition), loop))

    # What the server calls, on its loop.

    def open(self, base_url: str) -> None:
        """Belong to the running loop, and invent the data if there is none."""
        self._owner = Owner.here()
        self._base_url = self._company.base_url = base_url
        self._company.start = self._start
        self._start_credentials()
        if self._company.store.is_empty():
            self._emulator.populate(self._company.store, records=self._records, seed=self._seed)

    async def close(self) -> None:
        """Take no more requests, cancel the work that is going on, and wait for it."""
        self._owner = None
        tasks = self._tasks | self._started
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """
        Answer a request.

        The work is a task of this vendor's own: neither a client that hangs up nor a cancelled handler ends it.
        """
        if self._owner is None:
            return web.Response(status=503)
        call = self._call(request)
        token = self._emulator.token(call)
        use = self._usage.begin(token, watch_overlaps=self._rules.overlap != "off")
        entry = self._journal.open(call, token=token, overlap=use.overlap, now=self._clock.now())
        task = asyncio.create_task(self._exchange(request, call, use, entry))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _exchange(self, request: web.Request, call: Call, use: Use, entry: LoggedRequest) -> web.StreamResponse:
        try:
            try:
                body = await request.read()
            except (ConnectionError, web.RequestPayloadError):
                # It never arrived whole, so there is nothing to work on.
                entry.hung_up = True
                return web.Response(status=400)
            self._journal.note_body(entry, body)
            reply = await self._reply(request, attrs.evolve(call, body=body), use, entry)
            if not reply.delivery.occupies:
                self._finish(use, entry)
            entry.hung_up = request.transport is None
            try:
                return await reply.delivery.send(request, reply, self._clock)
            except ConnectionError:
                entry.hung_up = True
                return web.Response()
        finally:
            self._finish(use, entry)

    async def _reply(self, request: web.Request, call: Call, use: Use, entry: LoggedRequest) -> Reply:
        if use.overlap and self._rules.overlap == "reject":
            reply = self._emulator.refuse(call, "overlap")
        else:
            effects = self._script.strike(call)
            entry.faults = tuple(effect.kind for effect in effects)
            reply = await self._work(request, call, use, effects)
        if not isinstance(reply.delivery, Dropped):
            entry.status = reply.status
            self._usage.answered(reply.status, login=reply.login, rejected=reply.rejected)
        return reply

    async def _work(self, request: web.Request, call: Call, use: Use, effects: list[Effect]) -> Reply:
        struck = Struck(reset=lambda: reset(request), revoke=lambda: self._revoke(use.token))
        for effect in effects:
            effect.arrive(struck)
        if self._rules.work:
            await self._clock.sleep(self._rules.work)
        for effect in effects:
            await effect.work(self._clock)
        if not all(effect.done for effect in effects):
            reply = Reply()
        elif use.token is not None and use.token in self._company.revoked:
            reply = self._emulator.refuse(call, "revoked")
        else:
            reply = self._emulator.answer(call, self._company)
        for effect in effects:
            reply = effect.answer(reply, self._emulator.rows_at)
        return reply

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin what an emulator does by itself: it takes no part in statistics, log and faults."""
        task = asyncio.create_task(work)
        self._started.add(task)
        task.add_done_callback(self._started.discard)

    def _finish(self, use: Use, entry: LoggedRequest) -> None:
        use.end()
        if entry.finished is None:
            entry.finished = self._clock.now()

    def _call(self, request: web.Request) -> Call:
        prefix = f"/{self.name}"
        return Call(
            method=request.method,
            path=request.path.removeprefix(prefix),
            query=request.query,
            headers=request.headers,
            base_url=f"{request.scheme}://{request.host}{prefix}{self._emulator.base_path}",
            now=self._clock.now(),
            wall=self._clock.wall(),
        )

    def _revoke(self, token: str | None) -> None:
        if token is not None:
            self._company.revoked.add(token)

    def _first_credentials(self) -> dict[str, str]:
        if not self._company.credentials:
            raise ConfigError(
                f"the sandbox of {self.name!r} has no credentials left that are valid; issue() makes new ones, and "
                "reset() brings the first ones back"
            )
        return dict(self._company.credentials[0])

    def _issue(self) -> dict[str, str]:
        new = self._emulator.issue(self._credentials_random)
        self._company.credentials.append(new)
        return dict(new)

    def _start_credentials(self) -> None:
        self._credentials_random = self._random("credentials")
        self._company.revoked.clear()
        self._company.memory.clear()
        self._company.credentials.clear()
        self._issue()

    def _reset(self, *, data: bool) -> None:
        self._script.clear()
        self._journal.clear()
        self._usage.clear()
        if data:
            for task in self._started:
                task.cancel()
            self._start_credentials()
            self._company.store.clear()
            self._emulator.populate(self._company.store, records=self._records, seed=self._seed)

    def _random(self, purpose: str) -> Random:
        # Seeding with text goes through SHA-512: the same numbers on every machine and in every process.
        return Random(f"{self._seed}/{self.name}/{purpose}")  # noqa: S311

    def _owned(self) -> Owner:
        if self._owner is None:
            raise SessionClosed(f"the sandbox of {self.name!r} is not open; use it inside `async with Sandbox(...)`")
        return self._owner

    def _on_loop(self, function: Callable[[], T]) -> T:
        return self._owned().call(function)
