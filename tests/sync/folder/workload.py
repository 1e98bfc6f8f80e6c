"""
Passes over the lists of two accounts, the same at each run, into a folder; and processes that do it and are killed.

    python workload.py every-step|at-random FOLDER FORMAT COMMITS

Each process goes on from what the folder says, so that whatever kills it, the files are in the end those of one that was
left alone. Processes are forked before anything else is done here: starting an interpreter takes longer than the work.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from sagicc_async import Record, field, record
from sagicc_async.sync.folder import FolderSink, files
from sagicc_async.sync.folder.formats import FormatName, format_of
from sagicc_async.sync.rows import rows_of
from sagicc_async.sync.sink import Batch, Sink
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.state import Kind, SyncState
from sagicc_async.sync.unit import Unit
from sagicc_async.testing import ManualClock

PAGES = 3
MOMENT = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)


@record
class Thing(Record):
    id: int = field()
    name: str | None = field(default=None)
    price: Decimal | None = field(wire="Price", default=None)


UNITS = [Unit("fake", account, "things", Thing) for account in ("a", "A")]


def step(state: SyncState, unit: Unit) -> Batch:
    """The batch that follows a state: one page of a whole pass, in which some things change, come and go."""
    turn, page = divmod(state.version, PAGES)
    known = state if state.underway is not None else state.begun(Kind.WHOLE)
    things = [
        {
            "id": n,
            "name": f"{unit.account} {turn // (1 + n % 3)}",
            "Price": Decimal(f"{n}.10"),
            "nuevo": Decimal("1.50"),
        }
        for n in range(page * 10, page * 10 + 10)
        if (n + turn) % 7
    ]
    assert known.underway is not None
    records = known.underway.records + len(things)
    underway = attrs.evolve(known.underway, records=records, total=records, started_at=MOMENT)
    last = page == PAGES - 1
    return Batch(
        unit=unit,
        rows=rows_of([Thing.from_dict(thing) for thing in things], None),
        before=state,
        after=known.completed(underway, now=0.0, overlap=0.0) if last else known.moved(underway),
        ended=underway if last else None,
    )


async def work(sink: Sink, commits: int, units: Sequence[Unit] = UNITS) -> None:
    """Go on until each account has had so many commits."""
    async with sink, asyncio.TaskGroup() as group:
        for unit in units:
            group.create_task(_work(sink, unit, commits))


async def _work(sink: Sink, unit: Unit, commits: int) -> None:
    while (state := await sink.state(unit)).version < commits:
        await sink.commit(step(state, unit))


def before_each_step(hook: Callable[[str], None], patch: Callable[[Any, str, Any], None] = setattr) -> None:
    """Call something before each step of a commit, and once more in the middle of each write."""
    for owner, name in [
        (DatabaseSink, "commit"),
        (files, "sync_folder"),
        (files.os, "open"),
        (files.os, "fsync"),
        (Path, "replace"),
        (Path, "unlink"),
        (Path, "mkdir"),
    ]:
        patch(owner, name, _hooked(getattr(owner, name), name, hook))
    whole = files.write_all

    def in_halves(fd: int, data: bytes) -> None:
        whole(fd, data[: len(data) // 2])
        hook("write")
        whole(fd, data[len(data) // 2 :])

    patch(files, "write_all", in_halves)


def _hooked(real: Callable[..., Any], name: str, hook: Callable[[str], None]) -> Callable[..., Any]:
    def hooked(*args: Any, **settings: Any) -> Any:
        hook(name)
        return real(*args, **settings)

    return hooked


def forked(work: Callable[[], Any], hook: Callable[[str], None] | None = None) -> int:
    """Start a process that works, and calls something before each step."""
    child = os.fork()
    if child:
        return child
    try:
        if hook is not None:
            before_each_step(hook)
        asyncio.run(work())
    except BaseException as error:  # noqa: BLE001 - a forked process must not go on as its parent
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)
    os._exit(0)


def dying_at(which: int) -> Callable[[str], None]:
    """Has the process killed before so many steps are done."""
    steps = itertools.count()

    def hook(_: str) -> None:
        if next(steps) == which:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def was_killed(child: int) -> bool:
    """Wait for a process; it must have been killed, or have come to its end."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), status
    return status != 0


def check_what_shows(folder: Path, format_: str) -> None:
    """Whatever happened, readers see complete files, and none is missing among them."""
    for account in folder.glob("fake/things/*"):
        shown = sorted(account.iterdir())
        assert [file.name for file in shown] == [f"{n + 1:09}.{format_}" for n in range(len(shown))]
        for file in shown:
            data = file.read_bytes()
            assert data.endswith(b"}\n" if format_ == "jsonl" else b"PAR1"), file


def every_step(root: Path, format_: FormatName, commits: int) -> None:
    """Die once at each step there is, each time in a folder of its own."""
    for which in itertools.count():
        folder = root / str(which)

        def once(folder: Path = folder) -> Any:
            return work(FolderSink(folder, format=format_, clock=ManualClock()), commits, UNITS[:1])

        died = was_killed(forked(once, dying_at(which)))
        check_what_shows(folder, format_)
        assert not was_killed(forked(once))
        if not died:
            sys.stdout.write(str(which))
            return


def at_random(root: Path, format_: FormatName, commits: int) -> None:
    """Be killed at random moments, again and again, in one folder."""
    rng, folder = random.Random(7), root / "0"
    for kills in itertools.count():
        told, tell = os.pipe()

        def once() -> Any:
            return work(FolderSink(folder, format=format_, clock=ManualClock()), commits)

        def hook(_: str, tell: int = tell) -> None:
            os.write(tell, b".")

        child = forked(once, hook)
        os.close(tell)
        for _ in range(rng.randrange(1, 60)):
            os.read(told, 1)
        time.sleep(rng.uniform(0.0, 0.004))  # into whatever it does between two steps
        os.kill(child, signal.SIGKILL)  # it may be over already: nobody has waited for it yet
        os.close(told)
        killed = was_killed(child)
        check_what_shows(folder, format_)
        if not killed:
            sys.stdout.write(str(kills))
            return


if __name__ == "__main__":
    format_of(sys.argv[3])  # imports what it needs
    {"every-step": every_step, "at-random": at_random}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
