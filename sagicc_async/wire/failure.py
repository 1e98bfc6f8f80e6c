"""An exchange without a complete answer, in our own words."""

from __future__ import annotations

import os
import ssl

import aiohttp

from .request import origin_of


class ExchangeError(Exception):
    """
    An exchange ended without a complete answer.

    It never holds aiohttp's own exception: those carry the request's headers, and so the token.

    Args:
        reason: One line for a person.
        hint: What to do about it.
        retry: Whether trying again could help.
        broken: Whether what arrived broke the protocol, rather than nothing arriving.
        answered: Whether the vendor's answer was complete all the same, so that it is done with the request.
        quoted: What of the reason is not ours but came from outside, where it may echo a secret.
    """

    def __init__(
        self,
        reason: str,
        *,
        hint: str | None = None,
        retry: bool = True,
        broken: bool = False,
        answered: bool = False,
        quoted: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.quoted = quoted
        self.hint = hint
        self.retry = retry
        self.broken: bool = broken or answered
        self.answered = answered


# What aiohttp raises while it is still connecting.
CONNECTING = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)

# What it raises only once a request is on its way, as long as it is none of those.
ON_ITS_WAY = (
    aiohttp.ServerConnectionError,
    aiohttp.ClientOSError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientResponseError,
    ConnectionError,
    TimeoutError,
)


def too_large(limit: int, hint: str | None) -> ExchangeError:
    """An answer beyond `max_body`; the adapter may know better what to do about it."""
    return ExchangeError(
        f"the answer is larger than {limit:,} bytes",
        hint=hint or "ask for smaller pages, or raise max_body",
        retry=False,
        broken=True,
    )


def explain(error: Exception, url: str) -> ExchangeError:
    """Say in our own words what aiohttp says with the request attached."""
    host = origin_of(url).host
    if isinstance(error, ExchangeError):
        return error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return ExchangeError(
            f"the certificate of {host} is not trusted",
            hint="if your company inspects TLS, give SessionManager(ssl=...) a context that knows its CA",
            retry=False,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ExchangeError(f"the host name {host} cannot be resolved", hint="check base_url and the network")
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return ExchangeError("the proxy cannot be reached or refuses", hint="check the proxy setting")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ExchangeError(f"no connection to {host} in time", hint="check base_url and the network")
    if isinstance(error, aiohttp.ClientConnectorError):
        return ExchangeError(
            f"cannot connect to {host}: {_plainly(error.os_error)}", hint="check base_url and the network"
        )
    if isinstance(error, aiohttp.ClientPayloadError):
        return ExchangeError("the answer was cut off or cannot be decompressed")
    if isinstance(error, aiohttp.ClientResponseError):
        return ExchangeError("the answer is not HTTP", hint="check base_url and proxies", broken=True)
    return ExchangeError(f"the connection broke ({type(error).__name__})")


def _plainly(error: OSError) -> str:
    """The system's own words; asyncio's name a call and an address."""
    if isinstance(error, ssl.SSLError):  # whose number is OpenSSL's, not the system's
        return f"TLS failed ({error.reason or type(error).__name__})"
    return os.strerror(error.errno) if error.errno else type(error).__name__
