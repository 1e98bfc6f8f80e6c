"""The database stops and comes back, the disk is full and is freed: the sync waits, and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from sagicc_async.sandbox import Sandbox
from sagicc_async.sync import Committed, SinkAway, SyncEvent

from ...servers import PostgresServer
from .companies import labels, shown
from .rig import Mirroring


class Away:
    """Takes the store away at a commit, and gives it back when a unit has waited for it."""

    def __init__(self, take: Callable[[], object], give: Callable[[], object], *, after: int) -> None:
        self._take, self._give = take, give
        self._left = after
        self.reasons: list[str] = []

    def tell(self, event: SyncEvent) -> None:
        if isinstance(event, Committed):
            self._left -= 1
            if self._left == 0:
                self._take()
        elif isinstance(event, SinkAway):
            if not self.reasons:
                self._give()
            self.reasons.append(event.reason)


@pytest.fixture
def server(servers: Callable[..., PostgresServer]) -> PostgresServer:
    """A PostgreSQL of this test's own."""
    return servers(PostgresServer)


@pytest.fixture
def in_server(mirroring: Mirroring, server: PostgresServer) -> Mirroring:
    """The mirror, in that server."""
    return Mirroring(mirroring.sandbox, mirroring.folder, server.url)


async def test_a_database_that_is_killed_and_comes_back_is_waited_for(
    sandbox: Sandbox, in_server: Mirroring, server: PostgresServer
) -> None:
    away = Away(server.kill, server.start, after=10)
    report = await in_server.sync(away.tell)

    assert away.reasons
    assert not report.failed
    assert report.changes.new == len(in_server.mirror.rows)
    assert labels(in_server.mirror.living) == shown(sandbox)
    assert in_server.mirror.resting


async def test_a_database_that_stays_away_is_named_and_nothing_is_half_written(
    sandbox: Sandbox, in_server: Mirroring, server: PostgresServer
) -> None:
    away = Away(server.kill, lambda: None, after=10)
    report = await in_server.sync(away.tell, patience=0.3)
    server.start()

    assert report.failed
    errors = {trouble.error for account in report.failed for trouble in account.troubles if trouble.kind}
    assert errors
    # A connection that is killed may have been told so by the server.
    said = ("check that it runs, and the address", "it is shutting down, or starting up")
    assert all(any(text in error for text in said) for error in errors)
    assert in_server.mirror.agrees
    assert not (await in_server.sync()).failed
    assert labels(in_server.mirror.living) == shown(sandbox)


@pytest.fixture
def disk(files_of_at_most: Callable[[int], AbstractContextManager[None]]) -> Iterator[ExitStack]:
    """Enter what fills the disk, and close it when there is room again."""
    with ExitStack() as stack:
        yield stack


async def test_a_disk_that_is_full_and_is_freed_is_waited_for(
    sandbox: Sandbox,
    mirroring: Mirroring,
    disk: ExitStack,
    files_of_at_most: Callable[[int], AbstractContextManager[None]],
) -> None:
    away = Away(lambda: disk.enter_context(files_of_at_most(_size(mirroring.database))), disk.close, after=10)
    report = await mirroring.sync(away.tell)

    assert any("disk is full" in reason for reason in away.reasons)
    assert not report.failed
    assert labels(mirroring.mirror.living) == shown(sandbox)
    assert mirroring.mirror.resting


async def test_a_disk_that_stays_full_is_named_and_nothing_is_half_written(
    sandbox: Sandbox,
    mirroring: Mirroring,
    disk: ExitStack,
    files_of_at_most: Callable[[int], AbstractContextManager[None]],
) -> None:
    away = Away(lambda: disk.enter_context(files_of_at_most(_size(mirroring.database))), lambda: None, after=10)
    report = await mirroring.sync(away.tell, patience=0.3)
    disk.close()

    assert report.failed
    errors = {trouble.error for account in report.failed for trouble in account.troubles if trouble.kind}
    assert any("the disk is full" in error for error in errors)
    assert mirroring.mirror.agrees
    assert not (await mirroring.sync()).failed
    assert labels(mirroring.mirror.living) == shown(sandbox)


def _size(database: Path) -> int:
    """What the largest of a database's files has now."""
    return max(file.stat().st_size for file in database.parent.glob(f"{database.name}*"))
