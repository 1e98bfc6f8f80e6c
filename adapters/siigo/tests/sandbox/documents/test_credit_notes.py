"""Credit notes, on invoices that are here and on others."""

from __future__ import annotations

import pytest

UNKNOWN = "63f918c2-ca65-4edc-a7db-66bcdd5159fb"
ELSEWHERE = {"customer": {"identification": "900123456"}, "seller": 3101}
DATA = {"date": "2024-03-20", "prefix": "FV", "number": "458", "cufe": "abc"}


async def test_a_note_takes_customer_and_seller_of_its_invoice(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        note = await api.created("credit-notes", bodies.credit_note(made["id"], retentions=[{"id": 7106}]))
        assert (note["customer"], note["seller"], note["total"]) == (made["customer"], made["seller"], 1190)
        # The vendor's sample: ReteIVA of 15 % of the IVA, and the total is the items' own.
        assert note["retentions"][0]["value"] == 28.5
        assert note["stamp"] == {"status": "Draft"}


async def test_a_note_on_an_invoice_of_another_system(books, bodies):
    async with books() as api:
        note = await api.created("credit-notes", bodies.credit_note(None, reason="2", invoice_data=DATA, **ELSEWHERE))
        assert (note["customer"]["identification"], note["seller"]) == ("900123456", 3101)
        assert "invoice" not in note


async def test_a_note_on_a_stamped_invoice_is_stamped(books, bodies):
    async with books() as api:
        made = await api.created(
            "invoices", bodies.invoice(document={"id": 5102}, date="2099-01-01", stamp={"send": True})
        )
        body = bodies.credit_note(made["id"], date="2099-01-01", reason=1, stamp={"send": True})
        note = await api.created("credit-notes", body)
        assert note["stamp"]["status"] == "Accepted"
        assert len(note["stamp"]["cude"]) == 96


@pytest.mark.parametrize(
    ("on", "change", "codes"),
    [
        (None, {}, ["parameter_required", "parameter_required"]),
        (None, {**ELSEWHERE, "reason": 2}, ["parameter_required", "parameter_required"]),
        (UNKNOWN, {}, ["invalid_reference"]),
        ("FV-1-2", {}, ["invalid_type"]),
        (UNKNOWN, {"invoice_data": DATA}, ["parameters_exclusive"]),
        (None, {**ELSEWHERE, "reason": 8}, ["invalid_range"]),
        (None, {**ELSEWHERE, "invoice_data": {"number": "1"}}, ["parameter_required"]),
        (None, {**ELSEWHERE, "payments": [{"id": 6101, "value": 1}]}, ["invalid_total_payments"]),
        (None, {**ELSEWHERE, "payments": [{"id": 6104, "value": 1190}]}, ["invalid_payment"]),
    ],
)
async def test_a_note_that_cannot_be_is_refused(books, bodies, on, change, codes):
    async with books() as api:
        assert await api.refused("POST", "credit-notes", bodies.credit_note(on, **change)) == (400, codes)
        assert api.vendor.rows("credit_notes") == []
