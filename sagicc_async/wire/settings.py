"""What a manager may say about its connections."""

from __future__ import annotations

import ssl as tls

import aiohttp
import attrs

from ..errors import ConfigError
from .limits import Timeouts
from .proxy import check_proxy
from .request import CONTROL


@attrs.frozen(kw_only=True)
class TransportSettings:
    """
    Settings of connections; see `SessionManager` for the meaning of each.

    Raises:
        ConfigError: One of them cannot be, or would be ignored beside another.
    """

    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_connections: int = attrs.field(default=200, validator=attrs.validators.ge(2))
    reserved_connections: int = attrs.field(default=10, validator=attrs.validators.ge(0))
    max_body: int = attrs.field(default=64 * 2**20, validator=attrs.validators.gt(0))
    proxy: str | None = attrs.field(default=None, repr=False)
    trust_env: bool = False
    ssl: tls.SSLContext | None = None
    user_agent: str = "sagicc-async"
    allow_http: bool = False
    connector: aiohttp.BaseConnector | None = None
    http: aiohttp.ClientSession | None = None

    def __attrs_post_init__(self) -> None:
        if self.http is not None and self.connector is not None:
            raise ConfigError("give http= or connector=: a session has a connector of its own")
        if self.ssl is not None and (self.http is not None or self.connector is not None):
            raise ConfigError(
                "ssl= is for connections that the manager makes itself; give the context to your own connector: "
                "aiohttp.TCPConnector(ssl=...)"
            )
        if self.proxy is not None:
            check_proxy(self.proxy, "proxy=")
        if CONTROL.search(self.user_agent):
            raise ConfigError("user_agent= is text without line breaks and control characters, as any header is")

    @property
    def bulk_connections(self) -> int:
        """How many connections calls that are not interactive may use at once; never more than a given connector makes."""
        connector = self.connector if self.http is None else self.http.connector
        limit = 0 if connector is None else connector.limit  # 0 is aiohttp's word for any number
        most = min(self.max_connections, limit) if limit else self.max_connections
        return max(1, most - self.reserved_connections)
