"""The sandbox: local vendors on one HTTP server."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from ..clock import Clock, SystemClock
from ..errors import ConfigError
from .companies import company_name, company_seed, listed
from .control import Control
from .discover import VendorChoice, emulators
from .local import LocalVendor
from .rules import Rules
from .store import Store, connect
from .thread import run_in_thread
from .vendor import Company, SandboxVendor

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_MAX_BODY = 64 * 1024**2
_BACKLOG = 1024


class Sandbox:
    """
    Local vendors that are as strict as the real ones, for tests, demonstrations and benchmarks.

        async with Sandbox(["serpi"], records=1000, seed=7) as sandbox:
            sandbox["serpi"].base_url, sandbox["serpi"].credentials

    A vendor's emulator comes with its adapter (entry points `sagicc_async.sandboxes`). Of several companies the first
    goes by the vendor's name, and the others are `sandbox["serpi-2"]`, `sandbox["serpi-3"]`; each has data, credentials,
    counters, log and faults of its own, and a vendor's limits hold for each alone.

    Args:
        vendors: Names of installed vendors, emulator classes, or emulators; `None` for all that are installed.
        companies: How many companies each vendor has.
        records: How many records of the main resource are invented, for each company.
        seed: Decides the invented data, the credentials, and faults with a probability.
        host: Interface to listen on.
        port: 0 takes a free one.
        database: A file that keeps the data; `None` for memory. What a file already holds stays as it is.
        settings: By vendor: `overlap` and `work` (see `Rules`), and the emulator's own.
        public_url: The address by which others reach this server, if it is not `http://host:port`.
        clock: Where work and pauses take their time from; the machine's by default.
        log_size: How many requests each company's log keeps.

    Raises:
        AdapterNotFound: A vendor is not installed, or does not load.
        ConfigError: A setting is wrong.
    """

    def __init__(
        self,
        vendors: Iterable[VendorChoice] | None = None,
        *,
        companies: int = 1,
        records: int = 1000,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        database: str | Path | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        public_url: str | None = None,
        clock: Clock | None = None,
        log_size: int = 50_000,
    ) -> None:
        if records < 0:
            raise ConfigError(f"records must be 0 or more, not {records}")
        if companies < 1:
            raise ConfigError(f"companies must be 1 or more, not {companies}")
        self._emulators = emulators(vendors, settings or {})
        self._companies, self._records, self._seed = companies, records, seed
        self._host, self._port, self._bound = host, port, port
        self._database = database
        self._public_url = public_url
        self._clock = clock or SystemClock()
        self._log_size = log_size
        self._vendors: dict[str, LocalVendor] = {}
        self._connections: list[sqlite3.Connection] = []
        self._runner: web.AppRunner | None = None
        self._listener: socket.socket | None = None

    @classmethod
    def in_thread(
        cls, vendors: Iterable[VendorChoice] | None = None, **settings: Any
    ) -> AbstractContextManager[Sandbox]:
        """
        Run a sandbox in a thread with an event loop of its own, for callers that block theirs or have none.

            with Sandbox.in_thread(["serpi"], records=20_000) as sandbox: ...

        Args:
            vendors: As for `Sandbox`.
            settings: As for `Sandbox`.
        """
        return run_in_thread(cls(vendors, **settings))

    def __getitem__(self, name: str) -> LocalVendor:
        if name not in self._vendors:
            known = listed(self._vendors) or "none, since it is not open"
            raise ConfigError(f"the sandbox has no vendor {name!r}; it has: {known}")
        return self._vendors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vendors)

    @property
    def url(self) -> str:
        """The address of the server, where the console page is."""
        host = _EVERYWHERE.get(self._host, self._host)
        return self._public_url or f"http://{f'[{host}]' if ':' in host else host}:{self._bound}"

    def describe(self) -> dict[str, Any]:
        """
        Return what a client must know: `{"vendors": {name: {"base_url": ..., "credentials": {...}}}}`.

        A vendor whose clients may use other settings here than their defaults has them under `settings`. Where a
        company's name is not its vendor's, `vendor` says whose it is.
        """
        return {"vendors": {name: _described(vendor) for name, vendor in self._vendors.items()}}

    async def __aenter__(self) -> Self:
        if self._runner is not None:
            raise ConfigError("the sandbox is open already; make another one")
        self._listener = listener = _listen(self._host, self._port)
        self._bound = listener.getsockname()[1]
        try:
            await self._place_all()
            await self._serve(listener)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._close()

    async def _place_all(self) -> None:
        for emulator, rules in self._emulators:
            for number in range(1, self._companies + 1):
                name = company_name(emulator.name, number)
                if name in self._vendors:
                    raise ConfigError(f"{name!r} is both a vendor and a company of one; leave one of the two out")
                self._vendors[name] = self._place(name, emulator, rules, company_seed(self._seed, number))
                await asyncio.sleep(0)  # to invent the data of many takes seconds, in which the loop has other work

    def _place(self, name: str, emulator: SandboxVendor, rules: Rules, seed: int) -> LocalVendor:
        company = Company(store=Store(self._connection(), name, emulator.tables()))
        vendor = LocalVendor(
            name,
            emulator,
            company,
            rules=rules,
            records=self._records,
            seed=seed,
            clock=self._clock,
            log_size=self._log_size,
        )
        vendor.open(f"{self.url}/{name}{emulator.base_path}")
        return vendor

    def _connection(self) -> sqlite3.Connection:
        """A file is shared. In memory each company has a database: to make a table takes longer the more there are."""
        if self._database is None or not self._connections:
            self._connections.append(connect(self._database))
        return self._connections[-1]

    async def _serve(self, listener: socket.socket) -> None:
        application = web.Application(client_max_size=_MAX_BODY)
        application.add_routes(Control(self._vendors, self.describe).routes())
        for name, vendor in self._vendors.items():
            application.router.add_route("*", f"/{name}/{{path:.*}}", vendor.handle)
        self._runner = web.AppRunner(application, access_log=None, handler_cancellation=False, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.SockSite(self._runner, listener, backlog=_BACKLOG).start()

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        await self._stop_listening(runner)
        # Handlers wait for the vendors' work: once that is cancelled, the server has nothing left to wait for.
        for vendor in self._vendors.values():
            await vendor.close()
        if runner is not None:
            await runner.cleanup()
        while self._connections:
            self._connections.pop().close()

    async def _stop_listening(self, runner: web.AppRunner | None) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return
        # asyncio (3.11) loses a connection that is accepted in the turn in which its server closes: so accept no
        # more, let what was accepted become connections, and only then close.
        asyncio.get_running_loop().remove_reader(listener)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for site in list(runner.sites) if runner else ():
            await site.stop()
        listener.close()


def _described(vendor: LocalVendor) -> dict[str, Any]:
    known = {"base_url": vendor.base_url, "credentials": vendor.credentials}
    whose = {"vendor": vendor.vendor} if vendor.vendor != vendor.name else {}
    return {**whose, **known, **({"settings": vendor.settings} if vendor.settings else {})}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # The plain words: `create_server` repeats the address in its own. Names that do not resolve have negative numbers.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        hint = "; port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        raise ConfigError(f"the sandbox cannot listen on {host}:{port}: {reason}{hint}") from error
