"""Work that goes on beside a command for its user's sake: it ends with the command, and what it raises ends only itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

_log: Final = logging.getLogger("sagicc_async.cli")


@contextlib.asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], what: str) -> AsyncIterator[None]:
    """
    Do something while the block runs.

    Args:
        work: What. The block goes on without it if it fails, which is logged at once: nothing that matters depends on it.
        what: What it does, for the log.

    When cancelled, the work is cancelled too.
    """

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # Not its text, which may be anything.
            _log.error("%s ended: an unexpected %s", what, type(error).__name__)
            _log.debug("%s ended", what, exc_info=error)

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
