"""SERPI's sandbox with managers of one private coordinator, a server that answers as it is told, a disk that is full."""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from sagicc_async import Coordinator, MemoryCoordinator, RetryPolicy, SessionManager, Timeouts
from sagicc_async.sandbox import LocalVendor, Sandbox

if TYPE_CHECKING:
    from sagicc_async_serpi import Serpi

#: The tests here that work with one vendor or with all of them, by the adapter that they need: files, and folders whole.
#: Everything else must pass whichever adapter is not there; `nox -s without` takes one after the other away.
_ALL = [
    "cli/test_all_vendors.py",
    "cli/test_sandbox_accounts.py",
    "cli/test_sync.py",
    "cli/test_sync_processes.py",
    "sandbox/test_accounts.py",
    "sandbox/test_companies.py",
    "sync/system",
    "test_docs_of_sync.py",
]
NEEDS = {
    "operand": _ALL,
    "sagicc": [
        *_ALL,
        "test_readme.py",
        "sync/engine/test_worker.py",
        "cli/test_open_models.py",
        "coordination/test_one_login.py",
        "typing/sagicc.py",
    ],
    "serpi": [
        *_ALL,
        "test_readme.py",
        "cli/test_bad_input.py",
        "cli/test_commands.py",
        "cli/test_error_share.py",
        "cli/test_open_models.py",
        "cli/test_processes.py",
        "coordination/test_file_canary.py",
        "coordination/test_stopped_process.py",
        "gate",
        "observe",
        "streams/test_errors_of_readers.py",
        "streams/test_on_sockets.py",
        "sync/engine/test_cli_worker.py",
        "sync/engine/test_jobs.py",
        "sync/engine/test_takeover.py",
        "sync/engine/test_worker.py",
        "sync/test_accounts_file.py",
        "sync/test_sync_config.py",
        "test_adapter.py",
        "test_canary.py",
        "test_default_settings.py",
        "test_docs.py",
        "test_keys.py",
        "test_logins.py",
        "test_manager.py",
        "test_observing.py",
        "test_opening.py",
        "test_registry.py",
        "testing/test_isolation.py",
        "testing/test_web_handler.py",
        "typing/api.py",
        "wire/test_transport_limits.py",
        "wire/test_transport_proxy.py",
        "wire/test_transport_reuse.py",
    ],
    "siigo": [*_ALL, "test_readme.py", "coordination/test_nothing_secret.py", "typing/siigo.py"],
}
#: The adapter that this run does without.
WITHOUT = os.environ.get("SAGICC_ASYNC_WITHOUT", "")

collect_ignore = NEEDS.get(WITHOUT, [])

_codes = itertools.count()


@attrs.frozen(kw_only=True)
class Rig:
    """A vendor that counts, a manager, and an account of it."""

    vendor: LocalVendor
    sessions: SessionManager
    serpi: Any
    coordinator: Coordinator
    events: list[Any]
    _stack: AsyncExitStack

    async def manager(self, **settings: Any) -> SessionManager:
        """Another manager that shares the coordinator; it is closed with the rig."""
        return await self._stack.enter_async_context(quick_manager(self.coordinator, **settings))

    def open(self, sessions: SessionManager | None = None, kind: type[Serpi] | None = None, **options: Any) -> Any:
        given = {"credentials": self.vendor.credentials, "base_url": self.vendor.base_url, "settle": 30, **options}
        return (sessions or self.sessions).open(kind or "serpi", **given)

    def queue(self) -> dict[str, Any]:
        """The queue of the account's token, as `status()` tells it."""
        return next(iter(self.sessions.status().values()))["queue"]

    def of(self, kind: type) -> list[Any]:
        """Events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def arrived(self, method: str) -> int:
        """Requests that the vendor saw, answered or not."""
        return sum(entry.method == method for entry in self.vendor.requests)


def quick_manager(coordinator: Coordinator, **settings: Any) -> SessionManager:
    """A manager whose retries do not keep a test waiting."""
    return SessionManager(**{"coordinator": coordinator, "retry": RetryPolicy(attempts=3, base=0.001), **settings})


@pytest.fixture
def needs() -> dict[str, list[str]]:
    """Which of the core's tests need which vendor's adapter."""
    return NEEDS


@pytest.fixture
def make_coordinator() -> Callable[[], Coordinator]:
    """What makes the coordinator of a rig, and another one that agrees with it; tests of the gate have several kinds."""
    coordinator = MemoryCoordinator()
    return lambda: coordinator


@pytest.fixture
def rig(make_coordinator: Callable[[], Coordinator]) -> Callable[..., AbstractAsyncContextManager[Rig]]:
    """
    Open a sandbox and a manager: `async with rig(settle=0.2, total=1) as r`.

    Without a `settle` the token stays taken for 30 s after a lost request: a test that loses one by mistake fails.
    """

    @asynccontextmanager
    async def open_rig(
        *,
        kind: type[Serpi] | None = None,
        account: dict[str, Any] | None = None,
        work: float = 0,
        settle: float = 30,
        total: float = 5,
        read: float = 5,
        sandbox: dict[str, Any] | None = None,
        **manager: Any,
    ) -> AsyncIterator[Rig]:
        events: list[Any] = []
        async with AsyncExitStack() as stack:
            places = await stack.enter_async_context(
                Sandbox(["serpi"], records=40, settings={"serpi": {"work": work, **(sandbox or {})}})
            )
            coordinator = make_coordinator()
            manager = {"timeouts": Timeouts(total=total, read=read), **manager}
            sessions = await stack.enter_async_context(quick_manager(coordinator, **manager))
            sessions.on(events.append)
            vendor = places["serpi"]
            made = Rig(
                vendor=vendor, sessions=sessions, serpi=None, coordinator=coordinator, events=events, stack=stack
            )
            yield attrs.evolve(made, serpi=made.open(kind=kind, settle=settle, **(account or {})))

    return open_rig


@pytest.fixture
def new_record() -> Callable[[], dict[str, str]]:
    """A cost centre with a code of its own (small letters: the invented ones have none)."""

    def make() -> dict[str, str]:
        code = f"{next(_codes):05d}".translate(str.maketrans("0123456789", "abcdefghij"))
        return {"codigo": code, "abreviatura": code, "descripcion": "x"}

    return make


@attrs.frozen(kw_only=True)
class Heard:
    """A request as it arrived on a connection of the raw server."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


Answer = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]


def http_answer(body: bytes = b"{}", status: int = 200, **headers: str) -> bytes:
    """The bytes of a whole answer; `content_type="text/html"` becomes a header."""
    named = {"Content-Length": str(len(body)), **{name.replace("_", "-").title(): v for name, v in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Status\r\n{head}\r\n".encode() + body


@attrs.define
class RawServer:
    """Hands every request, read whole, to `answer`, which writes what it likes."""

    answer: Answer
    heard: list[Heard] = attrs.field(factory=list)
    connections: int = 0
    url: str = ""
    _tasks: set[asyncio.Task[Any]] = attrs.field(factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while not writer.is_closing():
                heard = await _read_request(reader, number)
                self.heard.append(heard)
                await self.answer(heard, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()

    async def stop(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Heard(method=method, target=target, headers=headers, body=body, connection=connection)


@pytest.fixture
def http_server() -> Callable[..., AbstractAsyncContextManager[RawServer]]:
    """Start a server: `async with http_server(answer) as server: server.url`."""

    @asynccontextmanager
    async def start(answer: Answer | bytes, **listen: Any) -> AsyncIterator[RawServer]:
        async def always(_: Heard, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)

        server = RawServer(always if isinstance(answer, bytes) else answer)
        listener = await asyncio.start_server(server.accept, "127.0.0.1", 0, **listen)
        scheme = "https" if "ssl" in listen else "http"
        server.url = f"{scheme}://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        try:
            yield server
        finally:
            listener.close()
            await server.stop()
            await listener.wait_closed()

    return start


@pytest.fixture
def answer_bytes() -> Callable[..., bytes]:
    return http_answer


@pytest.fixture
def files_of_at_most() -> Callable[[int], AbstractContextManager[None]]:
    """No file of this process grows beyond so many bytes: `with files_of_at_most(9000):`."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
