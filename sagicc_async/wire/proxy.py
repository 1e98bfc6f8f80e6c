"""Which proxy a vendor is reached through."""

from __future__ import annotations

import urllib.parse
import urllib.request
from typing import Final

from ..errors import ConfigError
from .request import Origin

_SCHEMES: Final = ("http", "https")


class Proxies:
    """
    The proxies of a manager.

    aiohttp's own `trust_env` would also read `~/.netrc`, whose passwords have no place beside an account's.

    Args:
        given: URL of the one proxy for everything.
        trust_env: Take them from the environment, where none is given.
    """

    def __init__(self, given: str | None, *, trust_env: bool) -> None:
        self._given = given
        self._trust_env = trust_env
        self._found: dict[Origin, str | None] = {}

    def proxy_for(self, origin: Origin) -> str | None:
        """
        The proxy for an origin; `None` if it is reached without.

        Raises:
            ConfigError: What the environment says is no HTTP proxy.
        """
        if self._given is not None or not self._trust_env:
            return self._given
        if origin not in self._found:
            self._found[origin] = _of_environment(origin)
        return self._found[origin]


def check_proxy(url: str, source: str) -> None:
    """
    Refuse what is no proxy of ours: aiohttp would go to a SOCKS proxy as if it spoke HTTP, and pass by one without a host.

    Args:
        url: The proxy's, which the error does not quote: it may hold a password.
        source: Where it comes from, for the error.

    Raises:
        ConfigError: It is no URL of an HTTP proxy.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        good = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            f"{source} is no URL of an HTTP proxy, such as http://proxy.example:3128; for a proxy of another kind give "
            "SessionManager a connector that speaks with it"
        )


def _of_environment(origin: Origin) -> str | None:
    # `no_proxy` may name a host with or without its port.
    if any(urllib.request.proxy_bypass(name) for name in (origin.host, f"{origin.host}:{origin.port}")):
        return None
    found = urllib.request.getproxies().get(origin.scheme)
    if found is None:
        return None
    proxy = found if "://" in found else f"http://{found}"  # as other programs read these variables
    check_proxy(proxy, f"{origin.scheme}_proxy in the environment")
    return proxy
