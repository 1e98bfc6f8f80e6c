"""Real servers, and a proxy before them; and a store in memory with two processes."""

from ..servers.fixtures import postgres, postgres_url, proxy, servers, valkey, valkey_url
from .shelf import ana, ben, shelf

__all__ = ["ana", "ben", "postgres", "postgres_url", "proxy", "servers", "shelf", "valkey", "valkey_url"]
