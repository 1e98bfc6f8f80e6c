"""Processor time a record of the peers, in terms of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from .. import cores
from ..compare import ratio_of
from ..report import Effort, Figure, Goal, Question
from ..server import serving

_HERE: Final = Path(__file__).parent

#: Records of one slice: a quarter of a second for most, so that opening a session hardly counts.
_RECORDS: Final = 10_000


@attrs.frozen
class Peer:
    """
    One way to read the list.

    Args:
        module: The file beside this one.
        name: What its users call it.
        gives: What it makes of a record.
        goal: How many times our processor time it takes at least, with 100 records a page.
        absent: Packages of other peers that change what it does; its own users do not have them.
        at_home: Whether it runs where we do, with the very packages that we build on.
    """

    module: str
    name: str
    gives: str
    goal: float | None = None
    absent: tuple[str, ...] = ()
    at_home: bool = False


# Brought by dlt and singer-sdk; requests reads all JSON with it wherever it finds it, more slowly.
_NO_SIMPLEJSON: Final = ("simplejson",)

OURS: Final = Peer("sagicc_async_stream", "sagicc-async, typed stream", "a typed record", at_home=True)
PEERS: Final = (
    Peer("dlt_rest_client", "dlt, RESTClient.paginate", "a dict", goal=6),
    Peer("dlt_resource", "dlt, resource", "a dict", goal=6),
    Peer("singer_rest_stream", "singer-sdk, RESTStream.get_records", "a dict", goal=4),
    Peer("airbyte_http_stream", "airbyte-cdk, HttpStream", "a dict", goal=4, absent=_NO_SIMPLEJSON),
    Peer("airbyte_declarative", "airbyte-cdk, declarative source", "a message", goal=12, absent=_NO_SIMPLEJSON),
    Peer("ccxt_exchange", "ccxt, throttled loop", "a dict"),
    Peer("httpx_pydantic", "httpx + pydantic", "a typed record", goal=4),
    Peer("by_hand", "aiohttp + msgspec.Struct, no library", "a typed record", at_home=True),
)


@attrs.frozen
class Slice:
    """What reading the list once took, in seconds."""

    cpu: float
    wall: float


@attrs.frozen
class Child:
    """
    A peer in a process of its own, ready to read.

    Args:
        peer: Which.
        process: It.
    """

    peer: Peer
    process: subprocess.Popen[str]

    def ask(self, line: str) -> str:
        """Give it a line, and wait for its answer."""
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: PT018 - both are pipes
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(
                f"{self.peer.name} has ended: what it said stands above; README.md says how it is installed"
            )
        return answer

    def read(self, base_url: str, size: int) -> Slice:
        """Let it read the list once, and look whether it got all of it."""
        answer: dict[str, Any] = json.loads(self.ask(f"{size} {base_url}\n"))
        got = answer["count"], answer["total"]
        assert got == (_RECORDS, _RECORDS * (_RECORDS + 1) // 2), (self.peer.name, got)
        return Slice(answer["cpu"], answer["wall"])


@contextmanager
def started(peer: Peer) -> Iterator[Child]:
    """Start a peer; it has imported what it needs, and read nothing."""
    python = sys.executable if peer.at_home else os.environ.get("SAGICC_ASYNC_PEERS", sys.executable)
    command = [python, str(_HERE / "child.py"), peer.module, *peer.absent]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            child = Child(peer, process)
            child.ask("")
            yield child
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


async def figures(effort: Effort) -> AsyncIterator[Figure]:
    """Every peer beside ours, with pages of 100 and of 50."""
    cores.pin()
    with ExitStack() as stack:
        ours = stack.enter_context(started(OURS))
        peers = [stack.enter_context(started(peer)) for peer in PEERS]
        for size in (100,) if effort.quick else (100, 50):
            with serving("wide", size, _RECORDS // size) as base_url:
                pairs = _measure(ours, peers, base_url, size, effort.rounds)
            for child in peers:
                for figure in _compared(child.peer, size, pairs[child.peer]):
                    yield figure


def _measure(
    ours: Child, peers: Sequence[Child], base_url: str, size: int, rounds: int
) -> dict[Peer, list[tuple[Slice, Slice]]]:
    """Pairs of neighbouring slices, a peer's and ours, which take turns in going first; one round more warms up."""
    pairs: dict[Peer, list[tuple[Slice, Slice]]] = {child.peer: [] for child in peers}
    for number in range(-1, rounds):
        for child in peers:
            first, second = (child, ours) if number % 2 else (ours, child)
            slices = {read.peer: read.read(base_url, size) for read in (first, second)}
            if number >= 0:
                pairs[child.peer].append((slices[child.peer], slices[OURS]))
    return pairs


def _compared(peer: Peer, size: int, pairs: Sequence[tuple[Slice, Slice]]) -> Iterator[Figure]:
    theirs, ours = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    case = f"25 fields, {size} a page"
    yield Figure(
        case=case,
        what="CPU a record",
        variant=peer.name,
        against=OURS.name,
        ratio=ratio_of([one.cpu for one in theirs], [one.cpu for one in ours]),
        goal=Goal(peer.goal, at_least=True) if peer.goal is not None and size == 100 else None,
        note=f"gives {peer.gives}",
    )
    yield Figure(
        case=case,
        what="wall",
        variant=peer.name,
        against=OURS.name,
        ratio=ratio_of([one.wall for one in theirs], [one.wall for one in ours]),
    )


QUESTION: Final = Question(
    name="peers",
    title="Peers on the same pages",
    text="""
The pages of the first question, read to their end as the users of other libraries read them: each file of
`benchmarks/peers/` holds what such a user writes. Ours gives typed records (exact decimals, unknown fields kept, one
request at a time on the token); of the others only httpx + pydantic gives typed ones, with the same types. The last row
is no library at all: a plain loop over aiohttp with its defaults. What a peer takes divided by what that loop takes is
what would be left if our own part cost nothing.

Each library runs in a process of its own, since their packages need not agree on versions, on the same core, one at a
time: a slice of a peer beside one of ours, 10,000 records each. Imports do not count; opening a session does. The ratio
is what the peer takes / what ours takes, so more is better for us. Processor time includes the kernel's. ccxt gives
whole numbers no pace to keep, yet its throttler sleeps a millisecond a request: its elapsed time says so. What is built on
requests also looks through the environment for proxies at each request, so it is slower where there are many variables.
""",
    figures=figures,
)
