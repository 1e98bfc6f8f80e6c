"""
The pytest plugin: vendors, time and answers for tests, and a watch over what tests leave behind.

pytest imports the plugins of everything that is installed, in every project's runs: what a fixture needs beyond the SDK
itself (a web server, aioresponses) is imported when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from aioresponses import aioresponses

    from . import LocalVendors, ManualClock


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the one option."""
    parser.addini(
        "sagicc_async_leak_check", "Use the fixture leak_check in every test that pytest-asyncio runs.", type="bool"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Offer `leak_check` where pytest-asyncio runs the tests, and use it everywhere if the option says so."""
    wanted = config.getini("sagicc_async_leak_check")
    if config.pluginmanager.has_plugin("asyncio"):
        from . import leaks  # noqa: PLC0415 - it imports pytest-asyncio, which is there now

        config.pluginmanager.register(leaks, leaks.__name__)
        if wanted:
            config.pluginmanager.register(leaks.EveryAsyncTest(), f"{leaks.__name__}.everywhere")
    elif wanted:
        raise pytest.UsageError("sagicc_async_leak_check needs pytest-asyncio: pip install 'sagicc-async[testing]'")


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVendors]:
    """
    Vendors on this machine; see `sagicc_async.testing.LocalVendors`.

        acme = sandbox("acme", records=20, seed=7)

    They run in threads of their own, so that blocking test clients, sync tests and async tests can all use them, and
    stop when the test ends.
    """
    from . import LocalVendors  # noqa: PLC0415 - only for tests that ask for it

    with LocalVendors(state=tmp_path_factory.mktemp("sagicc-async-state")) as vendors:
        yield vendors


@pytest.fixture
def manual_clock() -> ManualClock:
    """A clock that stands still until the test moves it; see `sagicc_async.testing.ManualClock`."""
    from . import ManualClock  # noqa: PLC0415 - only for tests that ask for it

    return ManualClock()


@pytest.fixture
def mocked_responses() -> Iterator[aioresponses]:
    """
    Answer aiohttp's requests from a script: `mocked_responses.get(url, payload={...})`.

    Requests to this machine go through, so that it can be used beside `sandbox`.
    """
    from . import mocked_responses as mocked  # noqa: PLC0415 - only for tests that ask for it

    with mocked(passthrough=["http://127.0.0.1"]) as script:
        yield script
