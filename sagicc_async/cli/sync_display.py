"""What a sync shows while it runs: on a terminal a live screen, elsewhere lines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from rich.live import Live

from ..clock import Clock
from ..sync.events import AccountEnded, SinkAway, SyncEvent, UnitEnded
from ..sync.outcome import Ending
from .beside import beside
from .console import counted, duration, one_line, say, stderr
from .sync_board import Board, Standing
from .sync_failures import reason
from .sync_screen import picture

#: Seconds between two pictures, and between two lines that sum up.
_PICTURE: Final = 0.4
_SUMMARY: Final = 30.0


@contextlib.asynccontextmanager
async def shown(
    board: Board, title: str, status: Callable[[], Mapping[str, Any]], clock: Clock
) -> AsyncIterator[Callable[[SyncEvent], object]]:
    """
    Show how all tenants stand while the block runs.

    Args:
        board: What to show. It has to hear of events before what this gives does.
        title: What is going on.
        status: Tells who waits for a token.
        clock: Time.

    Returns:
        A context that gives what has to hear of events. The screen is taken away when it is left.
    """
    if not stderr.is_terminal or stderr.is_dumb_terminal:
        lines = Lines(board)
        async with _repeated(lambda: say(summary(board)), _SUMMARY, clock):
            yield lines.take
        return
    # What refreshes by itself draws in a thread, while the board changes.
    with Live(console=stderr, auto_refresh=False, transient=True) as live:

        def draw() -> None:
            board.look_at_queues(status())
            live.update(picture(board, title, stderr.width, stderr.height), refresh=True)

        draw()
        async with _repeated(draw, _PICTURE, clock):
            yield lambda event: None


@contextlib.asynccontextmanager
async def _repeated(do: Callable[[], object], every: float, clock: Clock) -> AsyncIterator[None]:
    """Do something every so many seconds while the block runs."""

    async def repeat() -> None:
        while True:
            await clock.sleep(every)
            do()

    async with beside(repeat(), "showing how it goes"):
        yield


def summary(board: Board) -> str:
    """How all tenants stand, in one line."""
    standings = board.standings()
    told = ", ".join(f"{standings[standing]:,} {standing.value}" for standing in Standing if standings[standing])
    rows, _ = board.rates()
    return (
        f"{counted(len(board), 'tenant')}: {told or 'none yet'} - {board.rows:,} rows read, {board.changes:,} {board.written}, "
        f"{rows:,.0f} rows/s, {counted(board.requests, 'request')}, {duration(board.seconds)}"
    )


class Lines:
    """
    Says a line for each tenant whose round is over, and for each failure.

    Args:
        board: How the tenants stand; it has heard of an event before this does.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._away = ""

    def take(self, event: SyncEvent) -> None:
        """Hear what happened."""
        if isinstance(event, UnitEnded) and event.outcome.ending is Ending.FAILED:
            outcome = event.outcome
            self._say(
                f"failed {outcome.unit.account} ({outcome.unit.vendor}) {outcome.unit.resource}: {reason(outcome)}"
            )
        elif isinstance(event, AccountEnded):
            self._ended(event)
        elif isinstance(event, SinkAway) and event.reason != self._away:
            self._away = event.reason
            self._say(f"waiting for the mirror's store: {event.reason}")
        if not self._board.away:
            self._away = ""

    def _ended(self, event: AccountEnded) -> None:
        tenant, who = self._board[event.account], f"{event.account} ({event.vendor})"
        failed = len(tenant.failures)
        if event.error and tenant.failures.get("") == event.error:
            self._say(f"failed {who}: {event.error}")
            return
        troubles = f", {counted(failed, 'resource')} failed" if failed else ""
        amounts = f"{tenant.rows:,} rows, {tenant.changes:,} {self._board.written}{troubles}"
        ended = "failed" if failed else "done"
        self._say(f"{ended} {who}: {amounts}, {duration(self._board.seconds_of(tenant))}")

    @staticmethod
    def _say(text: str) -> None:
        say(one_line(text))
