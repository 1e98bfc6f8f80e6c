"""Invoices as files and by mail."""

from __future__ import annotations

from base64 import b64decode
from xml.etree import ElementTree as ET

import pytest

UNKNOWN = "63f918c2-ca65-4edc-a7db-66bcdd5159fb"


async def test_files_are_what_they_say(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        note = await api.created("credit-notes", bodies.credit_note(made["id"]))
        for path, document in ((f"invoices/{made['id']}", made), (f"credit-notes/{note['id']}", note)):
            file = await api.get(f"{path}/pdf")
            content = b64decode(file["base64"])
            assert file["id"] == document["id"]
            assert content.startswith(b"%PDF-1.4\n")
            assert document["name"].encode() in content
            start = int(content.rstrip().rsplit(b"\n", 2)[-2])
            assert content[start:].startswith(b"xref\n0 6\n")
        root = ET.fromstring(b64decode((await api.get(f"invoices/{made['id']}/xml"))["base64"]))
        assert root.findtext("{*}ID") == made["name"]
        assert root.findtext("{*}PayableAmount") == "2380"


async def test_a_stamped_invoice_tells_its_code_with_its_files(books, bodies):
    async with books() as api:
        body = bodies.invoice(document={"id": 5102}, date="2099-01-01", stamp={"send": True})
        made = await api.created("invoices", body)
        assert (await api.get(f"invoices/{made['id']}/xml"))["cufe"] == made["stamp"]["cufe"]


async def test_an_invoice_is_mailed_when_it_is_made_or_later(books, bodies):
    async with books() as api:
        at_once = await api.created("invoices", bodies.invoice(mail={"send": True}))
        assert at_once["mail"]["status"] == "sent"
        later = await api.created("invoices", bodies.invoice())
        assert later["mail"]["status"] == "not_sent"
        body = {"mail_to": "a@acme.example", "copy_to": "b@acme.example;c@acme.example"}
        answer = await api.created(f"invoices/{later['id']}/mail", body)
        assert answer == {"status": "sent", "observations": ""}
        assert (await api.get(f"invoices/{later['id']}"))["mail"]["status"] == "sent"


async def test_mail_needs_an_address(books, bodies):
    async with books() as api:
        api.vendor.add("customers", {"identification": "800000001", "contacts": []})
        nobody = bodies.invoice(customer={"identification": "800000001"})
        assert await api.refused("POST", "invoices", {**nobody, "mail": {"send": True}}) == (400, ["customer_settings"])
        made = await api.created("invoices", nobody)
        path = f"invoices/{made['id']}/mail"
        assert await api.refused("POST", path, {}) == (400, ["customer_settings"])
        assert await api.refused("POST", path, {"mail_to": "nobody"}) == (400, ["invalid_email"])
        many = ";".join(f"a{number}@acme.example" for number in range(6))
        assert await api.refused("POST", path, {"mail_to": "a@acme.example", "copy_to": many}) == (
            400,
            ["invalid_array"],
        )


async def test_the_tax_office_has_nothing_to_say_of_most_invoices(books, bodies):
    async with books() as api:
        made = await api.created("invoices", bodies.invoice())
        assert await api.get(f"invoices/{made['id']}/stamp/errors") == {"id": made["id"], "errors": []}
        rejected = api.vendor.add("invoices", {"stamp": {"status": "Rejected", "errors": "Error1"}})
        answer = await api.get(f"invoices/{rejected['id']}/stamp/errors")
        assert answer == {"id": rejected["id"], "errors": [{"message": "Error1"}]}


@pytest.mark.parametrize("path", ["pdf", "xml", "stamp/errors"])
async def test_an_unknown_invoice_has_no_files(books, path):
    async with books() as api:
        assert await api.refused("GET", f"invoices/{UNKNOWN}/{path}") == (404, ["not_found"])
