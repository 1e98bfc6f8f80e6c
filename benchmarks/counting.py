"""
A vendor for thousands of accounts: each has the same pages, each page takes its time, and overlaps count.

It is SERPI's envelope around answers that are rendered beforehand, in a process of its own. Which token asks decides
whose request it is; two that are under way on one token at once are an overlap.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from . import cores
from .server import RECORDS, render

#: Records a page.
SIZE: Final = 50

_PAGE: Final = re.compile(rb"[?&]pagina=(\d+)")
_TOKEN: Final = re.compile(rb"\r\nauthorization: bearer (\S+)", re.IGNORECASE)


@attrs.define
class Counted:
    """
    What arrived.

    Attributes:
        requests: All requests.
        overlaps: Those that came while another one was under way on the same token.
    """

    requests: int = 0
    overlaps: int = 0


@attrs.define
class Vendor:
    """
    The server, once it runs.

    Attributes:
        base_url: Where it is.
        counted: By the token's first word, which says who sent it; filled in when the server is gone.
    """

    base_url: str
    counted: dict[str, Counted] = attrs.field(factory=dict)


@attrs.define
class _Desk:
    """What all connections share."""

    answers: list[bytes]
    laps: int
    latency: float
    busy: Counter[bytes] = attrs.field(factory=Counter)
    requests: Counter[str] = attrs.field(factory=Counter)
    overlaps: Counter[str] = attrs.field(factory=Counter)

    def begin(self, token: bytes) -> None:
        who = token.partition(b"-")[0].decode()
        self.requests[who] += 1
        self.overlaps[who] += self.busy[token] > 0
        self.busy[token] += 1

    def end(self, token: bytes) -> None:
        self.busy[token] -= 1

    def answer(self, number: int) -> bytes:
        pages = len(self.answers) - 1
        return self.answers[(number - 1) % pages if number <= pages * self.laps else pages]


class _Connection(asyncio.Protocol):
    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):  # requests have no body
            return
        page, token = _PAGE.search(self._received), _TOKEN.search(self._received)
        assert token is not None
        self._received = b""
        self._desk.begin(token[1])
        number = int(page[1]) if page else 1
        asyncio.get_running_loop().call_later(self._desk.latency, self._answer, number, token[1])

    def _answer(self, number: int, token: bytes) -> None:
        self._desk.end(token)
        self._transport.write(self._desk.answer(number))


async def _serve(pages: int, latency: float, kind: str, size: int, laps: int) -> None:
    desk = _Desk(render(kind, size, pages), laps, latency)
    gc.freeze()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(desk), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The parent holds the other end of stdin: when it goes, however it goes, so does the server.
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps([desk.requests, desk.overlaps]), flush=True)


@contextmanager
def serving(
    pages: int, latency: float, *, kind: str = "cost_centre", size: int = SIZE, laps: int = 1
) -> Iterator[Vendor]:
    """
    Run the server in a process of its own, away from the core of this one.

    Args:
        pages: Pages of each account's list.
        latency: Seconds that an answer takes, by a timer.
        kind: Of the records: one of those in SERPI's envelope.
        size: Records a page.
        laps: How many times the pages come round in one list, for lists that nobody wants to hold in memory.
    """
    command = [sys.executable, "-m", "benchmarks.counting", str(pages), str(latency), kind, str(size), str(laps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        cores.move_away(process.pid)
        vendor = Vendor(f"http://127.0.0.1:{int(process.stdout.readline())}/api/v1")
        try:
            yield vendor
        finally:
            process.stdin.close()
            requests, overlaps = json.loads(process.stdout.readline() or "[{}, {}]")
            vendor.counted.update({who: Counted(requests[who], overlaps[who]) for who in requests})
            process.wait(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=int)
    parser.add_argument("latency", type=float)
    parser.add_argument("kind", choices=RECORDS)
    parser.add_argument("size", type=int)
    parser.add_argument("laps", type=int)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.pages, arguments.latency, arguments.kind, arguments.size, arguments.laps))
