"""
Real servers for tests, started by the run itself, and a proxy that does to connections what networks do.

`fixtures.py` holds what tests ask for; a folder's `conftest.py` imports it.
"""

from .finding import Unavailable
from .postgres import PostgresServer
from .process import ServerProcess
from .proxy import Proxy
from .valkey import ValkeyServer

__all__ = ["PostgresServer", "Proxy", "ServerProcess", "Unavailable", "ValkeyServer"]
