"""Lists of documents, their filters, and the documents that are there at the start."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

PATHS = ["invoices", "quotations", "credit-notes", "purchases", "vouchers", "payment-receipts", "journals"]


async def names(api, path):
    return [row["name"] for row in (await api.get(path))["results"]]


@pytest.mark.parametrize("path", PATHS)
async def test_every_kind_has_a_list_and_shows_each(books, path):
    async with books(records=120) as api:
        found = await api.get(f"{path}?page_size=10")
        assert found["pagination"]["total_results"] == (120 if path == "invoices" else 12)
        assert len(found["results"]) == 10
        for row in found["results"]:
            assert await api.get(f"{path}/{row['id']}") == row
            assert not [name for name, value in row.items() if value in (None, "", [], {})]


async def test_invoices_are_found_by_each_filter(books, bodies):
    async with books() as api:
        api.vendor.add("customers", {"identification": "800000001", "branch_office": 3})
        first = await api.created("invoices", bodies.invoice(date="2026-01-10"))
        other = {"identification": "800000001", "branch_office": 3}
        body = bodies.invoice(date="2026-01-20", document={"id": 5104}, customer=other)
        second = await api.created("invoices", body)
        one, two = [first["name"]], [second["name"]]
        assert await names(api, "invoices") == two + one
        assert await names(api, f"invoices?name={first['name']}") == one
        assert await names(api, "invoices?customer_identification=900123456") == one
        assert await names(api, "invoices?customer_branch_office=3") == two
        assert await names(api, "invoices?document_id=5104") == two
        assert await names(api, "invoices?date_start=2026-01-11") == two
        assert await names(api, "invoices?date_end=2026-01-10") == one
        assert await names(api, "invoices?date_start=2026-01-10&date_end=2026-01-20") == two + one
        assert await names(api, "invoices?unknown=1&name=") == two + one


async def test_no_filter_of_purchases_is_known(books, bodies):
    async with books() as api:
        made = await api.created("purchases", bodies.purchase())
        asked = "created_start=2999-01-01&updated_end=1999-01-01&name=x&document_id=1&date_start=2999-01-01"
        assert await names(api, f"purchases?{asked}") == [made["name"]]


async def test_creation_and_change_are_found_by_their_moments(books, bodies):
    async with books() as api:
        old = {"metadata": {"created": "2020-06-15T03:33:17.208Z", "last_updated": "2021-01-01T00:00:00Z"}}
        kept = api.vendor.add("invoices", old)
        made = await api.created("invoices", bodies.invoice())
        assert await names(api, "invoices?created_end=2020-06-15") == [kept["name"]]
        assert await names(api, "invoices?created_start=2020-06-15T03:33:18Z") == [made["name"]]
        assert await names(api, "invoices?updated_start=2021-01-01") == [kept["name"]]
        await api.ask("PUT", f"invoices/{made['id']}", bodies.invoice())
        assert await names(api, "invoices?updated_start=2021-01-02") == [made["name"]]


@pytest.mark.parametrize("path", ["invoices", "credit-notes", "vouchers", "journals"])
async def test_a_filter_that_is_no_date_is_refused(books, path):
    async with books() as api:
        assert await api.refused("GET", f"{path}?created_start=ayer") == (400, ["invalid_date"])


async def test_journals_are_found_by_their_type(books, bodies):
    async with books() as api:
        await api.created("journals", bodies.journal())
        manual = await api.created("journals", bodies.journal(document={"id": 5602}, number=9))
        assert await names(api, "journals?document_id=5602") == [manual["name"]] == ["CC-A1-9"]


async def test_what_is_there_at_the_start_adds_up(books):
    async with books(records=200) as api:
        paid = Counter()
        for table in ("vouchers", "payment_receipts"):
            for receipt in api.vendor.rows(table):
                for row in receipt.get("items", ()):
                    paid[f"{row['due']['prefix']}-{row['due']['consecutive']}"] += row["value"]
        credited = Counter()
        for note in api.vendor.rows("credit_notes"):
            credited[note["invoice"]["name"]] += note["total"]
        for table in ("invoices", "purchases"):
            for document in api.vendor.rows(table):
                assert document["total"] == sum(item["total"] for item in document["items"])
                assert document["total"] == sum(payment["value"] for payment in document["payments"])
                later = sum(payment["value"] for payment in document["payments"] if "due_date" in payment)
                open_ = max(later - paid[document["name"]] - credited[document["name"]], Decimal(0))
                assert document["balance"] == open_, document["name"]


async def test_what_is_there_at_the_start_is_what_the_routes_would_make(books):
    async with books(records=60) as api:
        for invoice in api.vendor.rows("invoices")[:20]:
            items = [
                {
                    "code": item["code"],
                    "quantity": item["quantity"],
                    "price": item["price"],
                    "discount": item.get("discount", {}).get("percentage"),
                    "taxes": [{"id": tax["id"]} for tax in item.get("taxes", ())],
                }
                for item in invoice["items"]
            ]
            body = {
                "document": invoice["document"],
                "date": "2099-01-01",
                "customer": {"identification": invoice["customer"]["identification"]},
                "seller": invoice["seller"],
                "items": items,
                "payments": invoice["payments"],
            }
            made = await api.created("invoices", body)
            assert set(invoice) - {"observations"} == set(made)
            assert (made["items"], made["total"]) == (invoice["items"], invoice["total"])


async def test_numbers_go_on_where_the_start_ended(books, bodies):
    async with books(records=50) as api:
        highest = max(row["number"] for row in api.vendor.rows("invoices") if row["document"]["id"] == 5101)
        assert (await api.created("invoices", bodies.invoice()))["number"] == highest + 1


async def test_what_is_owed_at_the_start_can_be_paid(books, bodies):
    async with books(records=50) as api:
        debt = next(row for row in api.vendor.rows("invoices") if row["balance"])
        due = (debt["name"].rpartition("-")[0], debt["number"], 1, debt["balance"])
        customer = {"identification": debt["customer"]["identification"]}
        await api.created("vouchers", bodies.voucher(due, customer=customer))
        assert (await api.get(f"invoices/{debt['id']}"))["balance"] == 0


async def test_the_same_seed_gives_the_same_documents(books):
    async with books(records=30) as one, books(records=30) as two:
        for table in ("invoices", "purchases", "vouchers", "credit_notes"):
            assert one.vendor.rows(table) == two.vendor.rows(table)
