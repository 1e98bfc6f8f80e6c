"""What all tests share: a clock that is moved by hand, and a watch over what a test leaves behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from sagicc_async.testing import ManualClock


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(autouse=True, scope="session")
def no_state_of_the_users_is_touched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the SDK keeps between processes goes into a folder of the run's own, in this process and in those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def leave_nothing_behind(request: pytest.FixtureRequest) -> None:
    """Every async test is watched; a sync one has no loop to leave anything on."""
    if request.node.get_closest_marker("asyncio"):
        request.getfixturevalue("watched_loop")


@pytest.fixture
async def watched_loop() -> AsyncIterator[None]:
    """Fail for tasks that outlive the test, and for exceptions that nobody retrieved."""
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    for _ in range(10):  # what was cancelled, or told to close, needs some turns to end
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    gc.collect()  # now, so that a ResourceWarning falls on the test that earned it
    loop.set_exception_handler(None)
    assert not left, f"Tasks outlive the test: {left}"
    assert not complaints, f"The loop complained: {complaints}"
