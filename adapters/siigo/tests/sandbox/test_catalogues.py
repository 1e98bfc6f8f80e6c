"""Catalogues: bare arrays, the users' envelope, and what their parameters must be."""

from __future__ import annotations

import pytest

_PLAIN = [
    "taxes",
    "price-lists",
    "warehouses",
    "cost-centers",
    "fixed-assets",
    "expenses",
    "misc-incomes",
    "asset-groups",
]


@pytest.mark.parametrize("path", [*_PLAIN, "account-groups"])
async def test_a_catalogue_is_a_bare_array(siigo, path):
    async with siigo() as api:
        answer = await api.get(path)
        assert answer.status == 200
        assert answer.body == api.vendor.rows(path.replace("-", "_"))
        assert len(answer.body) >= 2
        assert {"id", "name"} <= set(answer.body[0])


async def test_the_documents_that_the_company_has_bought_have_a_type_in_place_of_an_id(siigo):
    async with siigo() as api:
        for row in (await api.get("available-documents")).body:
            assert set(row) == {"type", "total_purchased", "used", "available"}
            assert row["total_purchased"] == row["used"] + row["available"]


@pytest.mark.parametrize("path", ["taxes", "price-lists", "warehouses", "cost-centers", "account-groups"])
async def test_some_of_it_is_not_active(siigo, path):
    async with siigo() as api:
        assert {row["active"] for row in (await api.get(path)).body} == {True, False}


async def test_catalogues_are_the_same_for_every_seed(siigo):
    from sagicc_async.sandbox import Sandbox
    from sagicc_async_siigo.sandbox import SiigoSandbox

    async with siigo() as api, Sandbox([SiigoSandbox], records=0, seed=8) as other:
        for table in ("taxes", "document_types", "payment_types"):
            assert api.vendor.rows(table) == other["siigo"].rows(table)


async def test_what_the_sandbox_marks_for_itself_is_not_sent(siigo):
    async with siigo() as api:
        assert {"sugary", "documents", "code"}.isdisjoint(
            {
                name
                for path in ("taxes", "payment-types?document_type=FV", "account-groups")
                for row in (await api.get(path)).body
                for name in row
            }
        )


async def test_document_types_need_a_type(siigo):
    async with siigo() as api:
        answer = await api.get("document-types")
        assert (answer.status, answer.codes, answer.params) == (400, ["parameter_required"], [["type"]])
        assert answer.body["Errors"][0]["Message"] == "The field type is required"
        assert (await api.get("document-types", type="XX")).codes == ["invalid_value"]


@pytest.mark.parametrize("kind", ["FV", "FC", "NC", "RC", "CC", "RP", "C"])
async def test_document_types_of_a_kind_are_of_that_kind_only(siigo, kind):
    async with siigo() as api:
        rows = (await api.get("document-types", type=kind)).body
        assert {row["type"] for row in rows} == {kind}
        assert {row["automatic_number"] for row in rows} == {True, False}
        sale = {"electronic_type", "seller_by_item", "customer_by_item", "healthcare_company"} <= set(rows[0])
        assert sale == (kind == "FV")


async def test_payment_types_need_a_document_type(siigo):
    async with siigo() as api:
        answer = await api.get("payment-types")
        assert (answer.status, answer.codes, answer.params) == (400, ["parameter_required"], [["document_type"]])


@pytest.mark.parametrize("kind", ["RP", "CC", "XX"])
async def test_payment_types_of_other_documents_are_not_found(siigo, kind):
    async with siigo() as api:
        answer = await api.get("payment-types", document_type=kind)
        assert (answer.status, answer.codes) == (404, ["not_found"])


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("FV", [6101, 6102, 6103, 6105]),
        ("NC", [6101, 6102, 6103, 6105]),
        ("RC", [6101, 6103, 6105]),
        ("FC", [6103, 6104]),
    ],
)
async def test_payment_types_are_those_of_the_document_type(siigo, kind, ids):
    async with siigo() as api:
        assert [row["id"] for row in (await api.get("payment-types", document_type=kind)).body] == ids


async def test_users_come_in_pages_without_links(siigo):
    async with siigo() as api:
        first = (await api.get("users")).body
        assert first["pagination"] == {"page": 1, "page_size": 25, "total_results": 30}
        assert set(first) == {"pagination", "results"}
        second = (await api.get("users", page="2")).body
        assert first["results"] + second["results"] == api.vendor.rows("users")
        assert set(first["results"][0]) == {
            *("id", "username", "first_name", "last_name", "email", "active", "identification"),
        }


async def test_users_may_be_the_printed_array(siigo):
    async with siigo(users="array") as api:
        assert (await api.get("users")).body == api.vendor.rows("users")


@pytest.mark.parametrize("status", [200, 201])
async def test_a_category_is_made_and_changed(siigo, product, status):
    async with siigo(put_status=status) as api:
        made = await api.post("account-groups", {"code": "Abc1", "name": "Repuestos"})
        assert made.status == 201
        assert made.body == {"id": made.body["id"], "name": "Repuestos", "active": True}
        changed = await api.put(f"account-groups/{made.body['id']}", {"code": "Abc1", "name": "Accesorios"})
        assert (changed.status, changed.body) == (status, {**made.body, "name": "Accesorios"})
        assert (await api.get("account-groups")).body[-1] == changed.body
        sold = await api.post("products", product(account_group=made.body["id"]))
        assert sold.body["account_group"] == {"id": made.body["id"], "name": "Accesorios"}


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["parameter_required", "parameter_required"]),
        ({"code": "a-b", "name": "x"}, ["invalid_code"]),
        ({"code": "a" * 11, "name": "x" * 51}, ["length_max", "length_max"]),
        ({"code": "MER", "name": "x"}, ["already_exists"]),
    ],
)
async def test_a_category_that_breaks_a_rule_is_refused(siigo, body, codes):
    async with siigo() as api:
        assert (await api.post("account-groups", body)).codes == codes
        assert (await api.put("account-groups/4102", body)).codes == codes


async def test_a_category_that_is_not_there_is_not_changed(siigo):
    async with siigo() as api:
        assert (await api.put("account-groups/1", {"code": "A", "name": "x"})).status == 404
