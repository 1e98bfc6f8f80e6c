"""Editing: a record is read, some of it is changed, the whole is written back, and nothing else is different then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sagicc_async import ConfigError, Conflict, NotFound, ValidationFailed
from sagicc_async_siigo import models

from .documents import (
    BUYER,
    BY_PERCENTAGE,
    BY_SELLERS_AND_CUSTOMERS,
    BY_VALUE,
    CASH,
    CODE,
    CONSUMPTION,
    CREDIT,
    IVA,
    QUOTATION_BY_HAND,
    SELLER,
    SUPPLIER_CREDIT,
    TRANSFER,
    customer,
    due,
    invoice,
    item,
    movement,
    payment_receipt,
    product,
    purchase,
    quotation,
    webhook,
)

#: A record with every field that its resource has, by resource.
FULL = {
    "products": product(
        type="Product",
        stock_control=True,
        active=False,
        tax_classification="Exempt",
        tax_included=True,
        tax_consumption_value=Decimal("12.5"),
        taxes=[{"id": IVA}, {"id": CONSUMPTION}],
        prices=[
            {
                "currency_code": "COP",
                "price_list": [{"position": 1, "value": Decimal("12000.5")}, {"position": 3, "value": 9}],
            }
        ],
        unit="KGM",
        unit_label="kilo",
        description="Tejida a mano",
        additional_fields={"barcode": "770", "brand": "Samán", "tariff": "6214", "model": "A-1"},
    ),
    "customers": customer(
        type="Supplier",
        check_digit="7",
        commercial_name="El Samán",
        branch_office=3,
        vat_responsible=True,
        fiscal_responsibilities=[{"code": "O-13"}, {"code": "O-15"}],
        address={
            "address": "CRA 41 # 12-87",
            "city": {"country_code": "Co", "state_code": "05", "city_code": "05001"},
            "postal_code": "050001",
        },
        phones=[{"indicative": "57", "number": "3001112233", "extension": "12"}, {"number": "6041234567"}],
        contacts=[
            {
                "first_name": "Paola",
                "last_name": "Ospina",
                "email": "paola@acme.example",
                "phone": {"indicative": "57", "number": "3001112244", "extension": "1"},
            },
            {"first_name": "Luis", "last_name": "Roa", "email": "luis@acme.example"},
        ],
        comments="Llamar en la tarde",
        related_users={"seller_id": 3101, "collector_id": 3102},
        custom_fields=[{"key": "zona", "value": "norte"}],
    ),
    "invoices": invoice(
        items=[
            item(discount=10, description="Café de Nariño", warehouse=7301),
            item(quantity="1.5", price="333.333333", taxes=None),
        ],
        payments=[{"id": CREDIT, "value": "2642.00", "due_date": "2026-03-01"}],
        retentions=[{"id": 7106}, {"id": 7107}],
        advance_payment=500,
        additional_fields={
            "purchase_order": {"prefix": "OC", "number": "17"},
            "delivery_order": {"prefix": "R", "number": "3", "date": "2026-02-01"},
        },
    ),
    "quotations": quotation(items=[item(discount=10, description="Café de Nariño"), item(taxes=None)]),
    "purchases": purchase(
        discount_type="Percentage",
        observations="llegó completa",
        retentions=[{"id": 7106}],
        items=[
            item(type="Product", discount=10, warehouse=7302, description="Café de Nariño"),
            {"type": "Account", "code": "51050501", "quantity": 1, "price": 58, "description": "Fletes"},
        ],
        payments=[
            {"id": SUPPLIER_CREDIT, "value": 1200, "due_date": "2026-03-01"},
            {"id": SUPPLIER_CREDIT, "value": 1000, "due_date": "2026-04-01"},
        ],
    ),
    "payment_receipts": payment_receipt(),
}
#: What no documented answer shows of the purchase above and of the third party, and `edit` is told as well.
UNSHOWN = {"retentions": [{"id": 7106}], "tax_included": False, "supplier_by_item": False}
OWN_FIELDS = {"custom_fields": [{"key": "zona", "value": "norte"}]}
#: A change, and where the row is different then, besides `metadata`.
CHANGES = {
    "products": ({"name": "Ruana verde"}, {"name"}),
    "customers": ({"comments": "Llamar en la mañana", **OWN_FIELDS}, {"comments"}),
    "invoices": ({"observations": "pedido 992"}, {"observations"}),
    "quotations": ({"date": "2026-02-03"}, {"date"}),
    "purchases": ({"observations": "faltó una", **UNSHOWN}, {"observations"}),
    "payment_receipts": ({"observations": "egreso 18"}, {"observations"}),
}


def different(before, after):
    """The fields in which two rows differ, apart from when they were changed."""
    names = before.keys() | after.keys()
    return {name for name in names - {"metadata"} if before.get(name) != after.get(name)}


async def edited(here, name, identifier, /, *changes, **fields):
    """Edit a record, and return the fields of its row that are different then."""
    before = here.row(name, identifier)
    await here.siigo[name].edit(identifier, *changes, **fields)
    return different(before, here.row(name, identifier))


@pytest.mark.parametrize("name", FULL)
async def test_nothing_changes_that_was_not_named(books, name):
    fields, expected = CHANGES[name]
    async with books() as here:
        made = await here.siigo[name].create(FULL[name])
        assert await edited(here, name, made.id, **fields) == expected
        as_class = here.siigo[name].requests[0].from_dict(FULL[name] | fields)
        named = type(as_class)(**{field: getattr(as_class, field) for field in fields})
        assert await edited(here, name, made.id, named) == set()  # the same change again
        assert here.writes == ["POST", "PUT", "PUT"]


@pytest.mark.parametrize("name", ["products", "invoices", "quotations", "customers"])
async def test_of_invented_records_nothing_else_changes_either(books, name):
    """Whatever the sandbox makes up: taxes, discounts, prices with six decimals."""
    fields, expected = CHANGES[name]
    tried = 0
    async with books(records=200) as here:
        for row in here.vendor.rows(name)[1:31]:
            try:
                found = await edited(here, name, row["id"], **fields)
            except Conflict:  # what was paid or stamped stays as it is
                continue
            assert found == (expected if row | fields != row else set())
            tried += 1
    assert tried >= 4


async def test_an_object_changes_field_by_field_and_a_list_as_a_whole(books):
    async with books() as here:
        made = await here.siigo.customers.create(FULL["customers"])
        assert await edited(here, "customers", made.id, address={"postal_code": "050010"}, **OWN_FIELDS) == {"address"}
        row = here.row("customers", made.id)
        assert row["address"]["address"] == "CRA 41 # 12-87"
        assert row["address"]["city"]["city_code"] == "05001"
        assert row["address"]["postal_code"] == "050010"

        changes = {"related_users": {"seller_id": 3103}, **OWN_FIELDS}
        assert await edited(here, "customers", made.id, changes) == {"related_users"}
        assert here.row("customers", made.id)["related_users"] == {"seller_id": 3103, "collector_id": 3102}

        assert await edited(here, "customers", made.id, phones=[{"number": "3150000000"}], **OWN_FIELDS) == {"phones"}
        assert here.row("customers", made.id)["phones"] == [{"number": "3150000000"}]


async def test_none_empties_a_field_and_a_field_of_an_object(books):
    async with books() as here:
        made = await here.siigo.customers.create(FULL["customers"])
        changes = {"comments": None, "address": {"postal_code": None}, "custom_fields": None}
        assert await edited(here, "customers", made.id, changes) == {"comments", "address"}
        assert "custom_fields" not in here.bodies()[-1]
        row = here.row("customers", made.id)
        assert "comments" not in row
        assert "postal_code" not in row["address"]
        assert row["address"]["city"]["city_code"] == "05001"


async def test_a_class_a_mapping_and_names_may_be_mixed(books):
    async with books() as here:
        made = await here.siigo.products.create(FULL["products"])
        changes = models.ProductIn(additional_fields=models.products.ProductFields(brand="Guayacán"))
        assert await edited(here, "products", made.id, changes, name="Ruana verde") == {"additional_fields", "name"}
        row = here.row("products", made.id)
        assert row["additional_fields"] == {**FULL["products"]["additional_fields"], "brand": "Guayacán"}
        assert await edited(here, "products", made.id, {"unit": "94"}, unit_label=None) == {"unit", "unit_label"}


@pytest.mark.parametrize(
    ("changes", "fields", "said"),
    [
        (None, {"nombre": "x"}, "has no field 'nombre'"),
        ({"name": "x"}, {"available_quantity": 3}, "has no field 'available_quantity'"),
        (None, {}, "nothing to change"),
        ({}, {}, "nothing to change"),
        (models.ProductIn(), {}, "nothing to change"),
    ],
)
async def test_a_field_that_there_is_not_and_no_change_at_all_are_mistakes(books, changes, fields, said):
    async with books() as here:
        with pytest.raises(ConfigError, match=said):
            await here.siigo.products.edit("p", changes, **fields)
        assert here.vendor.requests == []


async def test_a_record_that_is_not_there_is_not_written(books):
    async with books() as here:
        with pytest.raises(NotFound):
            await here.siigo.products.edit("no-hay", name="x")
        assert here.writes == []


async def test_what_the_change_would_break_is_not_sent(books):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice())
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo.invoices.edit(made.id, items=[item(quantity=3)])
        assert [error.code for error in caught.value.errors] == ["invalid_total_payments"]
        assert here.writes == ["POST"]
        changed = {"items": [item(quantity=3)], "payments": [{"id": CASH, "value": 3570}]}
        assert await edited(here, "invoices", made.id, changed) == {"items", "payments", "total"}


# Discounts: a number in a request, a percentage and a value in an answer.


@pytest.mark.parametrize(
    ("kind", "discount", "total"), [(BY_PERCENTAGE, "12.5", "2082.50"), (BY_VALUE, "100.25", "2260.70")]
)
async def test_the_discount_of_an_invoice_is_what_its_document_type_makes_of_it(books, kind, discount, total):
    sale = invoice(
        document={"id": kind},
        date="2999-01-31",
        items=[item(discount=discount)],
        payments=[{"id": CASH, "value": total}],
    )
    async with books() as here:
        made = await here.siigo.invoices.create(sale)
        assert await edited(here, "invoices", made.id, observations="otra") == {"observations"}
        assert str(here.bodies()[-1]["items"][0]["discount"]) == discount


@pytest.mark.parametrize("meant", ["Percentage", "Value", None])
async def test_the_discount_of_a_purchase_is_what_it_says_itself(books, meant):
    total = {"Percentage": 2142, "Value": "2368.10", None: "2368.10"}[meant]
    bought = purchase(
        discount_type=meant,
        items=[item(type="Product", discount=10, warehouse=7301)],
        payments=[{"id": TRANSFER, "value": total}],
    )
    async with books() as here:
        made = await here.siigo.purchases.create(bought, check=meant is not None)
        assert await edited(here, "purchases", made.id, observations="otra", **UNSHOWN) == {"observations"}
        assert here.bodies()[-1]["items"][0]["discount"] == 10


async def test_the_discount_of_a_quotation_is_what_its_document_type_makes_of_it(books):
    async with books() as here:
        made = await here.siigo.quotations.create(
            quotation(document={"id": QUOTATION_BY_HAND}, number=7, items=[item(discount=150)])
        )
        assert await edited(here, "quotations", made.id, date="2026-02-03") == {"date"}
        assert here.bodies()[-1]["items"][0]["discount"] == 150


async def test_a_discount_of_which_nobody_says_what_it_is_is_not_guessed(books):
    """The document type is not in the list any more."""
    row = {
        "document": {"id": 5999},
        "customer": {"id": "c", "identification": "900123456", "branch_office": 0},
        "seller": SELLER,
        "items": [
            {"code": CODE, "quantity": 1, "price": 1000, "discount": {"percentage": 10, "value": 100}, "total": 900}
        ],
    }
    async with books() as here:
        kept = here.vendor.add("quotations", row)
        with pytest.raises(ConfigError, match="percentages or values"):
            await here.siigo.quotations.edit(kept["id"], date="2026-02-03")
        assert here.writes == []
        none = here.vendor.add("quotations", {**row, "items": [{**row["items"][0], "discount": {"percentage": 0}}]})
        with pytest.raises(ValidationFailed):  # Siigo's own word on that type
            await here.siigo.quotations.edit(none["id"], date="2026-02-03")
        with pytest.raises(ValidationFailed):
            await here.siigo.quotations.edit(kept["id"], items=[item()])
        assert here.writes == ["PUT", "PUT"]


# What a replacement would lose.


async def test_a_replacement_empties_what_it_leaves_out_which_is_why_there_is_edit(books):
    async with books() as here:
        made = await here.siigo.customers.create(FULL["customers"])
        replaced = await here.siigo.customers.update(made.id, customer(branch_office=3))
        assert replaced.comments is None
        assert replaced.related_users is None
        assert {"comments", "related_users", "custom_fields", "commercial_name"}.isdisjoint(
            here.row("customers", made.id)
        )


async def test_the_components_of_a_combo_are_not_lost(books):
    """Siigo shows them without their quantities."""
    combo = product(type="Combo", components=[{"code": CODE, "quantity": 3}])
    async with books() as here:
        made = await here.siigo.products.create(combo)
        with pytest.raises(ConfigError, match="components="):
            await here.siigo.products.edit(made.id, name="Otro")
        assert here.writes == ["POST"]
        parts = [{"code": CODE, "quantity": 4}]
        assert await edited(here, "products", made.id, name="Otro", components=parts) == {"name"}
        assert here.bodies()[-1]["components"] == parts


async def test_what_no_answer_shows_of_a_purchase_has_to_be_given(books):
    async with books() as here:
        made = await here.siigo.purchases.create(purchase(retentions=[{"id": 7106}]))
        with pytest.raises(ConfigError) as caught:
            await here.siigo.purchases.edit(made.id, observations="otra")
        assert "retentions, tax_included, supplier_by_item, items[].supplier, items[].warehouse" in str(caught.value)
        assert "give retentions=, tax_included=, supplier_by_item=, items= as well" in str(caught.value)
        assert here.writes == ["POST"]

        whole = {**UNSHOWN, "items": [item(type="Product")]}
        assert await edited(here, "purchases", made.id, observations="otra", **whole) == {"observations"}
        assert here.bodies()[-1]["retentions"] == [{"id": 7106}]


@pytest.mark.parametrize("none", [None, []])
async def test_nothing_says_that_there_is_none_of_what_no_answer_shows(books, none):
    async with books() as here:
        made = await here.siigo.purchases.create(purchase(items=[item(type="Product", warehouse=7301)]))
        changes = {"retentions": none, "tax_included": None, "supplier_by_item": None, "observations": "otra"}
        assert await edited(here, "purchases", made.id, changes) == {"observations"}
        assert not here.bodies()[-1].get("retentions")


async def test_what_an_answer_shows_all_the_same_is_kept(books):
    """Siigo documents no such answer of a purchase, which is no reason to ask for what is there."""
    shown = {
        "supplier": {"id": "s", "identification": BUYER, "branch_office": 0},
        "retentions": [{"id": 7106, "name": "ReteIVA 15%", "value": 57}],
        "tax_included": False,
        "supplier_by_item": False,
        "items": [
            {**item(type="Product"), "warehouse": {"id": 7301, "name": "Bodega principal"}, "total": 2380},
            {**item(type="Product"), "total": 2380},
        ],
        "payments": [{"id": TRANSFER, "name": "Transferencia", "value": 4760}],
    }
    async with books() as here:
        kept = here.vendor.add("purchases", shown)
        await here.siigo.purchases.edit(kept["id"], date="2026-02-03")
        (body,) = here.bodies()
        assert body["retentions"] == [{"id": 7106}]
        assert (body["tax_included"], body["supplier_by_item"]) == (False, False)
        assert [line.get("warehouse") for line in body["items"]] == [7301, None]


async def test_customers_of_items_are_not_lost_where_the_type_of_document_has_them(books):
    async with books() as here:
        there = {"identification": BUYER, "branch_office": 0}
        line = item(seller=SELLER, customer=there)
        made = await here.siigo.invoices.create(invoice(document={"id": BY_SELLERS_AND_CUSTOMERS}, items=[line]))
        with pytest.raises(ConfigError, match=r"items\[\]\.customer of invoices.*give items= as well"):
            await here.siigo.invoices.edit(made.id, observations="otra")
        assert here.writes == ["POST"]
        assert await edited(here, "invoices", made.id, observations="otra", items=[line]) == {"observations"}
        assert here.bodies()[-1]["items"][0]["customer"] == there


async def test_the_cost_center_of_a_payment_receipt_is_not_lost_where_its_type_has_them(books):
    async with books() as here:
        kind = here.vendor.add("document_types", {"type": "RP", "code": "3", "cost_center": True})
        made = await here.siigo.payment_receipts.create(payment_receipt(document={"id": kind["id"]}, cost_center=7402))
        with pytest.raises(ConfigError, match="give cost_center= as well"):
            await here.siigo.payment_receipts.edit(made.id, observations="otra")
        assert here.writes == ["POST"]
        changes = {"observations": "otra", "cost_center": 7402}
        assert await edited(here, "payment_receipts", made.id, changes) == {"observations"}
        assert here.bodies()[-1]["cost_center"] == 7402


async def test_what_a_company_added_to_a_third_party_is_not_lost(books):
    async with books() as here:
        made = await here.siigo.customers.create(customer(**OWN_FIELDS))
        with pytest.raises(ConfigError, match="give custom_fields= as well"):
            await here.siigo.customers.edit(made.id, comments="Llamar en la tarde")
        assert here.writes == ["POST"]
        await here.siigo.customers.edit(made.id, comments="Llamar en la tarde", **OWN_FIELDS)
        assert here.bodies()[-1]["custom_fields"] == OWN_FIELDS["custom_fields"]


async def test_the_tax_on_a_drink_is_refused_without_what_is_not_shown_of_it_and_not_lost(books):
    taxes = [{"id": 7110, "milliliters": 250, "rate": 18}]
    async with books() as here:
        made = await here.siigo.products.create(product(taxes=taxes))
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo.products.edit(made.id, name="Gaseosa")
        assert [error.path for error in caught.value.errors] == ["taxes[0].milliliters", "taxes[0].rate"]
        assert await edited(here, "products", made.id, name="Gaseosa", taxes=taxes) == {"name"}


async def test_the_transport_of_items_is_not_lost_where_the_type_of_document_has_it(books):
    async with books() as here:
        kind = here.vendor.add("document_types", {"type": "FV", "code": "9", "cargo_transportation": True})
        made = await here.siigo.invoices.create(invoice(document={"id": kind["id"]}))
        with pytest.raises(ConfigError, match=r"items\[\]\.transport of invoices.*give items= as well"):
            await here.siigo.invoices.edit(made.id, observations="otra")
        line = item(transport={"file_number": 536})
        await here.siigo.invoices.edit(made.id, observations="otra", items=[line])
        assert here.bodies()[-1]["items"][0]["transport"] == {"file_number": 536}


async def test_the_dues_and_taxes_of_movements_are_not_lost(books):
    there = {"due": {"prefix": "FC-1", "consecutive": 7, "quote": 1}}
    moved = [
        {"account": {"code": "22050501", "movement": "Debit"}, "value": 2380, **there},
        {"account": {"code": "11050501", "movement": "Credit"}, "value": 2380, "tax": {"id": IVA}},
    ]
    async with books() as here:
        made = await here.siigo.payment_receipts.create(payment_receipt(type="Detailed", payment=None, items=moved))
        with pytest.raises(ConfigError, match=r"items\[\]\.due, items\[\]\.tax of payment_receipts"):
            await here.siigo.payment_receipts.edit(made.id, observations="otra")
        assert here.writes == ["POST"]
        changes = {"observations": "otra", "items": moved}
        assert await edited(here, "payment_receipts", made.id, changes) == {"observations"}
        assert here.bodies()[-1]["items"] == moved


async def test_the_payment_of_a_receipt_that_is_shown_bare_is_not_lost(books):
    async with books(payment_receipts="bare") as here:
        bought = await here.siigo.purchases.create(purchase())
        paid = {"items": [due(bought.name, 1, 380)], "payment": {"id": TRANSFER, "value": 380}}
        debt = await here.siigo.payment_receipts.create(payment_receipt(type="DebtPayment", **paid))
        with pytest.raises(ConfigError, match="give payment=, items= as well"):
            await here.siigo.payment_receipts.edit(debt.id, observations="otra")
        await here.siigo.payment_receipts.edit(debt.id, observations="otra", **paid)
        assert {name: here.bodies()[-1][name] for name in paid} == paid
        assert here.row("purchases", bought.id)["balance"] == 2000

        advance = await here.siigo.payment_receipts.create(payment_receipt())
        with pytest.raises(ConfigError, match="give payment= as well"):
            await here.siigo.payment_receipts.edit(advance.id, observations="otra")
        await here.siigo.payment_receipts.edit(advance.id, observations="otra", payment=payment_receipt()["payment"])
        assert "items" not in here.bodies()[-1]
        assert here.writes == ["POST", "POST", "PUT", "POST", "PUT"]


async def test_a_receipt_of_debts_and_one_by_its_movements_keep_their_shapes(books):
    async with books() as here:
        bought = await here.siigo.purchases.create(purchase())
        paid = payment_receipt(
            type="DebtPayment", items=[due(bought.name, 1, 380)], payment={"id": TRANSFER, "value": 380}
        )
        simple = await here.siigo.payment_receipts.create(paid)
        assert await edited(here, "payment_receipts", simple.id, observations="otra") == {"observations"}

        moved = [
            {name: value for name, value in movement(side).items() if name != "customer"}
            for side in ("Debit", "Credit")
        ]
        detailed = await here.siigo.payment_receipts.create(payment_receipt(type="Detailed", payment=None, items=moved))
        changes = {"observations": "otra", "items": moved}
        assert await edited(here, "payment_receipts", detailed.id, changes) == {"observations"}
        assert here.row("purchases", bought.id)["balance"] == 2000


async def test_a_subscription_and_an_account_group_have_no_edit(books):
    async with books() as here:
        await here.siigo.webhooks.create(webhook())
        for resource in (here.siigo.webhooks, here.siigo.account_groups, here.siigo.vouchers, here.siigo.journals):
            assert not hasattr(resource, "edit")
