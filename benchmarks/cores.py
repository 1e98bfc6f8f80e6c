"""Who runs where: the process that is measured on one core, its servers on the others, where the system lets us."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Final

#: What this process was given, before it was pinned.
_GIVEN: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin() -> None:
    """Keep this process on the first core. Processes that are started afterwards inherit that: see `move_away`."""
    if len(_GIVEN) > 1:
        os.sched_setaffinity(0, _GIVEN[:1])


def move_away(process: int) -> None:
    """
    Let a process that was started here, such as a server, run on all cores but the first.

    Args:
        process: Its id.
    """
    if len(_GIVEN) > 1:
        os.sched_setaffinity(process, _GIVEN[1:])


@contextlib.contextmanager
def elsewhere() -> Iterator[None]:
    """Have processes that are started inside, such as a database, run on all cores but the first."""
    if len(_GIVEN) < 2:
        yield
        return
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _GIVEN[1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, here)
