"""The database of the queue, besides its jobs: procrastinate's schema, and what only one worker at a time may do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from procrastinate.schema import SchemaManager

from ...errors import ConfigError
from ...tokens.postgres_client import PostgresDatabase, Refused

_log: Final = logging.getLogger("sagicc_async.sync")

#: Names of two locks in the database, that mean nothing to anybody else.
_SCHEMA_LOCK: Final = 0x5A61_1CC0
_DUTY_LOCK: Final = 0x5A61_1CC1
#: Seconds that an answer may take.
_LIMIT: Final = 20.0
#: Seconds after which a worker that was stopped in the middle of its duty loses it.
_DUTY: Final = 30

_FOUND: Final = """
    SELECT to_regclass('procrastinate_jobs') IS NOT NULL,
           EXISTS (SELECT FROM pg_proc WHERE proname = 'procrastinate_fetch_job_v2')
       AND EXISTS (SELECT FROM pg_proc WHERE proname = 'procrastinate_retry_job_v2')
       AND EXISTS (SELECT FROM pg_proc WHERE proname = 'procrastinate_defer_jobs_v1'),
           to_regclass('sagicc_async_jobs_lock_1') IS NOT NULL
"""

#: procrastinate looks for other jobs of the same lock at each job that it might begin, and has no index for that: with ten
#: thousand jobs in the queue this makes it thirty times as fast.
_INDEX: Final = """
    CREATE INDEX IF NOT EXISTS sagicc_async_jobs_lock_1 ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')
"""


class QueueDatabase:
    """
    The database of a queue.

    Args:
        dsn: Its address, as libpq takes it, perhaps with a password.

    Raises:
        ConfigError: The address is none.
    """

    def __init__(self, dsn: str) -> None:
        self._database = PostgresDatabase(dsn, limit=_LIMIT)

    def describe(self) -> str:
        """The address without user, password and options."""
        return self._database.describe()

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()

    async def prepare(self, *, ddl: bool) -> None:
        """
        Make sure that procrastinate's schema is there.

        Args:
            ddl: Whether to create it if it is missing. Processes that do so at once wait for each other.

        Raises:
            ConfigError: It is missing and may not be created, or it is an older one.
            StoreError: The database cannot be reached, or refuses.
        """
        there, new_enough, indexed = await self._database.row(_FOUND)
        if not there and ddl:
            there, new_enough, indexed = await self._database.transact(_create)
        if not there:
            raise ConfigError(
                f"{self.describe()} has no tables of procrastinate, and ddl=False: apply them by `procrastinate schema --apply`"
            )
        if not new_enough:
            raise ConfigError(
                f"the tables of procrastinate in {self.describe()} are those of an older release: apply its migrations, or "
                "name another database"
            )
        if not indexed and ddl:
            await self._index()

    async def _index(self) -> None:
        """The tables are somebody else's, who may not want it: it goes without, only slower."""
        try:
            await self._database.row(_INDEX)
        except Refused as error:
            _log.info(
                "%s: no index for locks (%s); its owner may want: %s", self.describe(), error, " ".join(_INDEX.split())
            )

    async def alone(self, duty: Callable[[], Awaitable[object]]) -> None:
        """
        Do something unless another worker is doing it.

        Raises:
            StoreError: The database cannot be reached, or refuses.
        """

        async def run(connection: Any) -> None:
            # A worker that is stopped with the lock in its hand must not keep it.
            await connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_DUTY}s'")
            free = await (await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_DUTY_LOCK])).fetchone()
            if free[0]:
                await duty()

        await self._database.transact(run)


async def _create(connection: Any) -> Any:
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
    found = await (await connection.execute(_FOUND)).fetchone()
    if found[0]:  # by another process, which was quicker
        return found
    await connection.execute(SchemaManager.get_schema())
    await connection.execute(_INDEX)
    return await (await connection.execute(_FOUND)).fetchone()
