"""One valid document of each kind, and how the tests of the checks change one; no test stands here."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sagicc_async import FieldError
from sagicc_async_siigo import checks

Check = Callable[[Mapping[str, Any]], list[FieldError]]

EXAMPLES = json.loads((Path(__file__).parent.parent / "vendor" / "examples.json").read_text(encoding="utf-8"))


class Change(enum.Enum):
    """What stands in place of a value."""

    GONE = "the key is taken away"


GONE = Change.GONE

DOCUMENT = {"document": {"id": 24446}, "date": "2026-11-25"}
CUSTOMER = {
    "person_type": "Person",
    "id_type": "13",
    "identification": "13832081",
    "name": ["Nombre", "Apellido"],
    "address": {
        "address": "Cra. 18 #79A - 42",
        "city": {"country_code": "Co", "state_code": "19", "city_code": "19001"},
        "postal_code": "110911",
    },
    "phones": [{"indicative": "57", "number": "3006003345", "extension": "132"}],
    "contacts": [{"first_name": "Nombre", "last_name": "Apellido", "email": "contacto@example.com"}],
}
ITEM = {"code": "Item-1", "quantity": 1, "price": 1069.77, "discount": 0, "taxes": [{"id": 13156}]}
SALE = {"items": [ITEM], "payments": [{"id": 5636, "value": 1273.03, "due_date": "2026-12-19"}]}
INVOICE = {**DOCUMENT, **SALE, "customer": {"identification": "13832081", "branch_office": 0}, "seller": 629}
HEALTH = {"operation_type": "SS-CUFE", "period_start": "2026-02-14", "period_end": "2026-03-16", "copayment": 500.0}
PAID = {
    **DOCUMENT,
    "type": "DebtPayment",
    "items": [{"due": {"prefix": "FV-1", "consecutive": 68, "quote": 1, "date": "2026-04-22"}, "value": 119000}],
    "payment": {"id": 5636, "value": 119000},
}
MOVES = [
    {"account": {"code": "11050501", "movement": "Debit"}, "value": 119000},
    {"account": {"code": "11100501", "movement": "Credit"}, "value": 119000},
]

VALID: dict[Check, dict[str, Any]] = {
    checks.check_product: {
        "code": "Item-1",
        "name": "Camiseta de algodón",
        "account_group": 1253,
        "type": "Product",
        "tax_consumption_value": 0,
        "taxes": [{"id": 13156, "milliliters": 1000, "rate": 35}],
        "prices": [{"currency_code": "COP", "price_list": [{"position": 1, "value": 12000}]}],
        "unit": "94",
        "reference": "REF1",
        "additional_fields": {"barcode": "B0123", "brand": "Gef", "tariff": "151612", "model": "Loiry"},
    },
    checks.check_account_group: {"code": "Abc123", "name": "Categoría de productos 1"},
    checks.check_customer: {**CUSTOMER, "type": "Customer", "fiscal_responsibilities": [{"code": "R-99-PN"}]},
    checks.check_invoice: {**INVOICE, "healthcare_company": HEALTH},
    checks.check_invoice_batch: {
        "notification_url": "https://example.com/siigo",
        "invoices": [{**INVOICE, "idempotency_key": "a1"}, {**INVOICE, "idempotency_key": "a2"}],
    },
    checks.check_quotation: {
        **DOCUMENT,
        "customer": {"identification": "13832081"},
        "seller": 629,
        "items": [ITEM],
        "currency": {"code": "USD", "exchange_rate": 3825.03},
    },
    checks.check_credit_note: {
        **DOCUMENT,
        **SALE,
        "reason": "2",
        "customer": {"identification": "28211179", "branch_office": "0"},
        "seller": 62,
        "invoice_data": {"date": "2026-03-20", "prefix": "FV", "number": "458", "cufe": "302580df"},
    },
    checks.check_purchase: {
        **DOCUMENT,
        **SALE,
        "items": [{**ITEM, "type": "Product"}],
        "supplier": {"identification": "13832081"},
        "provider_invoice": {"prefix": "FV1", "number": "1234"},
        "discount_type": "Value",
    },
    checks.check_voucher: {**PAID, "customer": {"identification": "209048401"}},
    checks.check_payment_receipt: {**PAID, "supplier": {"identification": "13832081"}},
    checks.check_journal: {**DOCUMENT, "items": [{**move, "customer": {"identification": "1"}} for move in MOVES]},
    checks.check_test_balance_report: {
        "account_start": "11050501",
        "account_end": "41350501",
        "year": 2026,
        "month_start": 1,
        "month_end": 13,
        "includes_tax_difference": False,
    },
    checks.check_webhook: {
        "application_id": "Siigo",
        "topic": "public.siigoapi.products.create",
        "url": "https://example.com/",
    },
    checks.check_mail: {"mail_to": "cliente@example.com", "copy_to": "copia1@example.com;copia2@example.com"},
}


def changed(document: Mapping[str, Any], changes: Mapping[str, Any]) -> Any:
    """A copy of a document with values at paths like `items[0].price`; `GONE` takes a key away."""
    made = _copied(document)
    for path, value in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", path)]
        inside: Any = made
        for step in steps:
            inside = inside[step]
        if value is GONE:
            del inside[last]
        else:
            inside[last] = value
    return made


def _copied(value: Any) -> Any:
    """A copy in which nothing is shared, as `deepcopy` would keep it: what stands twice is changed once."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def found(check: Check, changes: Mapping[str, Any], **options: Any) -> list[tuple[str, str]]:
    """Code and path of each complaint about the valid document with changes."""
    return [(error.code, error.path) for error in check(changed(VALID[check], changes), **options)]


def short(value: Any) -> str:
    """The name of a case: long texts and lists are cut."""
    text = getattr(value, "__name__", None) or str(value)
    return text if len(text) <= 60 else f"{text[:50]}... of {len(text)}"
