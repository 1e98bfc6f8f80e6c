"""A company of Siigo's on this machine with one product and one third party, and somebody who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import attrs
import pytest

from sagicc_async.sandbox import LocalVendor, Sandbox, from_json, to_json
from sagicc_async_siigo.sandbox import SiigoSandbox

#: Ids of the sandbox's catalogues, which are the same for every seed.
CASH, CREDIT, TRANSFER, SUPPLIER_CREDIT = 6101, 6102, 6103, 6104
IVA = 7101
SELLER = 3101

BUYER = "900123456"
CODE = "CAFE"


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


class Bodies:
    """Requests that are taken, but for the fields that a test changes; `None` leaves one out."""

    @staticmethod
    def item(**changes: Any) -> dict[str, Any]:
        return _without_none({"code": CODE, "quantity": 2, "price": 1000, "taxes": [{"id": IVA}], **changes})

    @staticmethod
    def invoice(**changes: Any) -> dict[str, Any]:
        """An invoice of 2,380 that is paid at once."""
        body = {
            "document": {"id": 5101},
            "date": "2026-01-31",
            "customer": {"identification": BUYER},
            "seller": SELLER,
            "items": [Bodies.item()],
            "payments": [{"id": CASH, "value": 2380}],
        }
        return _without_none({**body, **changes})

    @staticmethod
    def credit_note(on: str | None, **changes: Any) -> dict[str, Any]:
        body = {
            "document": {"id": 5201},
            "date": "2026-02-01",
            "invoice": on,
            "items": [Bodies.item(quantity=1)],
            "payments": [{"id": CASH, "value": 1190}],
        }
        return _without_none({**body, **changes})

    @staticmethod
    def purchase(**changes: Any) -> dict[str, Any]:
        body = {
            "document": {"id": 5301},
            "date": "2026-01-31",
            "supplier": {"identification": BUYER},
            "provider_invoice": {"prefix": "FV1", "number": "1234"},
            "items": [Bodies.item(type="Product")],
            "payments": [{"id": SUPPLIER_CREDIT, "value": 2380, "due_date": "2026-03-01"}],
        }
        return _without_none({**body, **changes})

    @staticmethod
    def quotation(**changes: Any) -> dict[str, Any]:
        body = {
            "document": {"id": 5701},
            "date": "2026-01-31",
            "customer": {"identification": BUYER},
            "seller": SELLER,
            "items": [Bodies.item()],
        }
        return _without_none({**body, **changes})

    @staticmethod
    def voucher(*dues: tuple[str, int, int, Any], **changes: Any) -> dict[str, Any]:
        """A receipt of what is paid of dues: prefix, consecutive, quote, value."""
        body = {
            "document": {"id": 5401},
            "date": "2026-02-01",
            "type": "DebtPayment",
            "customer": {"identification": BUYER},
            "items": [
                {"due": {"prefix": prefix, "consecutive": consecutive, "quote": quote}, "value": value}
                for prefix, consecutive, quote, value in dues
            ],
            "payment": {"id": TRANSFER, "value": sum(value for *_, value in dues)},
        }
        return _without_none({**body, **changes})

    @staticmethod
    def payment_receipt(*dues: tuple[str, int, int, Any], **changes: Any) -> dict[str, Any]:
        return Bodies.voucher(
            *dues, **{"document": {"id": 5501}, "customer": None, "supplier": {"identification": BUYER}, **changes}
        )

    @staticmethod
    def journal(**changes: Any) -> dict[str, Any]:
        body = {
            "document": {"id": 5601},
            "date": "2026-01-31",
            "items": [Bodies.movement("Debit"), Bodies.movement("Credit")],
        }
        return _without_none({**body, **changes})

    @staticmethod
    def movement(side: str, **changes: Any) -> dict[str, Any]:
        body = {
            "account": {"code": "11050501", "movement": side},
            "customer": {"identification": BUYER},
            "value": 119000,
        }
        return _without_none({**body, **changes})


@attrs.frozen
class Books:
    vendor: LocalVendor
    http: aiohttp.ClientSession
    token: str

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {self.token}", "Partner-Id": "SagiccTest", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else BytesIO(to_json(body))
        async with self.http.request(method, f"{self.vendor.base_url}/v1/{path}", headers=sent, data=data) as answer:
            content = await answer.read()
            return answer.status, from_json(content) if content else None

    async def get(self, path: str) -> Any:
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def created(self, path: str, body: Any, **headers: str) -> Any:
        status, answer = await self.ask("POST", path, body, **headers)
        assert status == 201, answer
        return answer

    async def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, list[str]]:
        """Ask for what must be refused, and return the status and the codes."""
        status, answer = await self.ask(method, path, body, **headers)
        assert status >= 400, answer
        assert answer["Status"] == status
        return status, [error["Code"] for error in answer["Errors"]]

    async def total(self, path: str, body: dict[str, Any]) -> Any:
        """Return what a document comes to in the vendor's own words, which a wrong payment makes it say."""
        wrong = {**body, "payments": [{"id": TRANSFER, "value": 1}]}
        status, answer = await self.ask("POST", path, wrong)
        assert (status, answer["Errors"][0]["Code"]) == (400, "invalid_total_payments"), answer
        return from_json(answer["Errors"][0]["Message"].rpartition(" ")[2].encode())

    async def paid(self, path: str, body: dict[str, Any], *, way: int = CASH, due_date: str | None = None) -> Any:
        """Create a document with one payment of what it comes to."""
        payment = {"id": way, "value": await self.total(path, body)}
        return await self.created(path, {**body, "payments": [payment | ({"due_date": due_date} if due_date else {})]})

    async def owed(self, **changes: Any) -> Any:
        """Create an invoice that is paid later."""
        return await self.paid("invoices", Bodies.invoice(**changes), way=CREDIT, due_date="2026-03-01")


@pytest.fixture
def bodies() -> type[Bodies]:
    return Bodies


@pytest.fixture
def books() -> Callable[..., AbstractAsyncContextManager[Books]]:
    @asynccontextmanager
    async def opened(*, records: int = 0, **settings: Any) -> AsyncIterator[Books]:
        options = {"siigo": {"work": 0, **settings}}
        async with (
            Sandbox([SiigoSandbox], records=records, seed=7, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            vendor = sandbox["siigo"]
            vendor.add("products", {"code": CODE, "name": "Café molido", "stock_control": True})
            contact = {"first_name": "Ana", "email": "ana@acme.example"}
            vendor.add("customers", {"identification": BUYER, "name": ["Acme S.A.S."], "contacts": [contact]})
            async with http.post(f"{vendor.base_url}/auth", json=vendor.credentials) as answer:
                token = (await answer.json())["access_token"]
            yield Books(vendor, http, token)

    return opened
