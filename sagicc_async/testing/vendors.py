"""The sandbox as tests use it: beside the test, isolated from the user's own state and from other tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

from ..tokens.coordination import memory
from ..tokens.coordination.address import VARIABLE

if TYPE_CHECKING:
    from ..sandbox import LocalVendor, VendorChoice


class LocalVendors:
    """
    Starts vendors for a test; the fixture `sandbox` gives one.

        def test_names_are_listed(sandbox):
            vendor = sandbox("acme", records=3, faults=[{"kind": "status", "status": 503, "times": 1}])
            ...
            assert vendor.stats.overlaps == 0

    Each vendor is a `sagicc_async.sandbox.LocalVendor` in a thread of its own: neither a test that blocks nor one with
    an event loop can keep it from answering, and its methods can be called from any thread. What is `.add`ed is there
    beside the invented records, and what arrived stands in `.requests`.

    Until it is closed, the environment names the vendors' addresses and credentials (`ACME_BASE_URL`, `ACME_TOKEN`), so
    that code which reads its account there cannot reach the real vendor; nothing is written to the user's state folder;
    and session managers that are made meanwhile share leases and windows with each other only, so that a token that an
    earlier test left taken keeps nobody waiting.

    Args:
        state: A folder for what the SDK keeps between processes.
    """

    def __init__(self, *, state: Path) -> None:
        self._state = state
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(_isolated(self._state))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(
        self,
        vendor: VendorChoice,
        *,
        records: int = 20,
        seed: int = 1,
        faults: Iterable[Mapping[str, Any]] = (),
        **settings: Any,
    ) -> LocalVendor:
        """
        Start a vendor. It stops when the test ends.

        Args:
            vendor: The name of an installed one, the class of an emulator, or an emulator.
            records: How many records of its main resource are invented.
            seed: Decides what is invented, credentials too: another company of the same vendor has another seed.
            faults: What goes wrong, each as `LocalVendor.fault` takes it: `{"kind": "status", "status": 503, "times": 1}`.
            settings: `overlap` and `work` (see `sagicc_async.sandbox.Rules`), and the emulator's own.

        Raises:
            AdapterNotFound: No such vendor is installed.
            ConfigError: A setting or a fault is wrong.
        """
        from ..sandbox import Sandbox  # noqa: PLC0415 - a web server, for those who start one

        name = vendor if isinstance(vendor, str) else vendor.name
        running = Sandbox.in_thread([vendor], records=records, seed=seed, settings={name: settings})
        started = self._stack.enter_context(running)[name]
        self._stack.enter_context(patch.dict(os.environ, started.environment))
        for fault in faults:
            started.fault(**fault)
        return started


@contextmanager
def _isolated(state: Path) -> Iterator[None]:
    # The sandbox issues the same credentials for the same seed, so tests would meet at the leases that managers share.
    fresh = patch.object(memory, "_shared", memory.MemoryCoordinator())
    with fresh, patch.dict(os.environ, {"XDG_STATE_HOME": str(state), VARIABLE: "memory:"}):
        yield
