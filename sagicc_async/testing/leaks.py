"""What an async test leaves behind: tasks, sessions that nobody closed, exceptions that nobody looked at."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, Literal, TypeAlias

import pytest
import pytest_asyncio

#: Fewer objects than this nobody has set aside: CPython 3.12 begins with some hundreds.
_OF_CPYTHON: Final = 1_000

#: Turns of the loop in which what was cancelled, or told to close, can end.
_TURNS: Final = 10

#: The fixtures that watch, by the scope of their loop.
_NAME: Final = "_leak_check_on_{}_loop"
_Scope: TypeAlias = Literal["function", "class", "module", "package", "session"]


@pytest.fixture
def leak_check(request: pytest.FixtureRequest) -> None:
    """Fail the test whose tasks outlive it, or after which its loop complains of something that nobody closed."""
    marker = request.node.get_closest_marker("asyncio")
    if marker is None:
        pytest.fail("leak_check watches the loop of a test that pytest-asyncio runs, and this is none", pytrace=False)
    scope = marker.kwargs.get("loop_scope") or marker.kwargs.get("scope")
    scope = scope or request.config.getini("asyncio_default_test_loop_scope")
    request.getfixturevalue(_NAME.format(scope))


def _on_loop_of(scope: _Scope) -> Any:
    """A fixture that watches the loop of this scope: pytest-asyncio has one for each, and runs a fixture on one alone."""

    @pytest_asyncio.fixture(loop_scope=scope, name=_NAME.format(scope))
    async def watched() -> AsyncIterator[None]:
        async with _watch():
            yield

    return watched


_of_function = _on_loop_of("function")
_of_class = _on_loop_of("class")
_of_module = _on_loop_of("module")
_of_package = _on_loop_of("package")
_of_session = _on_loop_of("session")


@contextlib.asynccontextmanager
async def _watch() -> AsyncIterator[None]:
    """Watch the running loop."""
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    handler = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    with _garbage_of_its_own():
        yield
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
    loop.set_exception_handler(handler)
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
        """Watch every test that pytest-asyncio runs; a sync one has no loop to leave anything on."""
        if request.node.get_closest_marker("asyncio"):
            request.getfixturevalue("leak_check")
