"""Accounting journals: what is debited is credited."""

from __future__ import annotations

import pytest


async def test_a_journal_balances(books, bodies):
    async with books() as api:
        made = await api.created("journals", bodies.journal(observations="Ajuste"))
        assert (made["balance"], made["observations"]) == (0, "Ajuste")
        # The document type's own, since none was sent.
        assert [item["cost_center"] for item in made["items"]] == [7401, 7401]
        assert [item["account"]["movement"] for item in made["items"]] == ["Debit", "Credit"]
        assert made["items"][0]["customer"]["id"]
        items = [bodies.movement("Debit"), bodies.movement("Credit", value=118999)]
        assert await api.refused("POST", "journals", bodies.journal(items=items)) == (400, ["invalid_balance"])


async def test_a_journal_keeps_dues_taxes_assets_and_products(books, bodies):
    async with books() as api:
        more = {
            "due": {"prefix": "FC-1", "consecutive": 2, "quote": 1, "date": "2026-03-01"},
            "tax": {"id": 7101, "name": "IVA 19%", "type": "IVA", "percentage": 19, "base_value": 1000},
            "fixed_assets": 7501,
            "product": {"code": "CAFE", "quantity": 2, "warehouse": 7301},
            "cost_center": 7402,
        }
        items = [bodies.movement("Debit", **more), bodies.movement("Credit")]
        made = await api.created("journals", bodies.journal(items=items))
        assert {name: made["items"][0][name] for name in more} == more


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": {"code": "11050501", "movement": "Haber"}}, "invalid_value"),
        ({"account": {"code": "A1", "movement": "Debit"}}, "invalid_account"),
        ({"account": None}, "parameter_required"),
        ({"customer": {"identification": "1"}}, "invalid_reference"),
        ({"customer": None}, "parameter_required"),
        ({"value": 0}, "invalid_amount"),
        ({"cost_center": 1}, "invalid_cost_center"),
        ({"fixed_assets": 1}, "invalid_reference"),
        ({"product": {"code": "NADA", "quantity": 1}}, "invalid_reference"),
        ({"tax": {"id": 1}}, "invalid_reference"),
        ({"due": {"prefix": "FC-1"}}, "parameter_required"),
    ],
)
async def test_an_item_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        items = [bodies.movement("Debit", **change), bodies.movement("Credit")]
        status, codes = await api.refused("POST", "journals", bodies.journal(items=items))
        assert (status, codes[0]) == (400, code)
