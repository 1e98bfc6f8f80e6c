"""Requests that Siigo takes, as a user writes them; keywords change fields of them, and `None` leaves one out."""

from __future__ import annotations

from typing import Any

#: Ids of the sandbox's catalogues, the same for every seed.
CASH, CREDIT, TRANSFER, SUPPLIER_CREDIT = 6101, 6102, 6103, 6104
IVA, IVA_5, CONSUMPTION = 7101, 7102, 7103
SELLER = 3101
BY_PERCENTAGE, BY_VALUE, BY_HAND, WITHOUT_DECIMALS = 5101, 5102, 5103, 5104
#: Of invoices: each item has a seller, and may have a customer.
BY_SELLERS_AND_CUSTOMERS = 5105
#: Of quotations: discounts are percentages, or values and the number is the client's.
QUOTATION, QUOTATION_BY_HAND = 5701, 5702

BUYER = "900123456"
CODE = "CAFE"

#: What `create` takes, by resource. None of them needs a record besides those that `books` has.
CREATIONS: dict[str, Any] = {}


def _creation(make: Any) -> Any:
    CREATIONS[f"{make.__name__}s"] = make
    return make


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


def item(**changes: Any) -> dict[str, Any]:
    """One item of 2,380."""
    return _changed({"code": CODE, "quantity": 2, "price": 1000, "taxes": [{"id": IVA}]}, changes)


@_creation
def product(**changes: Any) -> dict[str, Any]:
    return _changed({"code": "RUANA-1", "name": "Ruana azul", "account_group": 4101, "reference": "R-1"}, changes)


@_creation
def account_group(**changes: Any) -> dict[str, Any]:
    return _changed({"code": "ART", "name": "Artesanías"}, changes)


@_creation
def customer(**changes: Any) -> dict[str, Any]:
    document = {
        "person_type": "Company",
        "id_type": "31",
        "identification": "900777888",
        "name": ["Maderas El Samán S.A.S."],
        "address": {
            "address": "CRA 41 # 12-87",
            "city": {"country_code": "Co", "state_code": "05", "city_code": "05001"},
        },
        "phones": [{"indicative": "57", "number": "3001112233"}],
        "contacts": [{"first_name": "Paola", "last_name": "Ospina", "email": "paola@acme.example"}],
    }
    return _changed(document, changes)


@_creation
def invoice(**changes: Any) -> dict[str, Any]:
    """An invoice of 2,380 that is paid at once."""
    document = {
        "document": {"id": BY_PERCENTAGE},
        "date": "2026-01-31",
        "customer": {"identification": BUYER},
        "seller": SELLER,
        "observations": "pedido 991",
        "items": [item()],
        "payments": [{"id": CASH, "value": 2380}],
    }
    return _changed(document, changes)


@_creation
def quotation(**changes: Any) -> dict[str, Any]:
    document = {
        "document": {"id": QUOTATION},
        "date": "2026-01-31",
        "customer": {"identification": BUYER},
        "seller": SELLER,
        "items": [item()],
    }
    return _changed(document, changes)


@_creation
def credit_note(**changes: Any) -> dict[str, Any]:
    """A note on an invoice of elsewhere."""
    document = {
        "document": {"id": 5201},
        "date": "2026-02-01",
        "invoice_data": {"date": "2026-01-15", "prefix": "VIEJA", "number": "12"},
        "customer": {"identification": BUYER},
        "seller": SELLER,
        "reason": 1,
        "items": [item(quantity=1)],
        "payments": [{"id": CASH, "value": 1190}],
    }
    return _changed(document, changes)


@_creation
def purchase(**changes: Any) -> dict[str, Any]:
    document = {
        "document": {"id": 5301},
        "date": "2026-01-31",
        "supplier": {"identification": BUYER},
        "provider_invoice": {"prefix": "FV1", "number": "1234"},
        "items": [item(type="Product")],
        "payments": [{"id": SUPPLIER_CREDIT, "value": 2380, "due_date": "2026-03-01"}],
    }
    return _changed(document, changes)


@_creation
def voucher(**changes: Any) -> dict[str, Any]:
    """An advance."""
    document = {
        "document": {"id": 5401},
        "date": "2026-02-01",
        "type": "AdvancePayment",
        "customer": {"identification": BUYER},
        "payment": {"id": TRANSFER, "value": 5000},
        "observations": "anticipo 17",
    }
    return _changed(document, changes)


@_creation
def payment_receipt(**changes: Any) -> dict[str, Any]:
    """An advance."""
    document = {
        "document": {"id": 5501},
        "date": "2026-02-01",
        "type": "AdvancePayment",
        "supplier": {"identification": BUYER},
        "payment": {"id": TRANSFER, "value": 5000},
        "observations": "egreso 17",
    }
    return _changed(document, changes)


@_creation
def journal(**changes: Any) -> dict[str, Any]:
    document = {
        "document": {"id": 5601},
        "date": "2026-01-31",
        "items": [movement("Debit"), movement("Credit", code="13050501")],
        "observations": "nómina de enero",
    }
    return _changed(document, changes)


@_creation
def webhook(**changes: Any) -> dict[str, Any]:
    topic = "public.siigoapi.products.create"
    return _changed({"application_id": "bodega", "topic": topic, "url": "https://acme.example/aviso"}, changes)


def movement(side: str, *, code: str = "11050501", **changes: Any) -> dict[str, Any]:
    """An entry of a journal."""
    document = {
        "account": {"code": code, "movement": side},
        "customer": {"identification": BUYER},
        "value": 119000,
    }
    return _changed(document, changes)


def due(name: str, quote: int, value: Any) -> dict[str, Any]:
    """An item of a receipt: so much of an instalment of the document with this name, FV-1-22."""
    prefix, _, consecutive = name.rpartition("-")
    return {"due": {"prefix": prefix, "consecutive": int(consecutive), "quote": quote}, "value": value}
