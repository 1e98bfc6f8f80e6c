"""Numbers and names of documents."""

from __future__ import annotations

import pytest

MANUAL = {"id": 5103}


@pytest.mark.parametrize(
    ("path", "make", "prefix"),
    [
        ("invoices", "invoice", "FV-1"),
        ("quotations", "quotation", "C-1"),
        ("purchases", "purchase", "FC-1"),
        ("journals", "journal", "CC-1"),
    ],
)
async def test_documents_of_a_type_are_counted(books, bodies, path, make, prefix):
    async with books() as api:
        first = await api.created(path, getattr(bodies, make)())
        second = await api.created(path, getattr(bodies, make)())
        assert second["number"] == first["number"] + 1
        assert (first["name"], second["name"]) == (f"{prefix}-{first['number']}", f"{prefix}-{second['number']}")
        assert first["id"] != second["id"]


async def test_the_catalogue_shows_the_last_number(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        (kept,) = [row for row in await api.get("document-types?type=FV") if row["id"] == 5101]
        assert kept["consecutive"] == made["number"]


async def test_types_count_apart(books, bodies):
    async with books() as api:
        await api.created("invoices", bodies.invoice())
        other = await api.paid("invoices", bodies.invoice(document={"id": 5104}))
        assert other["name"] == "FV-4-2"


async def test_a_manual_number_is_needed_and_must_be_new(books, bodies):
    async with books() as api:
        assert await api.refused("POST", "invoices", bodies.invoice(document=MANUAL)) == (400, ["parameter_required"])
        made = await api.created("invoices", bodies.invoice(document=MANUAL, number=77))
        assert (made["number"], made["name"]) == (77, "FV-3-77")
        _, answer = await api.ask("POST", "invoices", bodies.invoice(document=MANUAL, number="77"))
        (error,) = answer["Errors"]
        assert (error["Code"], error["Message"], error["Params"]) == (
            "already_exists",
            "The number already exists",
            ["number"],
        )


async def test_a_number_is_not_taken_where_the_vendor_counts(books, bodies):
    async with books() as api:
        assert await api.refused("POST", "invoices", bodies.invoice(number=99)) == (400, ["document_settings"])


async def test_a_refused_document_uses_up_no_number(books, bodies):
    async with books() as api:
        first = await api.created("invoices", bodies.invoice())
        await api.refused("POST", "invoices", bodies.invoice(payments=[{"id": 6101, "value": 1}]))
        second = await api.created("invoices", bodies.invoice())
        assert second["number"] == first["number"] + 1
