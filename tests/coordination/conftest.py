"""Real servers, and a proxy before them."""

from ..servers.fixtures import postgres, postgres_url, proxy, servers, valkey, valkey_url

__all__ = ["postgres", "postgres_url", "proxy", "servers", "valkey", "valkey_url"]
