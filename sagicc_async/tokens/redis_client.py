"""A Redis or Valkey server as coordination and the token cache use it: commands, one channel, errors for people."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import ConfigError
from ..secrets import REDACTED
from .coordination.store import StoreError

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

#: Connections for commands; who needs one more waits for it.
_CONNECTIONS: Final = 16

_SCHEMES: Final = {"valkey": "redis", "valkeys": "rediss"}

#: Name of a server that was not asked for it, or does not tell.
UNKNOWN: Final = "-"

#: Seconds of silence after which a channel is asked whether it is still there.
_SILENCE: Final = 5.0


class RedisServer:
    """
    A server.

    Args:
        url: Its address, perhaps with a password.
        limit: Seconds that connecting, and an answer, may take.
        recognise: Ask it, on each connection, which server it is: one that was started again is another one.

    Raises:
        ConfigError: The address is none, or the package is not installed.
    """

    def __init__(self, url: str, *, limit: float, recognise: bool = True) -> None:
        self._redis = _package()
        scheme, _, rest = url.partition(":")
        self._url = f"{_SCHEMES.get(scheme, scheme)}:{rest}"
        self._limit = limit
        self._recognise = recognise
        # The last two are what CPython 3.12, and 3.13 up to 3.13.5, raise for a write on a connection that was just lost
        # (python/cpython#136234).
        self._failures = (self._redis.exceptions.RedisError, OSError, AttributeError, TypeError)
        self._where = _where(self._url)
        self._pool: Any = self._make_pool()
        self.run_id: str = UNKNOWN
        #: Called when the server turns out to be another one than before.
        self.on_another: Callable[[], None] = lambda: None

    def describe(self) -> str:
        """The address without user, password and options."""
        return self._where

    async def close(self) -> None:
        """Close the connections; the next use makes new ones. A command that is out, perhaps another user's, closes its own."""
        pool, self._pool = self._pool, self._make_pool()
        await pool.disconnect(inuse_connections=False)

    async def script(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """
        Run a script, which the server knows by its digest after the first time.

        Raises:
            StoreError: It did not run, or, if it is `in_doubt`, nobody knows.

        Cancelling it closes its connection.
        """
        digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        try:
            return await self.command("EVALSHA", digest, len(keys), *keys, *arguments)
        except _UnknownScript:
            return await self.command("EVAL", script, len(keys), *keys, *arguments)

    async def command(self, *command: Any) -> Any:
        """
        Send one command, once: what the client library would send again by itself might be done twice.

        Raises:
            StoreError: It was refused or not sent, or, if it is `in_doubt`, nobody knows.

        Cancelling it closes its connection, so that an answer that nobody reads is not taken for another one's.
        """
        pool, errors = self._pool, self._redis.exceptions
        try:
            connection = await pool.get_connection()
        except self._failures as error:
            raise StoreError(self._reason(error)) from None
        answered = False
        try:
            await connection.send_command(*command)
            answer = await connection.read_response()
            answered = True
        except errors.NoScriptError:
            answered = True
            raise _UnknownScript from None
        except errors.ResponseError as error:
            answered = True
            raise StoreError(self._reason(error)) from None
        except self._failures as error:
            raise StoreError(self._reason(error), in_doubt=True) from None
        finally:
            if not answered or pool is not self._pool:  # a pool that was closed keeps no connections
                await connection.disconnect(nowait=True)
            await pool.release(connection)
        return answer

    async def evicts(self) -> str | None:
        """
        By which policy the server removes keys that are still in use when its memory is full.

        Returns:
            `None` if it does not, or does not say.

        Raises:
            StoreError: It cannot be reached.
        """
        try:
            memory = _fields(await self.command("INFO", "memory"))
        except StoreError as error:
            if error.in_doubt:
                raise
            return None  # its user may not ask
        policy = memory.get("maxmemory_policy", "noeviction")
        return None if policy == "noeviction" or memory.get("maxmemory") == "0" else policy

    async def messages(self, channel: str) -> AsyncIterator[bytes]:
        """
        Listen to a channel; the first thing that comes is empty, as soon as nothing is missed any more.

        Raises:
            StoreError: The connection is lost.

        Cancelling it closes the connection.
        """
        client = self._redis.asyncio.Redis(connection_pool=self._pool)
        listening = client.pubsub()
        try:
            await listening.subscribe(channel)
            asked = True  # and not answered yet
            while True:
                message = await listening.get_message(timeout=self._limit if asked else _SILENCE)
                if message is not None:
                    asked = False
                elif asked:
                    raise StoreError(f"no answer within {self._limit:g} s")
                else:
                    await listening.ping()
                    asked = True
                if message is not None and message["type"] in ("subscribe", "message"):
                    yield b"" if message["type"] == "subscribe" else message["data"]
        except self._failures as error:
            raise StoreError(self._reason(error)) from None
        finally:
            await listening.aclose()

    def _make_pool(self) -> Any:
        connections = self._redis.asyncio.connection
        try:
            return connections.BlockingConnectionPool.from_url(
                self._url,
                max_connections=_CONNECTIONS + 1,  # one listens
                timeout=self._limit,
                socket_timeout=self._limit,
                socket_connect_timeout=self._limit,
                retry=self._redis.asyncio.retry.Retry(self._redis.backoff.NoBackoff(), 0),
                redis_connect_func=self._greet,
                client_name="sagicc-async",
            )
        except (ValueError, TypeError):
            pass  # raised below, without the error that may quote the password
        raise ConfigError("the address of the Redis server is none: redis://user:password@host:6379/0")

    def _reason(self, error: BaseException) -> str:
        """What is wrong, and what to do, in one line."""
        name, said = type(error).__name__, str(error).partition("\n")[0]
        told = next((reason for sign, reason in _BY_TEXT.items() if sign in said), None)
        return told or _BY_NAME.get(name) or self._cleaned(said) or name

    def _cleaned(self, said: str) -> str:
        """A server's words without what it may quote of a login."""
        options = self._pool.connection_kwargs
        for secret in (options.get("password"), options.get("username")):
            said = said.replace(secret, REDACTED) if secret else said
        return said

    async def _greet(self, connection: Any) -> None:
        """What a new connection begins with: log in, and look who answers."""
        await connection.on_connect()
        if not self._recognise:
            return
        await connection.send_command("INFO", "server")
        run_id = _run_id(await connection.read_response())
        before, self.run_id = self.run_id, run_id
        if before not in (UNKNOWN, run_id):
            self.on_another()
            raise self._redis.exceptions.ConnectionError("the server was started again, or is another one")


class _UnknownScript(Exception):
    """The server does not know the script by its digest."""


def text(value: Any) -> str:
    """A text of the server's, which sends bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _run_id(info: Any) -> str:
    return _fields(info).get("run_id", UNKNOWN)


def _fields(info: Any) -> dict[str, str]:
    """What a server says of itself."""
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text(info).splitlines())}


def _where(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix:{parts.path}"
    try:
        port = parts.port or 6379
    except ValueError:
        raise ConfigError("the address of the Redis server is none: redis://user:password@host:6379/0") from None
    return f"{parts.scheme}://{parts.hostname or 'localhost'}:{port}{parts.path.rstrip('/') or '/0'}"


_NO_PASSWORD: Final = "it asks for a password; give it in the address: redis://user:password@host:6379/0"
_WRONG_PASSWORD: Final = "it refuses the password; check the address"
_NO_PERMISSION: Final = (
    "its user may not do what is needed: EVAL, EVALSHA, HMGET, HSET, GET, SET, DEL, EXPIRE, TIME, PUBLISH, SUBSCRIBE and "
    "INFO, on keys (~) and channels (&) that begin with the prefix in braces"
)
_TOO_OLD: Final = "it does not know a command that is needed: name a Redis of version 6 or later, or a Valkey"
_CLUSTER: Final = "it is a node of a cluster, which is not supported; name a single server"

#: By what the server says, where the client library has no class of its own for it.
_BY_TEXT: Final = {
    "Authentication required": _NO_PASSWORD,
    "HELLO must be called": _NO_PASSWORD,
    "unknown command": _TOO_OLD,  # the arguments are quoted too, and those of a login are user and password
    "Unknown Redis command": _TOO_OLD,  # in a script
    "ACL failure": _NO_PERMISSION,  # in a script
    "cluster support": _CLUSTER,
    "CERTIFICATE_VERIFY_FAILED": (
        "its certificate is not trusted; name what signed it: rediss://...?ssl_ca_certs=/path/to/ca.pem"
    ),
}

#: By the name of the class: older releases of the client library lack some of them.
_BY_NAME: Final = {
    "AuthenticationError": _WRONG_PASSWORD,
    "AuthenticationWrongNumberOfArgsError": _WRONG_PASSWORD,
    "AuthorizationError": _WRONG_PASSWORD,
    "NoPermissionError": _NO_PERMISSION,
    "ReadOnlyError": "it is a read-only copy; name the primary server",
    "OutOfMemoryError": "its memory is full; raise maxmemory (and keep maxmemory-policy noeviction)",
    "MovedError": _CLUSTER,
    "AskError": _CLUSTER,
    "ClusterDownError": _CLUSTER,
}


def _package() -> ModuleType:
    try:
        import redis.asyncio  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError("coordination through Redis needs a package: pip install 'sagicc-async[redis]'") from None
    return redis
