"""Reports: the trial balance and the accounts payable."""

from __future__ import annotations

import pytest

_BALANCE = {"year": 2025, "month_start": 1, "month_end": 13, "includes_tax_difference": False}
#: A class of accounts, and one account of another class: as texts they are the other way round.
_LONGER = ("4135", "11050501")
_ROUTES = ["test-balance-report", "test-balance-report-by-thirdparty"]


@pytest.mark.parametrize("path", _ROUTES)
async def test_a_trial_balance_is_a_file(siigo, path):
    async with siigo() as api:
        answer = await api.post(path, {**_BALANCE, "account_start": "", "account_end": "41350501"})
        assert answer.status == 201
        assert set(answer.body) == {"file_id", "file_url"}
        assert answer.body["file_url"].endswith(".xlsx")


@pytest.mark.parametrize("path", _ROUTES)
async def test_accounts_are_in_the_order_of_their_numbers(siigo, path):
    async with siigo() as api:
        up, down = ({"account_start": one, "account_end": other} for one, other in (_LONGER, _LONGER[::-1]))
        assert (await api.post(path, {**_BALANCE, **up})).status == 201
        assert (await api.post(path, {**_BALANCE, **down})).codes == ["invalid_account"]


@pytest.mark.parametrize("path", _ROUTES)
@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"year": None}, "parameter_required", "year"),
        ({"year": 25}, "invalid_range", "year"),
        ({"month_start": 0}, "invalid_range", "month_start"),
        ({"month_end": 14}, "invalid_range", "month_end"),
        ({"month_start": 5, "month_end": 4}, "invalid_range", "month_end"),
        ({"includes_tax_difference": "no"}, "invalid_type", "includes_tax_difference"),
        ({"account_start": "abc"}, "invalid_account", "account_start"),
        ({"account_start": "5105", "account_end": "1105"}, "invalid_account", "account_end"),
    ],
)
async def test_a_trial_balance_that_cannot_be_is_refused(siigo, path, fields, code, param):
    async with siigo() as api:
        answer = await api.post(path, {**_BALANCE, **fields})
        assert (answer.status, answer.codes, answer.params) == (400, [code], [[param]])


async def test_only_one_of_them_is_by_third_party(siigo):
    async with siigo() as api:
        body = {**_BALANCE, "customer": {"identification": "900123456", "branch_office": 1000}}
        assert (await api.post(_ROUTES[1], body)).codes == ["invalid_range"]
        assert (await api.post(_ROUTES[0], body)).status == 201


async def test_accounts_payable_are_the_open_instalments_of_purchases(siigo):
    async with siigo(records=200) as api:
        rows = await api.rows("accounts-payable")
        purchases = {row["name"]: row for row in api.vendor.rows("purchases")}
        owed = {f"{row['due']['prefix']}-{row['due']['consecutive']}": row for row in rows}
        assert {name for name, row in purchases.items() if row["balance"]} == set(owed)
        for name, row in owed.items():
            assert row["due"]["balance"] == purchases[name]["balance"]
            assert row["provider"]["identification"] == purchases[name]["supplier"]["identification"]
        assert owed


async def test_accounts_payable_are_filtered_and_paged(siigo):
    async with siigo(records=300) as api:
        rows = await api.rows("accounts-payable")
        due, provider = rows[0]["due"]["date"], rows[0]["provider"]
        assert await api.rows("accounts-payable", due_date_start=due, due_date_end=due) == [
            row for row in rows if row["due"]["date"] == due
        ]
        mine = {"provider_identification": provider["identification"], "provider_branch_office": "000"}
        found = await api.rows("accounts-payable", **mine)
        assert found == [row for row in rows if row["provider"]["id"] == provider["id"]]
        assert 0 < len(found) < len(rows)
        answer = await api.get("accounts-payable", page="2", page_size="10")
        assert answer.body["results"] == rows[10:20]
        assert answer.body["pagination"] == {"page": 2, "page_size": 10, "total_results": len(rows)}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"due_date_start": "soon"}, "invalid_date"),
        ({"provider_branch_office": "1"}, "parameter_required"),
        ({"provider_identification": "900", "provider_branch_office": "1000"}, "invalid_range"),
        ({"provider_identification": "900", "provider_branch_office": "x"}, "invalid_range"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(siigo, query, code):
    async with siigo() as api:
        answer = await api.get("accounts-payable", **query)
        assert (answer.status, answer.codes) == (400, [code])
