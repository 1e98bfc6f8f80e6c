"""What is owed on invoices and purchases, and what changes it."""

from __future__ import annotations


async def owed(api, path, identifier):
    return (await api.get(f"{path}/{identifier}"))["balance"]


async def test_what_is_paid_at_once_owes_nothing(books, bodies):
    async with books() as api:
        assert (await api.created("invoices", bodies.invoice()))["balance"] == 0
        assert (await api.owed())["balance"] == 2380


async def test_an_advance_is_not_owed(books, bodies):
    async with books() as api:
        made = await api.owed(advance_payment=380)
        assert (made["balance"], made["advance_payment"]) == (2000, 380)
        due = ("FV-1", made["number"], 1, 2001)
        assert await api.refused("POST", "vouchers", bodies.voucher(due)) == (400, ["invalid_amount"])


async def test_a_receipt_takes_off_what_it_pays(books, bodies):
    async with books() as api:
        made = await api.owed()
        due = ("FV-1", made["number"], 1)
        paid = await api.created("vouchers", bodies.voucher((*due, 2000)))
        assert paid["items"] == [
            {"due": {"prefix": "FV-1", "consecutive": made["number"], "quote": 1, "date": "2026-03-01"}, "value": 2000}
        ]
        assert await owed(api, "invoices", made["id"]) == 380
        assert await api.refused("POST", "vouchers", bodies.voucher((*due, 381))) == (400, ["invalid_amount"])
        await api.created("vouchers", bodies.voucher((*due, 380)))
        assert await owed(api, "invoices", made["id"]) == 0


async def test_a_credit_note_takes_off_its_total(books, bodies):
    async with books() as api:
        made = await api.owed()
        note = await api.created("credit-notes", bodies.credit_note(made["id"]))
        assert note["invoice"] == {"id": made["id"], "name": made["name"]}
        assert await owed(api, "invoices", made["id"]) == 1190
        await api.created("credit-notes", bodies.credit_note(made["id"]))
        assert await owed(api, "invoices", made["id"]) == 0
        refused = await api.refused("POST", "credit-notes", bodies.credit_note(made["id"]))
        assert refused == (400, ["invalid_amount"])


async def test_a_credit_note_on_what_was_paid_leaves_no_debt(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        await api.created("credit-notes", bodies.credit_note(made["id"]))
        assert await owed(api, "invoices", made["id"]) == 0


async def test_a_purchase_is_owed_instalment_by_instalment(books, bodies):
    async with books() as api:
        later = [
            {"id": 6104, "value": 1000, "due_date": "2026-03-01"},
            {"id": 6104, "value": 1380, "due_date": "2026-04-01"},
        ]
        made = await api.created("purchases", bodies.purchase(payments=later))
        assert made["balance"] == 2380
        second = ("FC-1", made["number"], 2)
        assert await api.refused("POST", "payment-receipts", bodies.payment_receipt((*second, 1381))) == (
            400,
            ["invalid_amount"],
        )
        await api.created("payment-receipts", bodies.payment_receipt((*second, 380)))
        assert await owed(api, "purchases", made["id"]) == 2000
        report = (await api.get("accounts-payable"))["results"]
        assert [(row["due"]["quote"], row["due"]["date"], row["due"]["balance"]) for row in report] == [
            (1, "2026-03-01", 1000),
            (2, "2026-04-01", 1000),
        ]
        assert report[0]["due"]["prefix"] == "FC-1"
        assert report[0]["provider"]["identification"] == "900123456"


async def test_what_is_paid_leaves_the_accounts_payable(books, bodies):
    async with books() as api:
        made = await api.created("purchases", bodies.purchase())
        await api.created("payment-receipts", bodies.payment_receipt(("FC-1", made["number"], 1, 2380)))
        assert (await api.get("accounts-payable"))["results"] == []


async def test_a_deleted_payment_receipt_is_owed_again(books, bodies):
    async with books() as api:
        made = await api.created("purchases", bodies.purchase())
        paid = await api.created("payment-receipts", bodies.payment_receipt(("FC-1", made["number"], 1, 2000)))
        status, answer = await api.ask("DELETE", f"payment-receipts/{paid['id']}")
        assert (status, answer) == (200, {"id": paid["id"], "deleted": True})
        assert await owed(api, "purchases", made["id"]) == 2380
        assert (await api.get("accounts-payable"))["results"][0]["due"]["balance"] == 2380


async def test_a_changed_payment_receipt_pays_what_it_says_now(books, bodies):
    async with books() as api:
        made = await api.created("purchases", bodies.purchase())
        due = ("FC-1", made["number"], 1)
        paid = await api.created("payment-receipts", bodies.payment_receipt((*due, 2000)))
        path = f"payment-receipts/{paid['id']}"
        status, answer = await api.ask("PUT", path, bodies.payment_receipt((*due, 2380)))
        assert (status, answer["payment"]["value"]) == (200, 2380)
        assert await owed(api, "purchases", made["id"]) == 0
        assert await api.refused("PUT", path, bodies.payment_receipt((*due, 2381))) == (400, ["invalid_amount"])
        assert await owed(api, "purchases", made["id"]) == 0


async def test_a_change_under_the_id_of_another_document_moves_nothing(books, bodies):
    async with books() as api:
        made = await api.owed()
        note = await api.created("credit-notes", bodies.credit_note(made["id"]))
        paid = await api.created("vouchers", bodies.voucher(("FV-1", made["number"], 1, 100)))
        bought = await api.created("purchases", bodies.purchase())
        for other in (note, paid):
            body = bodies.payment_receipt(("FC-1", bought["number"], 1, 100))
            assert await api.refused("PUT", f"payment-receipts/{other['id']}", body) == (404, ["not_found"])
        assert await owed(api, "invoices", made["id"]) == 1090
        assert await owed(api, "purchases", bought["id"]) == 2380
