"""The companies of a sandbox and their mirror, synced in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from sagicc_async import MemoryCoordinator, RetryPolicy, SessionManager, Timeouts
from sagicc_async.sandbox import Sandbox
from sagicc_async.sync import AccountsFile, DatabaseSink, Report, SyncEvent, SyncSettings, run

from .companies import accounts_file
from .mirrors import Mirror, in_file, in_server

#: Pages and commits so small that whatever happens finds each list in the middle.
PAGES: Final[Mapping[str, Any]] = {"page_size": 5, "settle": 0}
BATCH: Final = 5


def quick(**settings: Any) -> SessionManager:
    """A manager whose retries keep nobody waiting, and that agrees with no other process."""
    given: dict[str, Any] = {"retry": RetryPolicy(attempts=2, base=0.001), **settings}
    return SessionManager(coordinator=MemoryCoordinator(), **given)


@attrs.frozen
class Mirroring:
    """
    The companies of a sandbox, and their mirror.

    Args:
        sandbox: Whose companies.
        folder: Where their accounts file is.
        server: Address of the PostgreSQL that has the mirror; if there is none it is in a file in the folder.
    """

    sandbox: Sandbox
    folder: Path
    server: str = ""

    @property
    def file(self) -> Path:
        """The accounts file."""
        return self.folder / "accounts.toml"

    @property
    def database(self) -> Path:
        """The file that the mirror is in."""
        return self.folder / "mirror.db"

    @property
    def mirror(self) -> Mirror:
        """What stands in the mirror."""
        return in_server(self.server) if self.server else in_file(self.database)

    def write_accounts(self, **settings: object) -> None:
        """Write the accounts file, with the credentials that are valid now, and more of the table `[sync]`."""
        accounts_file(self.sandbox, self.folder, account=PAGES, batch=BATCH, **settings)

    def sink(self) -> DatabaseSink:
        """A sink of the mirror's own."""
        return DatabaseSink(self.server or f"sqlite:///{self.database}")

    async def sync(
        self,
        tell: Callable[[SyncEvent], object] = lambda event: None,
        timeouts: Timeouts | None = None,
        **settings: Any,
    ) -> Report:
        """Sync all accounts once."""
        async with quick(timeouts=timeouts or Timeouts()) as sessions:
            return await run(
                AccountsFile(self.file),
                self.sink(),
                sessions=sessions,
                settings=SyncSettings(batch=BATCH, **settings),
                tell=tell,
            )
