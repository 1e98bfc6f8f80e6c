"""
The mover of bytes: one aiohttp session for all accounts of a manager.

It keeps what the rest of the house relies on: it knows whether a first byte may be out, sends each request at most
once, reads the whole answer within its limits, and never takes credentials to another origin.
"""

from __future__ import annotations

import asyncio
import ipaddress
import weakref
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
import attrs
from aiohttp.client_reqrep import ClientRequest, ClientResponse
from yarl import URL

from ..errors import ConfigError
from ..interrupt import Interrupted, Interruptible
from .failure import CONNECTING, ON_ITS_WAY, ExchangeError, explain, too_large
from .limits import Watch, Watchman
from .proxy import Proxies
from .request import Origin, Response, check_base, origin_of, safe_url
from .room import Room
from .settings import TransportSettings

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 3


#: aiohttp would say of a POST without a body that it is `application/octet-stream`, which no vendor expects.
_OURS_ALONE: Final = ("Content-Type",)


@attrs.define(eq=False)
class Outgoing:
    """
    A request as it goes out, credentials included: it has no printable form.

    Args:
        method: HTTP method.
        url: Whole URL; it must lie in `origin`.
        origin: What the credentials are pinned to.
        headers: Everything to send.
        body: Bytes to send.
        request_id: Handed on to the answer.
        redirects: Whether redirects of a read are followed inside the origin.
        if_too_large: What to do about an answer beyond `max_body`, if the adapter knows.
    """

    method: str
    url: str = attrs.field(repr=False)
    origin: Origin
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)
    request_id: str
    redirects: bool = True
    if_too_large: str | None = None


@attrs.define(eq=False)
class Progress:
    """
    How far one exchange has come; shared between the transport and whoever waits for it.

    Args:
        check: Called immediately before the first byte is written; raises if the permission to send has run out.
        on_sent: Called when the request is on the wire: a look-ahead may yield to its consumer now.
        reuse: Seconds for which a kept-alive connection counts as just used. A request that would be costly to lose
            on a connection that the server has quietly closed takes a fresh one instead. `None`: any will do.
        since: When the time of the attempt began, on the loop's clock; if not said, when it is handed to the transport.
        sent: Whether a byte may have left this machine.
        watch: Measures the exchange's time.
        connection: What carries it.
    """

    check: Callable[[], None] = lambda: None
    on_sent: Callable[[], None] = lambda: None
    reuse: float | None = None
    since: float | None = None
    sent: bool = False
    watch: Watch | None = None
    connection: Any = attrs.field(default=None, repr=False)

    def before_write(self, last_used: float | None, now: float) -> None:
        """Decide, at the last moment, whether this request may be written to this connection."""
        if self.sent:
            raise ExchangeError("the connection was dropped before an answer")
        if self.reuse is not None and last_used is not None and now - last_used > self.reuse:
            raise _StaleConnection
        self.check()
        self.sent = True


class _StaleConnection(Exception):
    """Nothing was written: this kept-alive connection has been idle for too long to be trusted."""


_progress: ContextVar[Progress | None] = ContextVar("sagicc_async_progress", default=None)


class _Request(ClientRequest):
    """
    Tells the exchange that it is about to be written.

    aiohttp itself sends an idempotent request a second time when a kept-alive connection turns out to be dropped.
    That second send is a second use of the token and of the window, so `before_write` refuses it: trying again is
    the gate's decision.
    """

    async def send(self, conn: Any) -> ClientResponse:
        progress = _progress.get()
        if progress is None:
            return await super().send(conn)
        now = self.loop.time()
        progress.before_write(_last_used.get(conn.protocol), now)
        if progress.watch is not None:
            progress.watch.active = now
        progress.connection = conn.protocol
        response = await super().send(conn)
        progress.on_sent()
        return response


# When a connection last brought an answer to its end, on its loop's clock.
_last_used: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()


class Transport:
    """
    One connector, one TLS context, no cookies; shared by every account of a manager. It is made on the loop that uses it.

    Args:
        settings: Limits, proxy, certificates; or a connector or session of the caller's, which stays the caller's.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings
        # At hand: in CPython 3.11 each look for the running loop is a system call.
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._watchman = Watchman(settings.timeouts)
        self._own_session = settings.http is None
        self._session = settings.http or self._make_session()
        self._proxies = Proxies(settings.proxy, trust_env=settings.trust_env)
        #: Entered before an exchange, and left after it.
        self.room: Room = Room(
            settings.bulk_connections,
            total=settings.timeouts.total,
            watchman=self._watchman,
            now=self._now,
        )

    def _make_session(self) -> aiohttp.ClientSession:
        settings = self._settings
        # `total` and `read` are the exchange's own (`Watchman`), and cover the connector too.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.timeouts.connect)
        connector = settings.connector or aiohttp.TCPConnector(
            limit=settings.max_connections, ssl=settings.ssl if settings.ssl is not None else True
        )
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=settings.connector is None,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
            request_class=_Request,
            headers={"User-Agent": settings.user_agent},
            read_bufsize=2**20,
        )

    async def close(self) -> None:
        """Close the connections that this transport opened itself."""
        self._watchman.close()
        if self._own_session:
            await self._session.close()

    def check_base_url(self, base_url: str) -> Origin:
        """
        The origin that an account's credentials are pinned to.

        Raises:
            ConfigError: No URL that a path can be put behind, plain http to anything but this machine without
                `allow_http`, or a proxy of the environment's that is none.
        """
        origin = origin_of(base_url)
        if origin.scheme == "http" and not self._settings.allow_http and not _is_loopback(origin.host):
            raise ConfigError(
                f"{safe_url(base_url)} is plain http, over which anybody can read the token; "
                "use https, or SessionManager(allow_http=True) inside a network that you trust"
            )
        check_base(base_url, origin)
        self._proxies.proxy_for(origin)  # so that a wrong one is told of here, not by the first request
        return origin

    async def exchange(self, outgoing: Outgoing, progress: Progress) -> Response:
        """
        Send one request, once, and read the whole answer.

        Args:
            outgoing: What to send, credentials included.
            progress: Tells, whatever happens, whether a byte may be out.

        Returns:
            The complete answer, whatever its status.

        Raises:
            ExchangeError: There is no complete answer. Look at `progress.sent`.
            ConfigError: The URL lies in another origin; nothing was sent.

        Cancelling closes the connection; the vendor may go on working.
        """
        if not outgoing.origin.holds(outgoing.url):
            raise ConfigError(
                f"{safe_url(outgoing.url)} is not in the account's own origin; credentials are never sent there"
            )
        _progress.set(progress)  # for the hook that aiohttp calls
        block = Interruptible()
        watch = progress.watch = Watch(block, self._now() if progress.since is None else progress.since)
        self._watchman.add(watch)
        try:
            with block:
                response = await self._send(outgoing, progress)
                if response.status in _REDIRECTS:
                    return await self._follow(outgoing, progress, response)
                return response
        except Interrupted:
            pass
        finally:
            self._watchman.drop(watch)
            _progress.set(None)
        assert watch.reason is not None  # only the watchman interrupts
        # Raised outside of `except`, so that no aiohttp exception, which knows the headers, hangs on as its context.
        raise watch.reason

    async def _follow(self, outgoing: Outgoing, progress: Progress, response: Response) -> Response:
        """Follow the redirects of a read inside the origin."""
        for _ in range(_MOST_REDIRECTS):
            target = _target(outgoing.url, response.headers.get("Location", ""))
            if outgoing.method not in ("GET", "HEAD") or not _within(outgoing.origin, target):
                raise _not_followed(target, "where this request is not sent")
            if not outgoing.redirects:
                raise _not_followed(target, "which is a request of its own, and not sent unasked")
            outgoing = attrs.evolve(outgoing, url=target)
            progress.sent = False  # the first hop is completely answered; the next one is written anew
            response = await self._send(outgoing, progress)
            if response.status not in _REDIRECTS:
                return response
        raise ExchangeError("the vendor redirects in a circle", hint="check base_url", retry=False, answered=True)

    async def _send(self, outgoing: Outgoing, progress: Progress) -> Response:
        while True:
            try:
                return await self._roundtrip(outgoing, progress)
            except _StaleConnection:
                continue  # nothing was written; the pool has dropped that connection, the next one is fresher
            except (aiohttp.ClientError, OSError, ExchangeError) as error:
                progress.sent = self._may_be_out(progress, error)
                failure = explain(error, outgoing.url)
            raise failure

    def _may_be_out(self, progress: Progress, error: Exception) -> bool:
        """
        Whether a byte may have left this machine before an exchange failed.

        The hook of `_Request` knows; but a session of the caller's has none, and a mock answers before it would run.
        """
        if isinstance(error, CONNECTING):
            return progress.sent and self._own_session
        return progress.sent or isinstance(error, ON_ITS_WAY)

    async def _roundtrip(self, outgoing: Outgoing, progress: Progress) -> Response:
        if self._session.closed:
            raise ExchangeError(
                "the connector or session that the manager was given is closed",
                hint="keep it open for as long as the manager",
                retry=False,
            )
        if not self._own_session:
            progress.check()
            progress.sent = True  # it does not tell when it writes: believe the worst, whatever ends the exchange
        answer = await self._session.request(
            outgoing.method,
            URL(outgoing.url, encoded=True),
            headers=outgoing.headers,
            data=outgoing.body,
            skip_auto_headers=None if outgoing.method == "GET" else _OURS_ALONE,  # aiohttp takes long over it
            allow_redirects=False,
            raise_for_status=False,  # a session of the caller's may have it on
            proxy=self._proxies.proxy_for(outgoing.origin),
            middlewares=None if self._own_session else self._middlewares(),
        )
        try:
            body = await self._read(answer, progress, outgoing.if_too_large)
        except BaseException:
            answer.close()
            raise
        progress.sent = True  # also where a mock answered and our hook never ran
        if progress.connection is not None:
            _last_used[progress.connection] = self._now()
        return Response(answer.status, answer.headers, body, outgoing.request_id, outgoing.method)

    def _middlewares(self) -> tuple[aiohttp.ClientMiddlewareType, ...]:
        """Those of the caller's own session, behind the one that keeps aiohttp from sending twice by itself."""
        return (_once(), *getattr(self._session, "_middlewares", ()))

    async def _read(self, answer: ClientResponse, progress: Progress, if_too_large: str | None) -> bytes:
        limit = self._settings.max_body
        if (answer.content_length or 0) > limit and answer.method != "HEAD":
            raise too_large(limit, if_too_large)
        chunks: list[bytes] = []
        size = 0
        watch = progress.watch
        content = answer.content
        while chunk := await content.readany():
            if watch is not None:
                watch.active = self._now()
            size += len(chunk)
            if size > limit:
                raise too_large(limit, if_too_large)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _once() -> aiohttp.ClientMiddlewareType:
    """What `_Request` does for sessions of ours, for one request of a session of the caller's."""
    begun = False

    async def middleware(request: ClientRequest, handler: aiohttp.ClientHandlerType) -> ClientResponse:
        nonlocal begun
        if begun:
            raise ExchangeError("the connection was dropped before an answer")
        begun = True
        return await handler(request)

    return middleware


def _target(url: str, location: str) -> str:
    """Where a redirect leads; empty if it says nothing that can be read."""
    try:
        return str(URL(url).join(URL(location))) if location else ""
    except ValueError:
        return ""


def _not_followed(target: str, why: str) -> ExchangeError:
    where = safe_url(target)
    return ExchangeError(
        f"the vendor redirects to {where or 'nowhere'}, {why}",
        quoted=where,
        hint="check base_url; a login page means that the credentials were not understood",
        retry=False,
        answered=True,
    )


def _within(origin: Origin, url: str) -> bool:
    try:
        return origin.holds(url)
    except ConfigError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
