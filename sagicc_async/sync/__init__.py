"""
Sync: the resources of many accounts of several vendors, mirrored into one sink, incrementally and restartably.

    from sagicc_async import sync

    report = await sync.run(sync.AccountsFile("accounts.toml"), sync.DatabaseSink("sqlite:///mirror.db"))

Each resource of each account moves on by itself: its rows and the place up to which they lead are committed together, so
it can be stopped at any moment, and goes on from there; a tenant that fails stops nobody else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from .accounts import AccountSource, SyncAccount
from .accounts_file import AccountsFile
from .accounts_function import accounts_from
from .config import SyncConfig, load_sync
from .events import AccountEnded, AccountStarted, Committed, SinkAway, SyncEvent, UnitEnded
from .executor import Executor
from .local import LocalExecutor
from .outcome import Changes, Ending, Outcome
from .report import AccountReport, Report
from .rows import Row
from .run import follow, run
from .settings import SyncSettings
from .sink import Batch, Sink, SinkUnavailable, StaleWorker
from .state import Kind, SyncState, Underway
from .unit import Unit
from .work import Work

if TYPE_CHECKING:
    from .folder import FolderSink, latest
    from .procrastinate import EngineSettings, ProcrastinateExecutor, worker
    from .sql import DatabaseSink, Target, TargetPage, ddl

#: What needs packages of its own, by the module that has it: loaded when it is asked for.
_EXTRAS: Final = {
    **dict.fromkeys(("DatabaseSink", "Target", "TargetPage", "ddl"), ".sql"),
    **dict.fromkeys(("FolderSink", "latest"), ".folder"),
    **dict.fromkeys(("EngineSettings", "ProcrastinateExecutor", "worker"), ".procrastinate"),
}

__all__ = [
    "AccountEnded",
    "AccountReport",
    "AccountSource",
    "AccountStarted",
    "AccountsFile",
    "Batch",
    "Changes",
    "Committed",
    "DatabaseSink",
    "Ending",
    "EngineSettings",
    "Executor",
    "FolderSink",
    "Kind",
    "LocalExecutor",
    "Outcome",
    "ProcrastinateExecutor",
    "Report",
    "Row",
    "Sink",
    "SinkAway",
    "SinkUnavailable",
    "StaleWorker",
    "SyncAccount",
    "SyncConfig",
    "SyncEvent",
    "SyncSettings",
    "SyncState",
    "Target",
    "TargetPage",
    "Underway",
    "Unit",
    "UnitEnded",
    "Work",
    "accounts_from",
    "ddl",
    "follow",
    "latest",
    "load_sync",
    "run",
    "worker",
]


def __getattr__(name: str) -> Any:
    if name not in _EXTRAS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_EXTRAS[name], __name__), name)
