"""Changing, deleting and annulling documents, and when that is refused."""

from __future__ import annotations

import pytest

KINDS = [("invoices", "invoice"), ("purchases", "purchase"), ("quotations", "quotation")]
UNKNOWN = "63f918c2-ca65-4edc-a7db-66bcdd5159fb"


@pytest.mark.parametrize(("path", "kind"), KINDS)
async def test_a_change_is_kept_in_its_place(books, bodies, path, kind):
    async with books() as api:
        make = getattr(bodies, kind)
        made = await api.created(path, make(observations="antes"))
        status, changed = await api.ask("PUT", f"{path}/{made['id']}", make(date="2026-02-02"))
        assert status == 200
        assert "observations" not in changed
        assert (changed["date"], changed["id"], changed["name"]) == ("2026-02-02", made["id"], made["name"])
        assert changed["metadata"]["created"] == made["metadata"]["created"]
        assert "last_updated" in changed["metadata"]
        assert await api.get(f"{path}/{made['id']}") == changed


@pytest.mark.parametrize(("path", "kind"), KINDS)
async def test_a_deleted_document_is_gone(books, bodies, path, kind):
    async with books() as api:
        made = await api.created(path, getattr(bodies, kind)())
        assert await api.ask("DELETE", f"{path}/{made['id']}") == (200, {"id": made["id"], "deleted": True})
        assert await api.refused("GET", f"{path}/{made['id']}") == (404, ["not_found"])
        assert await api.refused("DELETE", f"{path}/{made['id']}") == (404, ["not_found"])


@pytest.mark.parametrize(("path", "kind"), KINDS)
async def test_an_unknown_id_is_seen_after_the_body(books, bodies, path, kind):
    async with books() as api:
        status, codes = await api.refused("PUT", f"{path}/{UNKNOWN}", {})
        assert (status, set(codes)) == (400, {"parameter_required"})
        assert await api.refused("PUT", f"{path}/{UNKNOWN}", getattr(bodies, kind)()) == (404, ["not_found"])


async def test_what_never_changes_is_named(books, bodies):
    async with books() as api:
        api.vendor.add("customers", {"identification": "800000001"})
        made = await api.created("invoices", bodies.invoice())
        other = bodies.invoice(
            document={"id": 5104},
            customer={"identification": "800000001"},
            currency={"code": "USD", "exchange_rate": 4000},
            number=made["number"] + 1,
        )
        _, answer = await api.ask("PUT", f"invoices/{made['id']}", other)
        assert {error["Code"] for error in answer["Errors"]} == {"non_editable"}
        assert [error["Params"] for error in answer["Errors"]] == [
            ["document.id"],
            ["customer.identification"],
            ["currency.code"],
            ["number"],
        ]
        status, _ = await api.ask("PUT", f"invoices/{made['id']}", bodies.invoice(number=made["number"]))
        assert status == 200


async def test_a_changed_invoice_is_owed_anew(books, bodies):
    async with books() as api:
        made = await api.owed()
        body = bodies.invoice(
            items=[bodies.item(quantity=1)], payments=[{"id": 6102, "value": 1190, "due_date": "2026-05-01"}]
        )
        _, changed = await api.ask("PUT", f"invoices/{made['id']}", body)
        assert changed["balance"] == 1190
        due = ("FV-1", made["number"], 1)
        assert await api.refused("POST", "vouchers", bodies.voucher((*due, 1191))) == (400, ["invalid_amount"])
        await api.created("vouchers", bodies.voucher((*due, 1190)))


async def test_a_paid_invoice_stays_as_it_is(books, bodies):
    async with books() as api:
        made = await api.owed()
        await api.created("vouchers", bodies.voucher(("FV-1", made["number"], 1, 100)))
        await stays(api, bodies, made)


async def test_an_invoice_with_a_note_stays_as_it_is(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        await api.created("credit-notes", bodies.credit_note(made["id"]))
        await stays(api, bodies, made)


async def test_an_accepted_invoice_stays_as_it_is(books, bodies):
    async with books() as api:
        made = await api.created(
            "invoices", bodies.invoice(document={"id": 5102}, date="2099-01-01", stamp={"send": True})
        )
        assert made["stamp"]["status"] == "Accepted"
        assert len(made["stamp"]["cufe"]) == 96
        await stays(api, bodies, made, document={"id": 5102}, date="2099-01-01")


async def stays(api, bodies, made, **changes):
    before = await api.get(f"invoices/{made['id']}")
    path = f"invoices/{made['id']}"
    assert await api.refused("PUT", path, bodies.invoice(**changes)) == (400, ["update_not_allowed"])
    assert await api.refused("POST", f"{path}/annul") == (400, ["update_not_allowed"])
    assert await api.refused("DELETE", path) == (400, ["delete_not_allowed"])
    assert await api.get(path) == before


async def test_a_purchase_with_a_payment_stays_as_it_is(books, bodies):
    async with books() as api:
        made = await api.created("purchases", bodies.purchase())
        await api.created("payment-receipts", bodies.payment_receipt(("FC-1", made["number"], 1, 100)))
        path = f"purchases/{made['id']}"
        assert await api.refused("PUT", path, bodies.purchase()) == (400, ["update_not_allowed"])
        assert await api.refused("DELETE", path) == (400, ["delete_not_allowed"])


async def test_an_annulled_invoice_owes_nothing_and_is_final(books, bodies):
    async with books() as api:
        made = await api.owed()
        path = f"invoices/{made['id']}"
        assert await api.ask("POST", f"{path}/annul") == (200, {"id": made["id"], "Annul": True})
        kept = await api.get(path)
        assert (kept["annulled"], kept["balance"], kept["total"]) == (True, 0, 2380)
        assert await api.refused("POST", f"{path}/annul") == (400, ["update_not_allowed"])
        assert await api.refused("POST", "vouchers", bodies.voucher(("FV-1", made["number"], 1, 1))) == (
            400,
            ["invalid_reference"],
        )
        assert await api.refused("POST", "credit-notes", bodies.credit_note(made["id"])) == (400, ["invalid_reference"])


async def test_the_body_of_an_annulment_can_be_chosen(books, bodies):
    async with books(annul_body="deleted") as api:
        made = await api.created("invoices", bodies.invoice())
        _, answer = await api.ask("POST", f"invoices/{made['id']}/annul")
        assert answer == {"id": made["id"], "deleted": True}


@pytest.mark.parametrize("path", ["credit-notes", "vouchers", "journals"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_notes_receipts_and_journals_are_final(books, path, method):
    async with books() as api:
        assert (await api.refused(method, f"{path}/{UNKNOWN}"))[0] == 404
