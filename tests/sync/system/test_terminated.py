"""SIGTERM in the middle of a write: what was begun is finished or undone, and the next run goes on from there."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from sagicc_async.sandbox import Sandbox

from .command import Again
from .companies import labels, shown
from .mirrors import writes
from .rig import Mirroring


@pytest.fixture
async def again(tmp_path: Path) -> AsyncIterator[Again]:
    """Runs the program again and again."""
    async with Again.open(tmp_path / "said") as running:
        yield running


async def terminated(again: Again, mirroring: Mirroring, *arguments: str, at: int) -> int:
    """Sync, and ask it to end in the moment of a write; gives its status."""
    pid = await again.begin("sync", mirroring.file, *arguments)
    await writes(mirroring.database, at)
    os.kill(pid, signal.SIGTERM)
    return await again.end()


async def test_one_round_that_is_asked_to_end_says_how_to_go_on_and_does_so(
    sandbox: Sandbox, mirroring: Mirroring, again: Again
) -> None:
    random = Random(3)
    for _ in range(5):
        assert await terminated(again, mirroring, "--once", at=random.randint(3, 12)) == 130, again.said
        assert mirroring.mirror.agrees
    assert again.said.count(f"go on from there with: sagicc-async sync {mirroring.file} --once") == 5
    assert "Traceback" not in again.said
    before = len(mirroring.mirror.rows)
    assert 0 < before < len(shown(sandbox))

    await again.begin("sync", mirroring.file, "--once", "--json")
    assert await again.end() == 0
    assert labels(mirroring.mirror.living) == shown(sandbox)
    assert mirroring.mirror.resting


async def test_a_sync_that_is_to_go_on_for_ever_ends_well_when_it_is_asked_to(
    sandbox: Sandbox, mirroring: Mirroring, again: Again
) -> None:
    assert await terminated(again, mirroring, at=10) == 0
    assert "the same command goes on from there" in again.said
    assert mirroring.mirror.agrees
    assert 0 < len(mirroring.mirror.rows) < len(shown(sandbox))

    await again.begin("sync", mirroring.file, "--once")
    assert await again.end() == 0
    assert labels(mirroring.mirror.living) == shown(sandbox)
