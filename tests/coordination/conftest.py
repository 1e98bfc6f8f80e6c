"""Real servers, and a proxy before them; and two stores in memory."""

from ..servers.fixtures import postgres, postgres_url, proxy, servers, valkey, valkey_url
from .server_rig import place
from .shelf import ana, ben, shelf
from .swap_rig import swap_shelf

__all__ = [
    "ana",
    "ben",
    "place",
    "postgres",
    "postgres_url",
    "proxy",
    "servers",
    "shelf",
    "swap_shelf",
    "valkey",
    "valkey_url",
]
