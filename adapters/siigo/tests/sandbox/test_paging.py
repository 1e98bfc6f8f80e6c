"""Pages and the filters of lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.sandbox.paging import Page


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ({}, 1, 25),
        ({"page": "2", "page_size": "50"}, 2, 50),
        ({"page_size": "10"}, 1, 10),
        ({"page_size": "9"}, 1, 10),
        ({"page_size": "1"}, 1, 10),
        ({"page_size": "100"}, 1, 100),
        ({"page_size": "101"}, 1, 100),
        ({"page": "0", "page_size": "0"}, 1, 25),
        ({"page": "-1", "page_size": "-1"}, 1, 25),
        ({"page": "abc", "page_size": "abc"}, 1, 25),
        ({"page": "", "page_size": "2.5"}, 1, 25),
        ({"pageSize": "50"}, 1, 25),
    ],
)
async def test_a_page_is_what_is_asked_for_within_bounds(siigo, query, page, size):
    async with siigo(records=120) as api:
        answer = await api.get("customers", **query)
        assert answer.body["pagination"] == {"page": page, "page_size": size, "total_results": 120}
        assert len(answer.body["results"]) == size


@given(page=st.text(max_size=20), size=st.text(max_size=20))
def test_whatever_is_asked_for_is_a_page(page, size):
    asked = Page.asked({"page": page, "page_size": size})
    assert asked.number >= 1
    assert 10 <= asked.size <= 100


async def test_pages_together_are_the_whole_list_newest_first(siigo):
    async with siigo(records=57) as api:
        for path in ("products", "customers", "invoices"):
            pages = [await api.get(path, page=str(page)) for page in (1, 2, 3)]
            rows = [row for page in pages for row in page.body["results"]]
            assert rows == api.vendor.rows(path)
            assert [len(page.body["results"]) for page in pages] == [25, 25, 7]
            created = [row["metadata"]["created"] for row in rows]
            assert created == sorted(created, reverse=True)


async def test_pages_are_whole_after_a_deletion(siigo, product):
    async with siigo(records=28) as api:
        victim = (await api.post("products", product())).body
        await api.post("products", product(code="A-2"))
        assert (await api.delete(f"products/{victim['id']}")).status == 200
        rows = [row for page in ("1", "2", "3") for row in await api.rows("products", page=page, page_size="10")]
        assert rows == api.vendor.rows("products")
        assert len(rows) == 29
        assert victim["id"] not in [row["id"] for row in rows]


async def test_links_lead_to_the_pages_around_and_keep_other_parameters(siigo):
    async with siigo(records=60) as api:
        base = f"{api.vendor.base_url}/v1/customers?limit=%3F+a%26b"
        middle = (await api.get("customers", limit="? a&b", page="2")).body["_links"]
        assert middle == {
            "previous": {"href": f"{base}&page=1&page_size=25"},
            "self": {"href": f"{base}&page=2&page_size=25"},
            "next": {"href": f"{base}&page=3&page_size=25"},
        }
        assert set((await api.get("customers")).body["_links"]) == {"self", "next"}
        assert set((await api.get("customers", page="3")).body["_links"]) == {"previous", "self"}
        async with api.http.get(
            middle["next"]["href"],
            headers={"Authorization": f"Bearer {api.access}", "Partner-Id": "Tests"},
        ) as answer:
            assert (await answer.json())["pagination"]["page"] == 3


async def test_a_full_last_page_has_no_next(siigo):
    async with siigo(records=50) as api:
        assert set((await api.get("customers", page="2")).body["_links"]) == {"previous", "self"}


async def test_behind_the_end_is_an_empty_page(siigo):
    async with siigo(records=30) as api:
        answer = await api.get("customers", page="7")
        assert answer.status == 200
        assert answer.body["results"] == []
        assert answer.body["pagination"] == {"page": 7, "page_size": 25, "total_results": 30}
        assert set(answer.body["_links"]) == {"previous", "self"}


async def test_the_key_of_the_links_may_be_the_other_one(siigo):
    async with siigo(links="__links") as api:
        assert list((await api.get("customers")).body) == ["pagination", "results", "__links"]


async def _dated(api):
    for number, created in enumerate(
        ("2025-03-01T04:59:59.999Z", "2025-03-02T00:00:00.000Z", "2025-03-02T23:59:59.999Z", "2025-03-04T12:00:00Z"), 1
    ):
        api.vendor.add("products", {"code": f"D{number}", "metadata": {"created": created}})


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, "D4 D3 D2 D1"),
        ({"created_start": "2025-03-02"}, "D4 D3 D2"),
        ({"created_end": "2025-03-02"}, "D3 D2 D1"),
        ({"created_start": "2025-03-02", "created_end": "2025-03-02"}, "D3 D2"),
        ({"created_start": "2025-03-04T12:00:00Z"}, "D4"),
        ({"created_end": "2025-03-04T12:00:00Z"}, "D4 D3 D2 D1"),
        ({"created_start": "2025-03-04T12:00:01Z"}, ""),
        ({"date_start": "2025-03-02", "date_end": "2025-03-03"}, "D3 D2"),
        ({"code": "d2"}, "D2"),
        ({"code": "D2", "created_start": "2025-03-03"}, ""),
        ({"code": "", "unheard_of": "x"}, "D4 D3 D2 D1"),
    ],
)
async def test_filters_select_rows_and_bounds_are_inclusive(siigo, query, codes):
    async with siigo() as api:
        await _dated(api)
        answer = await api.get("products", **query)
        assert [row["code"] for row in answer.body["results"]] == codes.split()
        assert answer.body["pagination"]["total_results"] == len(codes.split())


@pytest.mark.parametrize(
    "value", ["yesterday", "2025-02-30", "2025-3-1", "01/03/2025", "2025-03-01T10:00:00", "2025-03-01T25:00:00Z"]
)
async def test_a_bound_that_is_no_moment_is_refused(siigo, value):
    async with siigo() as api:
        answer = await api.get("invoices", created_start=value, date_end=value)
        assert answer.status == 400
        assert answer.codes == ["invalid_date", "invalid_date"]
        assert answer.params == [["created_start"], ["date_end"]]


async def test_what_was_never_changed_is_not_found_by_its_change(siigo, manual_clock, product):
    async with siigo(clock=manual_clock) as api:
        old = (await api.post("products", product())).body
        await api.post("products", product(code="A-2"))
        await api.put(f"products/{old['id']}", product(name="Ruana verde"))
        day = old["metadata"]["created"][:10]
        changed = await api.rows("products", updated_start=day, updated_end=day)
        assert [row["code"] for row in changed] == ["A-1"]
        assert await api.rows("products", updated_end="2001-01-01") == []


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        ("millis", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
        ("offset", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00"),
        ("zeros", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000\+00:00"),
        ("naive", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,3}"),
    ],
)
async def test_moments_have_the_shape_that_is_chosen(siigo, product, shape, form):
    import re

    async with siigo(records=20, timestamps=shape) as api:
        made = (await api.post("products", product())).body
        changed = (await api.put(f"products/{made['id']}", product())).body
        assert changed["metadata"]["created"] == made["metadata"]["created"]
        for path in ("products", "customers", "invoices", "journals"):
            for row in await api.rows(path):
                assert [moment for moment in row["metadata"].values() if not re.fullmatch(form, moment)] == []
        assert re.fullmatch(form, changed["metadata"]["last_updated"])


@pytest.mark.parametrize(("nulls", "metadata"), [("absent", {"created"}), ("null", {"created", "last_updated"})])
async def test_a_change_that_has_not_been_is_absent_or_null(siigo, product, nulls, metadata):
    async with siigo(nulls=nulls) as api:
        made = (await api.post("products", product())).body
        assert set(made["metadata"]) == metadata
        assert made["metadata"].get("last_updated") is None
