"""A vendor and a sink in memory, and the work between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from sagicc_async.sync.events import SyncEvent
from sagicc_async.sync.meter import Meter
from sagicc_async.sync.mirror import mirror
from sagicc_async.sync.outcome import Outcome
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.work import Work
from sagicc_async.testing import ManualClock

from .fake_vendor import FakeAdapter, FakeVendor
from .memory_sink import MemorySink


@attrs.define
class Rig:
    """One vendor, one sink."""

    vendor: FakeVendor = attrs.field(factory=FakeVendor)
    sink: MemorySink = attrs.field(factory=MemorySink)
    clock: ManualClock = attrs.field(factory=ManualClock)
    settings: SyncSettings = attrs.field(factory=SyncSettings)
    events: list[SyncEvent] = attrs.field(factory=list)

    @property
    def work(self) -> Work:
        sessions: Any = self.vendor
        return Work(
            sessions=sessions,
            sink=self.sink,
            meter=Meter(),
            settings=self.settings,
            clock=self.clock,
            tell=self.events.append,
            round="1",
        )

    async def turn(
        self, park: Callable[[], bool] = lambda: False, resource: str = "things", passes: int = 0
    ) -> Outcome:
        """One turn of the account `a`."""
        adapter: Any = FakeAdapter(self.vendor, "a")
        return await mirror(self.work, "a", adapter, resource, park, passes=passes)

    def heard(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def rig() -> Rig:
    return Rig()
