"""What an async test leaves behind: tasks, sessions that nobody closed, exceptions that nobody looked at."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest
import pytest_asyncio

#: Fewer objects than this nobody has set aside: CPython 3.12 begins with some hundreds.
_OF_CPYTHON: Final = 1_000

#: Turns of the loop in which what was cancelled, or told to close, can end.
_TURNS: Final = 10


@pytest_asyncio.fixture
async def leak_check() -> AsyncIterator[None]:
    """Fail the test whose tasks outlive it, or after which the loop complains of something that nobody closed."""
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    with _garbage_of_its_own():
        yield
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
    loop.set_exception_handler(None)
    if left:
        pytest.fail(f"Tasks outlive the test: {left}", pytrace=False)
    if complaints:
        pytest.fail(f"The loop complained: {complaints}", pytrace=False)


@contextlib.contextmanager
def _garbage_of_its_own() -> Iterator[None]:
    """
    Collect at the end, so that what nobody holds any more complains in the test that left it.

    What was there before is set aside meanwhile: to go through all that a long run has imported and kept would take
    longer than most tests do.
    """
    ours = gc.get_freeze_count() < _OF_CPYTHON  # else somebody else has set things aside, and wants them to stay there
    if ours:
        gc.freeze()
    try:
        yield
        gc.collect()
    finally:
        if ours:
            gc.unfreeze()


class EveryAsyncTest:
    """The part of the plugin that is there where the option asks for it."""

    @pytest.fixture(autouse=True)
    def _leave_nothing_behind(self, request: pytest.FixtureRequest) -> None:
        """Watch every async test; a sync one has no loop to leave anything on."""
        if request.node.get_closest_marker("asyncio"):
            request.getfixturevalue("leak_check")
