"""`sagicc-async sync --once`, killed again and again: the mirror ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Final

import attrs
import pytest

from sagicc_async.sandbox import Sandbox

from .command import Again
from .companies import LABELS, edit, labels, shown
from .mirrors import writes
from .rig import Mirroring

#: In each of the two tests: fifty together.
KILLS: Final = 25


@attrs.define(kw_only=True)
class Killing:
    """A mirror that is made by processes, some of which are killed."""

    mirroring: Mirroring
    again: Again
    random: Random
    #: Seconds that the latest sync took that was left alone.
    takes: float = 0.0
    kills: int = 0

    def begin_anew(self) -> None:
        """Throw the mirror away."""
        for file in self.mirroring.folder.glob("mirror.db*"):
            file.unlink()

    async def sync(self) -> None:
        """Sync, and leave it alone."""
        begun = asyncio.get_running_loop().time()
        await self._begin()
        assert await self.again.end() == 0, self.again.said
        self.takes = asyncio.get_running_loop().time() - begun

    async def killed(self) -> bool:
        """Sync, and kill it at a random moment; tell whether it had not ended before."""
        pid = await self._begin()
        await self.random.choice((self._any_moment, self._in_a_commit))()
        os.kill(pid, signal.SIGKILL)
        status = await self.again.end()
        assert status in (0, -signal.SIGKILL), self.again.said
        self.kills += status != 0
        return status != 0

    async def _begin(self) -> int:
        return await self.again.begin("sync", self.mirroring.file, "--once")

    async def _any_moment(self) -> None:
        await asyncio.sleep(self.random.uniform(0, self.takes))

    async def _in_a_commit(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.takes):
                await writes(self.mirroring.database, self.random.randint(1, 40))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A company of each vendor, which take a moment to answer."""
    async with Sandbox(records=30, settings={vendor: {"work": 0.01} for vendor in LABELS}) as running:
        yield running


@pytest.fixture
async def killing(mirroring: Mirroring, tmp_path: Path) -> AsyncIterator[Killing]:
    """A mirror that was made once, undisturbed."""
    async with Again.open(tmp_path / "said") as again:
        made = Killing(mirroring=mirroring, again=again, random=Random(7))
        await made.sync()
        yield made


@pytest.mark.timeout(400)
async def test_a_mirror_that_is_killed_while_it_is_made_ends_as_one_that_is_not(
    sandbox: Sandbox, mirroring: Mirroring, killing: Killing
) -> None:
    undisturbed = mirroring.mirror.timeless
    assert labels(undisturbed) == shown(sandbox)
    while killing.kills < KILLS:
        killing.begin_anew()
        while killing.kills < KILLS and await killing.killed():
            pass
        await killing.sync()
        assert mirroring.mirror.timeless == undisturbed
        assert mirroring.mirror.resting


@pytest.mark.timeout(400)
async def test_what_changes_between_kills_is_neither_lost_nor_doubled(
    sandbox: Sandbox, mirroring: Mirroring, killing: Killing
) -> None:
    await killing.sync()  # how long it takes where most is there already
    while killing.kills < KILLS:
        if await killing.killed() and killing.random.random() < 0.3:
            edit(sandbox, killing.random, share=0.02)
    await killing.sync()  # ends what was cut; the next one reads everything, and nothing changes meanwhile
    mirroring.write_accounts(whole_every="0s")
    await killing.sync()
    disturbed = mirroring.mirror
    assert disturbed.resting

    killing.begin_anew()
    await killing.sync()
    assert disturbed.living == mirroring.mirror.timeless
    assert labels(disturbed.living) == shown(sandbox)
    assert disturbed.living.keys() < disturbed.rows.keys()  # the others are marked as deleted
