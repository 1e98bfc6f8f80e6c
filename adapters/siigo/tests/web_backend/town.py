"""A Siigo on this machine, and the example that is served beside it by uvicorn on a real socket."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import attrs
import uvicorn

from sagicc_async.sandbox import LocalVendor

EXAMPLE = Path(__file__).parents[2] / "examples" / "web_backend.py"
SECRET = "an-address-that-nobody-guesses"

#: Ids of the sandbox's catalogues, which are the same for every seed.
INVOICE_TYPE, SELLER, CASH = 5101, 3101, 6101


@attrs.frozen
class Backend:
    """The example while it is served, and somebody who asks it."""

    http: aiohttp.ClientSession
    url: str

    async def ask(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, path, json=body, headers=sent) as answer:
            content = await answer.read()
            return answer.status, json.loads(content) if content else None, answer.headers

    async def get(self, path):
        return (await self.ask("GET", path))[:2]

    async def post(self, path, body=None, **headers):
        return (await self.ask("POST", path, body, **headers))[:2]

    async def export_is(self, condition):
        """Ask for the export's status until it is as wanted, and return it."""
        async with asyncio.timeout(20):
            while not condition(status := (await self.get("/exports/invoices"))[1]):
                pass
        return status


@attrs.frozen
class Town:
    """A Siigo, and the way to start the example beside it, as often as one likes."""

    vendor: LocalVendor
    file: Path
    module: object

    @asynccontextmanager
    async def backend(self):
        """Serve the example, its lifespan included, until the block is left."""
        server = uvicorn.Server(uvicorn.Config(self.module.app, port=0, ws="none", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve())
        try:
            async with asyncio.timeout(10):
                while not server.started and not serving.done():
                    await asyncio.sleep(0)
            url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            async with aiohttp.ClientSession(url) as http:
                yield Backend(http, url)
        finally:
            server.should_exit = True
            await serving

    def of(self, path):
        """The requests for data in whose path this stands, oldest first."""
        return [entry for entry in self.vendor.requests if path in entry.path]


def an_invoice(vendor, **changes):
    """An invoice of 1,190.50, paid at once, as a caller of the backend writes it."""
    return {
        "document": {"id": INVOICE_TYPE},
        "date": "2026-01-31",
        "customer": {"identification": somebody(vendor)["identification"]},
        "seller": SELLER,
        "items": [{"code": "P00001", "quantity": 1, "price": 1190.5}],
        "payments": [{"id": CASH, "value": "1190.50"}],
        **changes,
    }


def somebody(vendor):
    """A customer whom a look-up must find."""
    return vendor.rows("customers")[0]
