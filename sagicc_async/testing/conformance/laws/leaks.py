"""Nothing is left behind: no task, no connection, no warning."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from ....errors import SagiccAsyncError
from ..bench import bench
from ..law import law, require
from ..subject import Subject

#: Turns of the loop in which what was cancelled, or told to close, ends.
_TURNS: Final = 20


@law(look="tasks, sessions and files that the adapter opens by itself")
async def nothing_is_left_behind(subject: Subject) -> None:
    """After success, an error, a loop that was left, and a cancelled caller, no task, connection or warning is left."""
    facts = await subject.facts()
    complaints: list[str] = []
    async with _watched(complaints):
        async with bench(subject, real_time=True, account={"page_size": 10}) as here:
            async for _ in here.stream():
                break
            async with here.stream().prefetch() as pages:
                async for _ in pages:
                    break
            here.vendor.fault("status", **facts.listing.struck, status=400, times=1)
            with contextlib.suppress(SagiccAsyncError):
                await here.ask()
            caller = asyncio.ensure_future(here.stream().collect())
            await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        for write in facts.routes:
            async with bench(subject, real_time=True) as here:
                await here.write(write)
    require(not complaints, "; ".join(complaints[:3]))


@asynccontextmanager
async def _watched(complaints: list[str]) -> AsyncIterator[None]:
    """Note tasks that outlive the block, exceptions that nobody retrieved, and what was not closed."""
    loop = asyncio.get_running_loop()

    def complain(_: Any, context: dict[str, Any]) -> None:
        complaints.append(str(context.get("message", "the loop complained")))

    before = asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        loop.set_exception_handler(complain)
        try:
            yield
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            left = asyncio.all_tasks() - before
            complaints += [f"a task outlives its caller: {task.get_coro()}" for task in left]
            gc.collect()
        finally:
            loop.set_exception_handler(None)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    complaints += [str(one.message) for one in warned if issubclass(one.category, ResourceWarning | RuntimeWarning)]
