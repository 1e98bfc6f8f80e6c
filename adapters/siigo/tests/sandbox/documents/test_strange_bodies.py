"""Whatever is sent, a document is made or refused: there is no third way."""

from __future__ import annotations

import copy
from decimal import Decimal
from random import Random

import pytest

STRANGE = [
    None, True, 0, -1, 3, 10**30, Decimal("0.5"), Decimal("-1.123456789"), "", "x", "-", "0", "2026-01-31", "ñ" * 300,
    [], [None], [[]], {}, {"id": None}, {"id": "x"}, [{}], [{"id": 7101}, {"id": 7101}],
]  # fmt: skip


def places(node, path=()):
    """Every place of a body, the outer ones too."""
    if path:
        yield path
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from places(inner, (*path, name))
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from places(inner, (*path, number))


def replaced(body, path, value):
    changed = copy.deepcopy(body)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def whole_bodies(bodies):
    """Bodies in which most fields have something."""
    extras = {
        "cost_center": 7401,
        "currency": {"code": "USD", "exchange_rate": 4000},
        "stamp": {"send": True},
        "mail": {"send": False},
        "retentions": [{"id": 7106}],
        "advance_payment": 1,
        "global_discounts": [{"id": 8101, "percentage": 1}],
        "additional_fields": {"purchase_order": {"prefix": "OC", "number": "1"}},
        "healthcare_company": {"operation_type": "SS-Recaudo"},
        "observations": "x",
    }
    rich = bodies.item(description="x", discount=1, warehouse=7301, seller=3101, transport={"file_number": 1})
    journal = bodies.movement("Debit", tax={"id": 7101}, due={"prefix": "FC-1", "consecutive": 2, "quote": 1})
    return {
        "invoices": bodies.invoice(**extras, items=[rich, bodies.item(price=0, tax_base=1, taxpayer="Company")]),
        "quotations": bodies.quotation(items=[rich]),
        "credit-notes": bodies.credit_note(None, invoice_data={"date": "2026-01-01"}, seller=3101, reason=1),
        "purchases": bodies.purchase(items=[{**rich, "type": "Product"}], supplier_by_item=True, tax_included=True),
        "vouchers": bodies.voucher(("FV-1", 2, 1, 10)),
        "payment-receipts": bodies.payment_receipt(("FC-1", 2, 1, 10)),
        "journals": bodies.journal(items=[journal, bodies.movement("Credit")]),
    }


@pytest.mark.parametrize(
    "path", ["invoices", "quotations", "credit-notes", "purchases", "vouchers", "payment-receipts", "journals"]
)
async def test_a_strange_value_anywhere_is_refused_or_does_no_harm(books, bodies, path):
    async with books() as api:
        body = whole_bodies(bodies)[path]
        random = Random(path)
        known = list(places(body))
        for _ in range(250):
            sent = replaced(body, random.choice(known), random.choice(STRANGE))
            status, answer = await api.ask("POST", path, sent)
            assert status in (201, 400), (sent, answer)
            status, answer = await api.ask("PUT", f"{path}/nothing", sent)
            assert status in (400, 404), (sent, answer)
