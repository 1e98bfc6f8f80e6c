"""The invented company, and records that a test adds itself."""

from __future__ import annotations

import re

import pytest

from sagicc_async import ConfigError

_DOCUMENTS = ["quotations", "credit_notes", "purchases", "vouchers", "payment_receipts", "journals"]


async def test_as_many_records_are_invented_as_are_asked_for(siigo):
    async with siigo(records=100) as api:
        for table in ("customers", "products", "invoices"):
            assert len(api.vendor.rows(table)) == 100
        for table in _DOCUMENTS:
            assert len(api.vendor.rows(table)) == 10


async def test_the_same_seed_gives_the_same_company(siigo):
    async with siigo(records=30) as one, siigo(records=30) as other:
        for table in ("customers", "products", "users", "invoices", "journals"):
            assert one.vendor.rows(table) == other.vendor.rows(table)


async def test_invented_third_parties_and_products_keep_the_rules_for_writing(siigo):
    """What is read can be written back, with ids in place of what was named."""
    async with siigo(records=60) as api:
        for row in await api.rows("customers"):
            assert (await api.put(f"customers/{row['id']}", {**row, "id_type": row["id_type"]["code"]})).status == 200
        moved = 0
        for row in await api.rows("products"):
            body = {**row, "account_group": row["account_group"]["id"], "unit": row["unit"]["code"]}
            answer = await api.put(f"products/{row['id']}", body)
            assert answer.status == 200, answer.body
            moved += 1
        assert moved == 60


async def test_ids_are_guids_and_every_one_another(siigo):
    async with siigo(records=50) as api:
        ids = [row["id"] for table in ("customers", "products", "invoices") for row in api.vendor.rows(table)]
        assert len(set(ids)) == 150
        assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier) for identifier in ids)


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("customers", "customers"),
        ("products", "products"),
        ("invoices", "invoices"),
        ("quotations", "quotations"),
        ("credit_notes", "credit-notes"),
        ("purchases", "purchases"),
        ("vouchers", "vouchers"),
        ("payment_receipts", "payment-receipts"),
        ("journals", "journals"),
        ("webhooks", "webhooks"),
    ],
)
async def test_a_record_of_ones_own_is_completed_and_listed_first(siigo, table, path):
    async with siigo(records=20) as api:
        added = api.vendor.add(table, {"unheard_of": 1})
        assert len(added["id"]) == 36
        assert added["unheard_of"] == 1
        assert (await api.rows(path))[0] == added == api.vendor.rows(table)[0]


@pytest.mark.parametrize("table", ["taxes", "warehouses", "users", "payment_types", "document_types", "misc_incomes"])
async def test_an_entry_of_a_catalogue_has_a_number(siigo, table):
    async with siigo() as api:
        added = api.vendor.add(table, {"name": "Propio"})
        assert isinstance(added["id"], int)
        assert api.vendor.rows(table)[-1] == added


async def test_what_is_added_is_found_by_its_filters(siigo):
    async with siigo() as api:
        moments = {"created": "2024-05-01T10:00:00Z", "last_updated": "2024-05-03T10:00:00Z"}
        row = api.vendor.add("customers", {"identification": "77", "metadata": moments})
        api.vendor.add("customers", {})
        assert row["metadata"] == moments
        assert await api.rows("customers", identification="77") == [row]
        assert await api.rows("customers", created_end="2024-05-01") == [row]
        assert await api.rows("customers", updated_start="2024-05-03", updated_end="2024-05-03") == [row]
        invoice = api.vendor.add("invoices", {"customer": {"identification": "77", "branch_office": 0}})
        api.vendor.add("invoices", {})
        assert await api.rows("invoices", customer_identification="77") == [invoice]


async def test_a_table_that_is_not_there_is_said_to_be_so(siigo):
    async with siigo() as api:
        with pytest.raises(ConfigError, match="has no table 'orders'; it has taxes, "):
            api.vendor.add("orders", {})


@pytest.mark.parametrize(
    "settings",
    [
        {"login_status": 204},
        {"requests": 0},
        {"window": 0},
        {"burst": -1},
        {"timestamps": "unix"},
        {"error_casing": "upper"},
        {"links": "links"},
        {"test_company": "yes"},
        {"unheard_of": 1},
    ],
)
async def test_a_setting_that_cannot_be_is_refused(siigo, settings):
    with pytest.raises(ConfigError):
        async with siigo(**settings):
            pass  # not reached
