"""
The mirror in a database: SQLite as the embedded one, PostgreSQL for many workers.

    sink = DatabaseSink("sqlite:///mirror.db")
    report = await sync.run(source, sink)
"""

from __future__ import annotations

from ...errors import ConfigError

try:
    import sqlalchemy.ext.asyncio  # noqa: F401 - an extra
except ImportError as _missing:
    raise ConfigError("a database needs SQLAlchemy: pip install 'sagicc-async[sync]'") from _missing

from .sink import DatabaseSink, ddl
from .targets import Target, TargetPage

__all__ = ["DatabaseSink", "Target", "TargetPage", "ddl"]
