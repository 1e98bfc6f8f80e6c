"""Real databases; companies, and a mirror of them that is still to be made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagicc_async.sandbox import Sandbox

from ...servers.fixtures import postgres, postgres_url, servers
from .rig import Mirroring

__all__ = ["mirroring", "postgres", "postgres_url", "sandbox", "servers"]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Two companies of each vendor."""
    async with Sandbox(companies=2, records=30) as running:
        yield running


@pytest.fixture
def mirroring(sandbox: Sandbox, tmp_path: Path) -> Mirroring:
    """A mirror of the sandbox that is not there yet, and the accounts file that leads to it."""
    made = Mirroring(sandbox, tmp_path)
    made.write_accounts()
    return made
