"""Work in threads: nobody leaves while it writes."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sagicc_async.export.blocking import in_thread


async def some_turns():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_cancelled_caller_waits_for_the_end_of_the_work():
    go_on, asked_to_stop = threading.Event(), []
    task = asyncio.create_task(in_thread(go_on.wait, stop=lambda: asked_to_stop.append(True)))
    await some_turns()
    task.cancel()
    await some_turns()
    task.cancel()  # also one who insists
    await some_turns()

    assert not task.done()
    assert asked_to_stop == [True, True]
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_is_the_callers():
    def fail():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await in_thread(fail)


async def test_an_error_of_work_whose_caller_was_cancelled_is_not_left_lying_around():
    go_on = threading.Event()

    def fail():
        go_on.wait()
        raise OSError("full")

    task = asyncio.create_task(in_thread(fail))
    await some_turns()
    task.cancel()
    await some_turns()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
