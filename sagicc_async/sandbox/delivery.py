"""How the bytes of an answer travel: whole, or in one of the ways in which networks fail."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from typing import TYPE_CHECKING, ClassVar, Protocol

import attrs
from aiohttp import web

from ..clock import Clock

if TYPE_CHECKING:
    from .vendor import Reply

_CHUNK = 64 * 1024


class Delivery(Protocol):
    """
    A way to send an answer.

    Attributes:
        occupies: The token stays in use until the last byte is written or the client has left.
    """

    occupies: ClassVar[bool]

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """
        Send the reply.

        Raises:
            ConnectionError: The client left meanwhile.
        """


@attrs.frozen
class Whole:
    """The answer, at once."""

    occupies: ClassVar[bool] = False

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Leave it to the server."""
        return web.Response(status=reply.status, body=reply.body, headers=_headers(reply))


@attrs.frozen
class Dropped:
    """No answer: the connection is reset."""

    occupies: ClassVar[bool] = False

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Reset the connection."""
        reset(request)
        return web.Response()


@attrs.frozen
class Truncated:
    """
    `Content-Length` promises the whole body; the connection ends earlier.

    Args:
        keep: The part that is sent, from 0 to 1.
    """

    keep: float
    occupies: ClassVar[bool] = False

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Send the part and close."""
        response = await _begin(request, reply, len(reply.body))
        await response.write(reply.body[: int(len(reply.body) * self.keep)])
        if request.transport is not None:
            request.transport.close()
        return response


@attrs.frozen
class Drip:
    """
    The body arrives in small pieces with pauses.

    Args:
        pause: Seconds between two pieces.
        size: Bytes in a piece.
    """

    pause: float
    size: int
    occupies: ClassVar[bool] = True

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Send piece by piece, until all is written or the client has left."""
        response = await _begin(request, reply, len(reply.body))
        for start in range(0, len(reply.body), self.size):
            if start:
                await clock.sleep(self.pause)
            await response.write(reply.body[start : start + self.size])
        return response


@attrs.frozen
class Huge:
    """
    The body, behind white space that makes it valid and enormous.

    Args:
        size: Bytes of white space.
        chunked: Hide the size from the client's first look (no `Content-Length`).
        gzip: Compressed: small on the wire, enormous when unpacked.
    """

    size: int
    chunked: bool
    gzip: bool
    occupies: ClassVar[bool] = False

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Stream it as fast as the client takes it."""
        length = None if self.chunked or self.gzip else self.size + len(reply.body)
        response = await _begin(request, reply, length, encoding="gzip" if self.gzip else None)
        squeeze = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16) if self.gzip else None
        blank = b" " * _CHUNK
        for start in range(0, self.size, _CHUNK):
            piece = blank[: self.size - start]
            await response.write(squeeze.compress(piece) if squeeze else piece)
            # A write that stays in the socket's buffer does not yield, and everybody else would wait for the end.
            await asyncio.sleep(0)
        await response.write(squeeze.compress(reply.body) + squeeze.flush() if squeeze else reply.body)
        return response


def reset(request: web.BaseRequest) -> None:
    """Reset the connection (TCP RST): the client loses what it has not read yet."""
    transport = request.transport
    if transport is None:
        return
    peer = transport.get_extra_info("socket")
    if peer is not None:
        # Lingering for zero seconds makes close() send RST in place of FIN.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _begin(
    request: web.BaseRequest, reply: Reply, length: int | None, encoding: str | None = None
) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = length
    if length is None:
        response.enable_chunked_encoding()
    if encoding:
        response.headers["Content-Encoding"] = encoding
    await response.prepare(request)
    return response


def _headers(reply: Reply) -> dict[str, str]:
    headers = dict(reply.headers)
    if reply.content_type is not None:
        headers["Content-Type"] = reply.content_type
    return headers
