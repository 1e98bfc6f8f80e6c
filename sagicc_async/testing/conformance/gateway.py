"""A gateway in front of the adapter's sandbox that gives up while the vendor is at work."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import ClassVar, Final

import attrs
from aiohttp import web

from ...clock import Clock
from ...sandbox import Call, Reply

#: The status with which it gives up.
GIVEN_UP: Final = 504
_PAGE: Final = b"<html><body><h1>504 Gateway Time-out</h1></body></html>"


@attrs.frozen
class GivenUp:
    """
    The gateway's page at once, on a connection that ends with it; the vendor works on, and its token stays in use.

    Args:
        seconds: How long it works on.
    """

    seconds: float
    occupies: ClassVar[bool] = True

    async def send(self, request: web.BaseRequest, reply: Reply, clock: Clock) -> web.StreamResponse:
        """Send the page, and only then work."""
        response = web.Response(status=reply.status, body=_PAGE, content_type="text/html")
        response.force_close()
        await response.prepare(request)
        await response.write_eof()
        await clock.sleep(self.seconds)
        return response


def gives_up(struck: Callable[[Call], bool], *, times: int, seconds: float) -> Callable[[Call, Reply], Reply]:
    """
    What changes the sandbox's answers as such a gateway does.

    Args:
        struck: Whose answers.
        times: How many of them.
        seconds: How long the vendor works on each.
    """
    number = itertools.count()

    def change(call: Call, reply: Reply) -> Reply:
        if not struck(call) or next(number) >= times:
            return reply
        return attrs.evolve(reply, status=GIVEN_UP, delivery=GivenUp(seconds))

    return change
