"""What invoices are refused for, under the vendor's codes."""

from __future__ import annotations

from decimal import Decimal

import pytest

ELECTRONIC, BY_SELLER, TRANSPORT, HEALTH = 5102, 5105, 5106, 5107


async def test_everything_that_is_missing_is_said_at_once_in_the_vendors_words(books):
    async with books() as api:
        _, answer = await api.ask("POST", "invoices", {})
        assert [error["Message"] for error in answer["Errors"]] == [
            f"The field {name} is required" for name in ("document", "date", "customer", "seller", "items", "payments")
        ]
        assert {error["Code"] for error in answer["Errors"]} == {"parameter_required"}
        assert answer["Errors"][0]["Detail"].endswith("/parameter_required")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"document": {"id": 1}}, "invalid_document"),
        ({"document": {"id": 5701}}, "invalid_document"),
        ({"document": {"id": 5108}}, "parameter_inactive"),
        ({"document": {}}, "parameter_required"),
        ({"document": 5101}, "invalid_type"),
        ({"date": "31/01/2026"}, "invalid_date"),
        ({"date": "2026-02-30"}, "invalid_date"),
        ({"document": {"id": ELECTRONIC}, "date": "2020-01-01"}, "invalid_date"),
        ({"customer": {"identification": "1"}}, "invalid_reference"),
        ({"customer": {"identification": "900123456", "branch_office": 7}}, "invalid_reference"),
        ({"customer": {"identification": 900123456}}, "invalid_type"),
        ({"customer": {"identification": "900123456", "branch_office": 1000}}, "invalid_range"),
        ({"seller": 1}, "invalid_reference"),
        ({"seller": 3130}, "parameter_inactive"),
        ({"cost_center": 7401}, "document_settings"),
        ({"document": {"id": BY_SELLER}, "cost_center": 1}, "invalid_cost_center"),
        ({"document": {"id": BY_SELLER}, "cost_center": 7403}, "parameter_inactive"),
        ({"currency": {"code": "XYZ", "exchange_rate": 1}}, "invalid_currency"),
        ({"currency": {"code": "USD"}}, "parameter_required"),
        ({"observations": "x" * 4001}, "length_max"),
        ({"items": []}, "parameter_empty"),
        ({"items": "x"}, "invalid_type"),
        ({"advance_payment": 3000}, "invalid_amount"),
        ({"document": {"id": 5104}, "advance_payment": 1}, "document_settings"),
        ({"retentions": [{"id": 7101}]}, "invalid_retentions"),
        ({"retentions": [{"id": 7106}, {"id": 7106}]}, "invalid_array"),
        ({"document": {"id": 5104}, "retentions": [{"id": 7108}]}, "invalid_retentions"),
        ({"payments": []}, "parameter_empty"),
        ({"payments": [{"id": 1, "value": 2380}]}, "invalid_payment"),
        ({"payments": [{"id": 6104, "value": 2380, "due_date": "2026-03-01"}]}, "invalid_payment"),
        ({"payments": [{"id": 6105, "value": 2380}]}, "parameter_inactive"),
        ({"payments": [{"id": 6102, "value": 2380}]}, "parameter_required"),
        ({"payments": [{"id": 6101, "value": Decimal("2380.001")}]}, "invalid_amount"),
        ({"global_discounts": [{"id": 1, "percentage": 1}]}, "invalid_reference"),
        ({"global_discounts": [{"id": 8101}]}, "parameter_required"),
        ({"global_discounts": [{"id": 8101, "percentage": 100}]}, "invalid_amount"),
        ({"additional_fields": {"purchase_order": {"prefix": "x" * 21}}}, "length_max"),
        ({"healthcare_company": {"operation_type": "SS-Recaudo"}}, "document_settings"),
        ({"document": {"id": HEALTH}}, "parameter_required"),
    ],
)
async def test_an_invoice_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        assert await api.refused("POST", "invoices", bodies.invoice(**change)) == (400, [code])
        assert api.vendor.rows("invoices") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "NADA"}, "invalid_reference"),
        ({"code": None}, "parameter_required"),
        ({"warehouse": 1}, "invalid_reference"),
        ({"warehouse": 7303}, "parameter_inactive"),
        ({"seller": 3101}, "document_settings"),
        ({"customer": {"identification": "900123456"}}, "document_settings"),
        ({"transport": {"file_number": 1}}, "document_settings"),
        ({"transport": {"measurement_unit": "LBS"}}, "invalid_value"),
        ({"taxpayer": "Nobody"}, "invalid_value"),
    ],
)
async def test_an_item_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        body = bodies.invoice(items=[bodies.item(**change)])
        assert await api.refused("POST", "invoices", body) == (400, [code])


async def test_a_warehouse_needs_a_product_with_stock(books, bodies):
    async with books() as api:
        api.vendor.add("products", {"code": "SERV", "stock_control": False})
        body = bodies.invoice(items=[bodies.item(code="SERV", warehouse=7301)])
        assert await api.refused("POST", "invoices", body) == (400, ["product_settings"])
        made = await api.created("invoices", bodies.invoice(items=[bodies.item(warehouse=7301)]))
        assert made["items"][0]["warehouse"] == {"id": 7301, "name": "Bodega principal"}


async def test_500_items_are_the_most(books, bodies):
    async with books() as api:
        cheap = bodies.item(quantity=1, price=1, taxes=None)
        made = await api.created("invoices", bodies.invoice(items=[cheap] * 500, payments=[{"id": 6101, "value": 500}]))
        assert len(made["items"]) == 500
        assert await api.refused("POST", "invoices", bodies.invoice(items=[cheap] * 501)) == (400, ["invalid_array"])


@pytest.mark.parametrize(("path", "kind"), [("quotations", "quotation"), ("purchases", "purchase")])
async def test_of_other_documents_no_most_items_are_documented(books, bodies, path, kind):
    async with books() as api:
        cheap = bodies.item(quantity=1, price=1, taxes=None, **({"type": "Product"} if kind == "purchase" else {}))
        paid = {"payments": [{"id": 6103, "value": 501}]} if kind == "purchase" else {}
        made = await api.created(path, getattr(bodies, kind)(items=[cheap] * 501, **paid))
        assert len(made["items"]) == 501


async def test_the_case_of_a_products_code_matters(books, bodies):
    async with books() as api:
        small = bodies.invoice(items=[bodies.item(code="cafe")])
        assert await api.refused("POST", "invoices", small) == (400, ["invalid_reference"])
        api.vendor.add("products", {"code": "cafe", "name": "Otro"})
        assert (await api.created("invoices", small))["items"][0]["code"] == "cafe"
        await api.created("products", {"code": "Cafe", "name": "Un tercero", "account_group": 4101})
        again = {"code": "Cafe", "name": "Un tercero", "account_group": 4101}
        assert await api.refused("POST", "products", again) == (400, ["already_exists"])


async def test_no_second_payment_beside_one_with_a_due_date(books, bodies):
    async with books() as api:
        payments = [{"id": 6102, "value": 2000, "due_date": "2026-03-01"}, {"id": 6101, "value": 380}]
        assert await api.refused("POST", "invoices", bodies.invoice(payments=payments)) == (400, ["invalid_array"])
        both = [{"id": 6101, "value": 2000}, {"id": 6103, "value": 380}]
        made = await api.created("invoices", bodies.invoice(payments=both))
        assert [payment["name"] for payment in made["payments"]] == ["Efectivo", "Transferencia"]


async def test_numbers_may_be_text_as_in_the_vendors_examples(books, bodies):
    async with books() as api:
        text = bodies.invoice(
            document={"id": "5101"},
            customer={"identification": "900123456", "branch_office": "0"},
            seller="3101",
            items=[bodies.item(quantity="2", price="1000", taxes=[{"id": "7101"}])],
            payments=[{"id": "6101", "value": "2380"}],
        )
        made = await api.created("invoices", text)
        plain = await api.created("invoices", bodies.invoice())
        varying = ("id", "number", "name", "public_url", "metadata")
        assert {name: made[name] for name in made if name not in varying} == {
            name: plain[name] for name in plain if name not in varying
        }


async def test_fields_of_some_trades_go_with_their_document_types(books, bodies):
    async with books() as api:
        transport = {"file_number": 536, "measurement_unit": "KGM", "service_type": "Shipment"}
        body = bodies.invoice(document={"id": TRANSPORT}, items=[bodies.item(transport=transport)])
        assert (await api.created("invoices", body))["items"][0]["transport"] == transport
        by_seller = bodies.item(seller=3102, customer={"identification": "900123456"})
        made = await api.created("invoices", bodies.invoice(document={"id": BY_SELLER}, items=[by_seller]))
        assert (made["items"][0]["seller"], made["cost_center"]) == (3102, 7402)
        nobody = bodies.item(seller=3102, customer={"identification": "1"})
        refused = await api.refused("POST", "invoices", bodies.invoice(document={"id": BY_SELLER}, items=[nobody]))
        assert refused == (400, ["invalid_reference"])
        body = bodies.invoice(document={"id": BY_SELLER})
        assert await api.refused("POST", "invoices", body) == (400, ["parameter_required"])


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, ["parameter_required"]),
        ({"operation_type": "SS-Recaudo"}, []),
        ({"operation_type": "other"}, ["invalid_value"]),
        ({"operation_type": "SS-SinAporte"}, ["parameter_required", "parameter_required"]),
        ({"operation_type": "SS-SinAporte", "period_start": "2026-02-01", "period_end": "2026-01-01"}, ["invalid_date_range"]),
        ({"operation_type": "SS-CUFE", "period_start": "2026-01-01", "period_end": "2026-02-01"}, ["parameter_required"]),
        (
            {"operation_type": "SS-CUFE", "period_start": "2026-01-01", "period_end": "2026-02-01", "copayment": Decimal("500.5")},
            [],
        ),
        ({"operation_type": "SS-Recaudo", "payment_method": "04", "service_plan": "01"}, []),
        ({"operation_type": "SS-Recaudo", "payment_method": 4, "service_plan": 1}, []),
        ({"operation_type": "SS-Recaudo", "payment_method": 6, "service_plan": "16"}, ["invalid_range", "invalid_range"]),
    ],
)  # fmt: skip
async def test_invoices_of_the_health_trade(books, bodies, change, codes):
    async with books() as api:
        status, answer = await api.ask(
            "POST", "invoices", bodies.invoice(document={"id": HEALTH}, healthcare_company=change)
        )
        assert [error["Code"] for error in answer.get("Errors", [])] == codes
        assert status == (400 if codes else 201)
        assert codes or answer["healthcare_company"] == change


async def test_an_invoice_may_bring_a_new_customer_along(books, bodies):
    async with books() as api:
        city = {"country_code": "Co", "state_code": "11", "city_code": "11001"}
        customer = {
            "person_type": "Person",
            "id_type": "13",
            "identification": "52123456",
            "name": ["Ana", "Rojas"],
            "address": {"address": "Calle 1", "city": city},
            "phones": [{"number": "3001234567"}],
            "contacts": [{"first_name": "Ana", "last_name": "Rojas", "email": "ana@acme.example"}],
        }
        wrong = bodies.invoice(customer=customer, payments=[{"id": 6101, "value": 1}])
        assert await api.refused("POST", "invoices", wrong) == (400, ["invalid_total_payments"])
        assert (await api.get("customers?identification=52123456"))["results"] == []
        made = await api.created("invoices", bodies.invoice(customer=customer))
        (kept,) = (await api.get("customers?identification=52123456"))["results"]
        assert made["customer"] == {"id": kept["id"], "identification": "52123456", "branch_office": 0}
        again = await api.created("invoices", bodies.invoice(customer={**customer, "name": ["Otra", "Persona"]}))
        assert again["customer"] == made["customer"]
        incomplete = bodies.invoice(customer={"identification": "7", "name": ["A", "B"]})
        assert (await api.refused("POST", "invoices", incomplete))[1][0] == "parameter_required"
