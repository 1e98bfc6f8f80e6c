"""Progress on stderr: bars that move on a terminal, now and then a line elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Protocol, Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..clock import Clock, SystemClock
from ..export import ExportProgress
from .console import duration, records, say, stderr

#: Seconds between two lines where there is no terminal.
_EVERY: Final = 10.0


class Tracked(Protocol):
    """What shows one export; it is the export's `progress`."""

    def __call__(self, progress: ExportProgress) -> None:
        """Show how far it is."""

    def done(self) -> None:
        """Show that it is complete."""


class Display:
    """
    Shows exports that run at once; on a terminal it takes its bars away in the end.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._bars: Progress | None = _bars() if stderr.is_terminal else None

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def track(self, name: str) -> Tracked:
        """Begin to show an export."""
        return _Lines(name, self._clock) if self._bars is None else _Bar(self._bars, name)


class _Lines:
    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._last = clock.now()

    def __call__(self, progress: ExportProgress) -> None:
        now = self._clock.now()
        if now - self._last >= _EVERY:
            self._last = now
            say(f"{self._name}: {records(progress.records)}, {_rate(progress)}, {duration(progress.seconds)}")

    def done(self) -> None:
        pass  # the command says it


class _Bar:
    def __init__(self, bars: Progress, name: str) -> None:
        self._bars = bars
        self._task = bars.add_task(name, total=None, rate="", amount="")

    def __call__(self, progress: ExportProgress) -> None:
        self._bars.update(
            self._task,
            total=progress.total,
            completed=progress.records,
            amount=records(progress.records),
            rate=_rate(progress),
        )

    def done(self) -> None:
        self._bars.update(self._task, total=1, completed=1)
        self._bars.stop_task(self._task)


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[amount]}", justify="right"),
        TextColumn("{task.fields[rate]}", justify="right"),
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
    )


def _rate(progress: ExportProgress) -> str:
    new = progress.records - progress.resumed_from
    return f"{new / progress.seconds:,.0f}/s" if progress.seconds > 0 else ""
