"""procrastinate's way to PostgreSQL, with what a worker of ours needs besides."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final, LiteralString

from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.sql import queries
from psycopg import AsyncConnection
from psycopg import Error as PsycopgError

#: Connections for statements; besides, a worker listens on one.
_CONNECTIONS: Final = 4
#: What procrastinate is told when a job is new.
_NEW_JOB: Final = '{"type": "job_inserted", "job_id": 0}'


class WorkerConnector(PsycopgConnector):
    """
    Notices what procrastinate's worker does not.

    * A sign of life, or the end of a job, that could not be written. procrastinate stops looking after the former where no
      task is periodic, as here; and a job whose end is not written stays behind: nobody does it, and nobody takes it over.
    * A job that has ended: the next one of its account has come free, and would wait for the next look.

    Args:
        dsn: Address of the database.
    """

    def __init__(self, dsn: str) -> None:
        super().__init__(
            conninfo=dsn,
            min_size=1,
            max_size=_CONNECTIONS,
            # Nothing is prepared, so that a pooler may hand each transaction to another connection.
            kwargs={"prepare_threshold": None},
            configure=_configure,
        )
        #: Set when something could not be written or heard: the worker has to register anew.
        self.failed: asyncio.Event = asyncio.Event()
        self._notify: Notify | None = None

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Listen to new jobs."""
        self._notify = on_notification
        try:
            await super().listen_notify(on_notification, channels)
        except (ConnectorException, PsycopgError, OSError):
            self.failed.set()
            raise

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Run a statement that answers nothing; nobody would hear of its error in the task of a job that has ended."""
        try:
            await super().execute_query_async(query, **arguments)
        except ConnectorException:
            self.failed.set()
            return
        if self._notify is not None and query == queries["finish_job"]:
            await self._notify(channel="", payload=_NEW_JOB)


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Each of procrastinate's statements is a transaction of its own: to begin and to end it would be two more exchanges."""
    await connection.set_autocommit(True)
