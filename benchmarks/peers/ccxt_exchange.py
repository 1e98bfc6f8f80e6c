"""
ccxt's base class, for a vendor that is no exchange: a loop over a throttled endpoint.

Its pace is set so high that it never waits for its own sake; the way through the throttler remains.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from ccxt.async_support.base.exchange import Exchange
from ccxt.base.types import Entry


class Wide(Exchange):  # type: ignore[misc]
    """The vendor, as an exchange is described, with the endpoints that ccxt generates for one."""

    public_get_wide = Entry("Wide", ["public"], "GET", {"cost": 1})

    def describe(self) -> dict[str, Any]:
        """Where it is, and what it has."""
        return self.deep_extend(
            super().describe(),
            {
                "id": "wide",
                "rateLimit": 0.01,
                "enableRateLimit": True,
                "urls": {"api": {"public": ""}},
            },
        )

    def sign(  # noqa: PLR0917 - as ccxt calls it
        self,
        path: str,
        api: str = "public",
        method: str = "GET",
        params: Any = None,
        headers: Any = None,
        body: Any = None,
    ) -> dict[str, Any]:
        """The request with its token."""
        url = f"{self.urls['api']['public']}/{path}?{urlencode(params or {})}"
        return {"url": url, "method": method, "body": body, "headers": {"Authorization": f"Bearer {self.token}"}}


async def _read(base_url: str, size: int) -> list[int]:
    vendor = Wide({"token": "benchmark-token", "urls": {"api": {"public": base_url}}})
    ids: list[int] = []
    number = 1
    try:
        while rows := (await vendor.public_get_wide({"limite": size, "pagina": number}))["result"]:
            ids += [record["id"] for record in rows]
            number += 1
    finally:
        await vendor.close()
    return ids


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    return asyncio.run(_read(base_url, size))
