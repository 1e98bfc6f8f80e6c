"""
A worker as a process of its own, which says a line of JSON for all that happens in it.

    python -m tests.sync.engine.worker_process DSN ACCOUNTS_FILE [SETTING=VALUE]...
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from sagicc_async import SessionManager, Timeouts
from sagicc_async.cli.signals import stop_event
from sagicc_async.sync.events import Committed, SyncEvent, UnitEnded
from sagicc_async.sync.procrastinate import EngineSettings, worker
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.sql import DatabaseSink

from .accounts import Quick


def say(event: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def tell(event: SyncEvent) -> None:
    if isinstance(event, Committed):
        say("committed", unit=str(event.unit), underway=event.underway is not None, new=event.changes.new)
    elif isinstance(event, UnitEnded):
        outcome = event.outcome
        say("ended", unit=str(outcome.unit), ending=outcome.ending.value, new=outcome.changes.new, error=outcome.error)


async def main(dsn: str, accounts: str, *given: str) -> None:
    options = {name: json.loads(value) for name, _, value in (text.partition("=") for text in given)}
    # A lease that a dead process held is over soon.
    sessions = SessionManager(coordinator=dsn, timeouts=Timeouts(total=2, read=2))
    async with stop_event() as stop, sessions:
        say("ready")
        await worker(
            dsn,
            Quick(accounts),
            DatabaseSink(dsn),
            sessions=sessions,
            settings=SyncSettings(batch=1, every=options.pop("every", 900.0)),
            engine=EngineSettings(heartbeat=0.5, stale=2.5, recover=0.5, poll=0.2, grace=options.pop("grace", 20.0)),
            stop=stop,
            tell=tell,
            **{"schedule": False, "concurrency": 4, **options},
        )
    say("stopped")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
