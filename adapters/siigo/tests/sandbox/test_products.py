"""Products: what is taken, what is answered, and what can no longer be changed."""

from __future__ import annotations

from decimal import Decimal

import pytest

_FULL = {
    "code": "B-7",
    "name": "Café molido 500 g",
    "account_group": 4101,
    "type": "Product",
    "stock_control": True,
    "active": True,
    "tax_classification": "Taxed",
    "tax_included": True,
    "tax_consumption_value": Decimal("12.50"),
    "taxes": [{"id": 7101}, {"id": 7105}],
    "prices": [{"currency_code": "COP", "price_list": [{"position": 1, "value": Decimal("12000.00")}]}],
    "unit": "KGM",
    "unit_label": "libra",
    "reference": "REF 1",
    "description": "Tostado medio",
    "additional_fields": {"barcode": "B0456", "brand": "Turpial", "tariff": "090121", "model": ""},
}


async def test_a_product_is_answered_with_the_names_of_what_it_refers_to(siigo):
    async with siigo() as api:
        answer = await api.post("products", _FULL)
        assert answer.status == 201
        made = dict(answer.body)
        assert set(made.pop("metadata")) == {"created"}
        assert len(made.pop("id")) == 36
        assert made == {
            **{name: _FULL[name] for name in ("code", "name", "type", "stock_control", "active")},
            "account_group": {"id": 4101, "name": "Mercancías"},
            "tax_classification": "Taxed",
            "tax_included": True,
            "tax_consumption_value": Decimal("12.50"),
            "taxes": [
                {"id": 7101, "name": "IVA 19%", "type": "IVA", "percentage": Decimal("19.00")},
                {"id": 7105, "name": "Retefuente 2.5%", "type": "Retefuente", "percentage": Decimal("2.50")},
            ],
            "prices": [
                {
                    "currency_code": "COP",
                    "price_list": [{"position": 1, "name": "Precio de venta 1", "value": Decimal("12000.00")}],
                }
            ],
            "unit": {"code": "KGM", "name": "kilogramo"},
            "unit_label": "libra",
            "reference": "REF 1",
            "description": "Tostado medio",
            "additional_fields": {"barcode": "B0456", "brand": "Turpial", "tariff": "090121"},
            "available_quantity": 0,
        }


async def test_a_product_with_little_has_the_documented_defaults_and_no_empty_keys(siigo, product):
    async with siigo() as api:
        made = (await api.post("products", product())).body
        assert (made["type"], made["stock_control"], made["active"]) == ("Product", False, True)
        assert (made["tax_classification"], made["tax_included"]) == ("Taxed", False)
        assert made["unit"] == {"code": "94", "name": "unidad"}
        assert {"taxes", "prices", "description", "reference", "additional_fields"}.isdisjoint(made)


async def test_what_was_made_is_found_by_id_code_and_list(siigo, product):
    async with siigo(records=30) as api:
        made = (await api.post("products", product())).body
        assert (await api.get(f"products/{made['id']}")).body == made
        assert await api.rows("products", code="A-1") == [made]
        assert (await api.rows("products"))[0] == made
        answer = await api.get("products/00000000-0000-0000-0000-000000000000")
        assert (answer.status, answer.codes) == (404, ["not_found"])


async def test_up_to_twenty_ids_are_asked_for_at_once(siigo):
    async with siigo(records=40) as api:
        ids = [row["id"] for row in await api.rows("products")]
        for name in ("id", "ids"):
            found = await api.rows("products", **{name: ",".join(ids[:20])})
            assert [row["id"] for row in found] == ids[:20]
            assert (await api.get("products", **{name: ",".join(ids[:21])})).codes == ["invalid_array"]


async def test_lists_are_filtered_by_what_products_are(siigo):
    async with siigo(records=120) as api:
        everything = api.vendor.rows("products")
        services = await api.rows("products", type="service")
        assert services == [row for row in everything if row["type"] == "Service"][:100]
        assert await api.rows("products", active="false") == [row for row in everything if not row["active"]]
        assert await api.rows("products", account_group="4102") == services
        stocked = [row for row in everything if row["stock_control"]]
        assert await api.rows("products", stock_control="true") == stocked[:100]
        assert services
        assert stocked


@pytest.mark.parametrize(
    ("fields", "code", "params"),
    [
        ({"code": ""}, "parameter_empty", "code"),
        ({"code": "a b"}, "invalid_code", "code"),
        ({"code": "a'b"}, "invalid_code", "code"),
        ({"code": "x" * 31}, "length_max", "code"),
        ({"code": 5}, "invalid_type", "code"),
        ({"name": "x" * 101}, "length_max", "name"),
        ({"name": "Café & té"}, "invalid_name", "name"),
        ({"account_group": "4101"}, "invalid_type", "account_group"),
        ({"account_group": 1}, "invalid_reference", "account_group"),
        ({"account_group": 4104}, "parameter_inactive", "account_group"),
        ({"type": "Thing"}, "invalid_value", "type"),
        ({"stock_control": "yes"}, "invalid_type", "stock_control"),
        ({"tax_consumption_value": -1}, "invalid_amount", "tax_consumption_value"),
        ({"tax_consumption_value": Decimal("1.234")}, "invalid_amount", "tax_consumption_value"),
        ({"taxes": {"id": 7101}}, "invalid_type", "taxes"),
        ({"taxes": [{}]}, "parameter_required", "taxes[0].id"),
        ({"taxes": [{"id": 1}]}, "invalid_reference", "taxes[0].id"),
        ({"taxes": [{"id": 7109}]}, "parameter_inactive", "taxes[0].id"),
        ({"taxes": [{"id": 7101}, {"id": 7102}]}, "invalid_array", "taxes"),
        ({"taxes": [{"id": 7101}, {"id": 7104}]}, "invalid_array", "taxes"),
        ({"taxes": [{"id": 7101}, {"id": 7103}, {"id": 7105}, {"id": 7106}]}, "invalid_array", "taxes"),
        ({"taxes": [{"id": 7110, "rate": 35}]}, "parameter_required", "taxes[0].milliliters"),
        ({"taxes": [{"id": 7110, "rate": 36, "milliliters": 250}]}, "invalid_value", "taxes[0].rate"),
        (
            {"prices": [{"currency_code": "XXX", "price_list": [{"position": 1, "value": 1}]}]},
            "invalid_currency",
            "prices[0]",
        ),
        ({"prices": [{"currency_code": "COP", "price_list": []}]}, "parameter_empty", "prices[0].price_list"),
        ({"prices": [{"currency_code": "COP", "price_list": [{"position": 13, "value": 1}]}]}, "invalid_range", None),
        (
            {"prices": [{"currency_code": "COP", "price_list": [{"position": 1, "value": 1}] * 2}]},
            "invalid_array",
            None,
        ),
        (
            {"prices": [{"currency_code": "COP", "price_list": [{"position": 1, "value": 1}]}] * 13},
            "invalid_array",
            "prices",
        ),
        ({"additional_fields": {"tariff": "abc"}}, "invalid_value", "additional_fields.tariff"),
        ({"additional_fields": {"brand": "x" * 51}}, "length_max", "additional_fields.brand"),
        ({"reference": "x" * 81}, "length_max", "reference"),
        ({"description": "x" * 2501}, "length_max", "description"),
        ({"description": "<b>"}, "invalid_description", "description"),
        ({"components": [{"code": "A", "quantity": 1}]}, "parameter_not_allowed", "components"),
        ({"type": "Combo"}, "parameter_required", "components"),
        ({"type": "Combo", "components": [{"code": "none", "quantity": 1}]}, "invalid_reference", "components.code"),
    ],
)
async def test_a_product_that_breaks_a_rule_is_refused(siigo, product, fields, code, params):
    async with siigo() as api:
        answer = await api.post("products", product(**fields))
        assert (answer.status, answer.codes) == (400, [code])
        assert params is None or answer.params == [[params]]
        assert api.vendor.rows("products") == []


async def test_a_code_is_unique(siigo, product):
    async with siigo() as api:
        first = (await api.post("products", product())).body
        second = (await api.post("products", product(code="A-2"))).body
        answer = await api.post("products", product())
        assert (answer.codes, answer.params) == (["already_exists"], [["code"]])
        assert (await api.put(f"products/{second['id']}", product())).codes == ["already_exists"]
        assert (await api.put(f"products/{first['id']}", product())).status == 200


async def test_a_combo_names_its_components(siigo, product):
    async with siigo() as api:
        part = (await api.post("products", product())).body
        combo = product(code="C-1", type="Combo", components=[{"code": "A-1", "quantity": 2}])
        made = (await api.post("products", combo)).body
        assert made["components"] == [{"id": part["id"], "code": "A-1", "name": "Ruana azul"}]


@pytest.mark.parametrize("status", [200, 201])
async def test_a_change_replaces_all_but_stock_and_what_is_left_out_ends_empty(siigo, product, status):
    async with siigo(put_status=status) as api:
        made = (await api.post("products", _FULL)).body
        api.vendor.act("existencias", code="B-7", quantity=5)
        answer = await api.put(f"products/{made['id']}", product(code="B-7", stock_control=True))
        assert answer.status == status
        assert {"taxes", "prices", "description", "reference", "additional_fields"}.isdisjoint(answer.body)
        assert answer.body["available_quantity"] == 5
        assert set(answer.body["metadata"]) == {"created", "last_updated", "stock_updated"}
        assert (await api.get(f"products/{made['id']}")).body == answer.body


async def _sold(api):
    """Return a product that a document has moved, and one that none has."""
    moved = {item["code"] for row in api.vendor.rows("invoices") for item in row["items"]}
    products = [row for row in api.vendor.rows("products") if row["active"] and row["type"] == "Product"]
    api.vendor.add("products", {"code": "UNMOVED"})
    return next(row for row in products if row["code"] in moved), api.vendor.rows("products")[0]


async def test_a_product_with_movements_keeps_its_category_and_is_not_deleted(siigo, product):
    async with siigo(records=40) as api:
        sold, unsold = await _sold(api)
        path = f"products/{sold['id']}"
        answer = await api.put(path, product(code=sold["code"], account_group=4103))
        assert (answer.codes, answer.params) == (["update_not_allowed"], [["account_group"]])
        assert (await api.put(path, product(code=sold["code"], account_group=4101))).status == 200
        assert (await api.delete(path)).codes == ["delete_not_allowed"]
        path = f"products/{unsold['id']}"
        assert (await api.put(path, product(code="UNMOVED", account_group=4103))).status == 200
        assert (await api.delete(path)).body == {"id": unsold["id"], "deleted": True}
        assert (await api.get(path)).status == 404
        assert (await api.delete(path)).status == 404


async def test_stock_is_adjusted_at_the_screen_and_counts_as_a_change(siigo, product):
    from sagicc_async import ConfigError

    async with siigo() as api:
        await api.post("products", product(stock_control=True))
        await api.post("products", product(code="A-2"))
        api.vendor.act("existencias", code="A-1", quantity="2.5")
        shown = api.vendor.act("existencias", code="A-1", quantity=4, warehouse=7302)
        (row,) = await api.rows("products", code="A-1")
        assert row == shown
        assert row["available_quantity"] == Decimal("6.5")
        assert row["warehouses"] == [
            {"id": 7301, "name": "Bodega principal", "quantity": Decimal("2.5")},
            {"id": 7302, "name": "Bodega norte", "quantity": 4},
        ]
        assert [found["code"] for found in await api.rows("products", updated_start="2001-01-01")] == ["A-1"]
        for options in ({"code": "none", "quantity": 1}, {"code": "A-2", "quantity": 1}, {"code": "A-1"}):
            with pytest.raises(ConfigError):
                api.vendor.act("existencias", **options)
