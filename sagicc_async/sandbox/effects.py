"""
What a fault does to a request.

| kind | does |
|---|---|
| `latency` | the work takes longer |
| `hold` | the work waits until the fault is cleared |
| `status` | another status, body and headers in place of the answer |
| `reset_before` | the connection is reset on arrival; the work goes on |
| `reset_after` | the connection is reset when the work is done |
| `truncate` | `Content-Length` promises more than is sent |
| `drip` | the body arrives in small pieces |
| `huge` | megabytes of white space stand before the body |
| `garbage` | a page of HTML in place of the answer |
| `redirect` | a redirect to another address |
| `revoke` | the request's token stops working, from this request on |
| `unknown_field` | a field that nobody documented stands in every row |
| `wrong_type` | a field of one row has another type |
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs
from attrs.validators import and_, ge, gt, instance_of, le

from ..clock import Clock
from .delivery import Drip, Dropped, Huge, Truncated
from .store import from_json, to_json
from .vendor import Reply

_http_status = and_(instance_of(int), ge(200), le(599))


def texts(values: Mapping[str, object]) -> dict[str, str]:
    """Read a mapping as text, since scripts in JSON write `{"Retry-After": 3}`."""
    return {name: str(value) for name, value in values.items()}


@attrs.frozen(kw_only=True)
class Struck:
    """
    What an effect can do to a request when it arrives.

    Args:
        reset: Reset its connection.
        revoke: Revoke its token.
    """

    reset: Callable[[], None]
    revoke: Callable[[], None]


@attrs.define(kw_only=True)
class Effect:
    """
    A fault's effect; each kind overrides the moment at which it acts.

    Attributes:
        kind: Its name in scripts.
        done: Whether the vendor does its work (keeps what is written) although the answer is another.
    """

    kind: ClassVar[str]
    done: bool = True

    def arrive(self, struck: Struck) -> None:
        """Act on arrival, before the work."""

    async def work(self, clock: Clock) -> None:
        """Make the work longer."""

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Change the answer."""
        return reply

    def release(self) -> None:
        """Let go what is held."""


@attrs.define(kw_only=True)
class Latency(Effect):
    """
    The work takes longer.

    Args:
        seconds: How much longer.
    """

    kind = "latency"
    seconds: float = attrs.field(converter=float, validator=ge(0))

    async def work(self, clock: Clock) -> None:
        """Take the time."""
        await clock.sleep(self.seconds)


@attrs.define(kw_only=True)
class Hold(Effect):
    """The work waits until the fault is cleared: a way to have requests in flight without measuring time."""

    kind = "hold"
    _released: asyncio.Event = attrs.field(factory=asyncio.Event, init=False, repr=False)

    async def work(self, clock: Clock) -> None:
        """Wait."""
        await self._released.wait()

    def release(self) -> None:
        """Let all go on."""
        self._released.set()


@attrs.define(kw_only=True)
class Status(Effect):
    """
    Another answer.

    Args:
        status: HTTP status.
        body: Text, or a value that is sent as JSON.
        headers: For example `{"Retry-After": "3"}`.
        done: Whether the work is done all the same; not by default.
    """

    kind = "status"
    status: int = attrs.field(validator=_http_status)
    body: Any = ""
    headers: Mapping[str, str] = attrs.field(factory=dict, converter=texts)
    done: bool = False

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Replace it."""
        text = isinstance(self.body, str)
        return Reply(
            status=self.status,
            body=self.body.encode() if text else to_json(self.body),
            headers=self.headers,
            content_type="text/plain; charset=utf-8" if text else "application/json; charset=utf-8",
        )


@attrs.define(kw_only=True)
class ResetBefore(Effect):
    """
    The connection is reset on arrival. The work goes on, as a server's does, and keeps its token in use.

    Args:
        done: Whether the work takes effect.
    """

    kind = "reset_before"

    def arrive(self, struck: Struck) -> None:
        """Reset the connection."""
        struck.reset()

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Send nothing."""
        return attrs.evolve(reply, delivery=Dropped())


@attrs.define(kw_only=True)
class ResetAfter(Effect):
    """
    The connection is reset when the work is done.

    Args:
        done: Whether the work took effect.
    """

    kind = "reset_after"

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Send nothing."""
        return attrs.evolve(reply, delivery=Dropped())


@attrs.define(kw_only=True)
class Truncate(Effect):
    """
    The answer ends early, and the connection with it. The work is done before the answer starts.

    Args:
        keep: The part of the body that is sent, at least 0 and less than 1.
    """

    kind = "truncate"
    keep: float = attrs.field(default=0.5, converter=float, validator=[ge(0.0), attrs.validators.lt(1.0)])

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Cut it."""
        return attrs.evolve(reply, delivery=Truncated(self.keep))


@attrs.define(kw_only=True)
class SlowDrip(Effect):
    """
    The body arrives in small pieces. Its token is in use until the last one is written or the client has left.

    Args:
        pause: Seconds between two pieces.
        size: Bytes in a piece.
    """

    kind = "drip"
    pause: float = attrs.field(default=0.05, converter=float, validator=ge(0))
    size: int = attrs.field(default=64, validator=and_(instance_of(int), ge(1)))

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Slow it down."""
        return attrs.evolve(reply, delivery=Drip(self.pause, self.size))


@attrs.define(kw_only=True)
class HugeBody(Effect):
    """
    The body is enormous, and valid: white space stands before it.

    Args:
        megabytes: How much white space, in units of 1,000,000 bytes.
        chunked: Without `Content-Length`.
        gzip: Compressed, so that only the unpacked body is enormous.
    """

    kind = "huge"
    megabytes: float = attrs.field(default=300.0, converter=float, validator=gt(0))
    chunked: bool = False
    gzip: bool = False

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Blow it up."""
        size = int(self.megabytes * 1_000_000)
        return attrs.evolve(reply, delivery=Huge(size=size, chunked=self.chunked, gzip=self.gzip))


@attrs.define(kw_only=True)
class Garbage(Effect):
    """
    A page of HTML, as gateways send it.

    Args:
        status: HTTP status.
        body: The page.
        done: Whether the work is done all the same; not by default.
    """

    kind = "garbage"
    status: int = attrs.field(default=200, validator=_http_status)
    body: str = "<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>"
    done: bool = False

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Replace it."""
        return Reply(status=self.status, body=self.body.encode(), content_type="text/html; charset=utf-8")


@attrs.define(kw_only=True)
class Redirect(Effect):
    """
    A redirect.

    Args:
        location: Where to.
        status: 301, 302, 303, 307 or 308.
        done: Whether the work is done all the same; not by default.
    """

    kind = "redirect"
    location: str = attrs.field(validator=instance_of(str))
    status: int = attrs.field(default=302, validator=attrs.validators.in_((301, 302, 303, 307, 308)))
    done: bool = False

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Replace it."""
        return Reply(status=self.status, headers={"Location": self.location}, content_type=None)


@attrs.define(kw_only=True)
class Revoke(Effect):
    """The token of the request stops working: this request is refused already."""

    kind = "revoke"

    def arrive(self, struck: Struck) -> None:
        """Revoke it."""
        struck.revoke()


@attrs.define(kw_only=True)
class UnknownField(Effect):
    """
    Every row has one field more.

    Args:
        field: Its name.
        value: Its value.
    """

    kind = "unknown_field"
    field: str = "campo_nuevo"
    value: Any = "valor nuevo"

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Add it."""

        def add(rows: list[dict[str, Any]]) -> None:
            for row in rows:
                row[self.field] = self.value

        return _with_rows(reply, rows_at, add)


@attrs.define(kw_only=True)
class WrongType(Effect):
    """
    One row has a value of another type.

    Args:
        row: Which row of the page, from 1.
        field: Which field; the row's first if it is not said.
        value: What stands there.
    """

    kind = "wrong_type"
    row: int = attrs.field(default=3, validator=and_(instance_of(int), ge(1)))
    field: str | None = None
    value: Any = attrs.field(factory=lambda: {"inesperado": True})

    def answer(self, reply: Reply, rows_at: str) -> Reply:
        """Spoil it."""

        def spoil(rows: list[dict[str, Any]]) -> None:
            if len(rows) >= self.row:
                row = rows[self.row - 1]
                row[self.field or next(iter(row))] = self.value

        return _with_rows(reply, rows_at, spoil)


def _with_rows(reply: Reply, rows_at: str, change: Callable[[list[dict[str, Any]]], None]) -> Reply:
    try:
        body = from_json(reply.body)
    except ValueError:
        return reply
    rows = body
    for field in rows_at.split(".") if isinstance(body, dict) else ():
        rows = rows.get(field) if isinstance(rows, dict) else None
    if not isinstance(rows, list):
        return reply
    change(rows)
    return attrs.evolve(reply, body=to_json(body))


_KINDS: tuple[type[Effect], ...] = (
    Latency, Hold, Status, ResetBefore, ResetAfter, Truncate, SlowDrip, HugeBody, Garbage, Redirect, Revoke,
    UnknownField, WrongType,
)  # fmt: skip

#: Every kind of effect by its name in scripts.
EFFECTS: dict[str, type[Effect]] = {effect.kind: effect for effect in _KINDS}
