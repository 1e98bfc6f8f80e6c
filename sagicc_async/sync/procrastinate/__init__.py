"""
Sync on many machines: a queue in PostgreSQL that any number of workers work off.

    await sync.run(source, sink, executor=ProcrastinateExecutor("postgresql://queue.internal/jobs"))   # one program
    await worker("postgresql://queue.internal/jobs", source, sink)                                     # any number of them

A job is one resource of one account. Jobs of one account never run at once, and nothing secret is in them: each worker has
the accounts' source itself. What a job changed is in the sink, so a job that is run twice does no harm.
"""

from .executor import ProcrastinateExecutor
from .queue import QueueUnavailable
from .settings import EngineSettings
from .worker import worker

__all__ = ["EngineSettings", "ProcrastinateExecutor", "QueueUnavailable", "worker"]
