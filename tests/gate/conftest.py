"""What holds at the gate holds whoever is agreed with."""

from __future__ import annotations

import pytest

from sagicc_async import FileCoordinator, MemoryCoordinator


@pytest.fixture(params=["memory", "file"])
def make_coordinator(request, tmp_path):
    if request.param == "file":
        return lambda: FileCoordinator(tmp_path / "coordination")
    coordinator = MemoryCoordinator()
    return lambda: coordinator
