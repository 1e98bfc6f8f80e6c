"""Lists: as few requests as can be, both shapes, and rows that come in while somebody reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sagicc_async import Checkpoint, CheckpointMismatch, NotFound, RetryPolicy, ServerError, Unsupported

LISTS = {
    "products": "products",
    "customers": "customers",
    "invoices": "invoices",
    "quotations": "quotations",
    "credit_notes": "credit-notes",
    "purchases": "purchases",
    "vouchers": "vouchers",
    "payment_receipts": "payment-receipts",
    "journals": "journals",
    "users": "users",
    "webhooks": "webhooks",
    "accounts_payable": "accounts-payable",
}
ARRAYS = {
    "account_groups": "account-groups",
    "taxes": "taxes",
    "price_lists": "price-lists",
    "warehouses": "warehouses",
    "document_types": "document-types",
    "payment_types": "payment-types",
    "cost_centers": "cost-centers",
    "fixed_assets": "fixed-assets",
    "expenses": "expenses",
    "misc_incomes": "misc-incomes",
}


def pages_asked(here, part):
    return [(entry.query.get("page"), entry.query.get("page_size")) for entry in here.asked(part)]


def fill(here, count, resource="products"):
    for _ in range(count):
        here.vendor.add(resource, {})


# As few requests as can be.


@pytest.mark.parametrize(("records", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)])
async def test_a_hundred_records_are_asked_for_and_the_total_ends_the_list(local, records, pages):
    async with local(records=0) as here:
        fill(here, records)
        found = await here.siigo.products.list().collect()

        assert [product.id for product in found] == here.ids("products")
        assert pages_asked(here, "products") == [(str(number), "100") for number in range(1, pages + 1)]


@pytest.mark.parametrize("name", LISTS)
async def test_every_enveloped_list_is_read_to_its_end(local, name):
    async with local(records=250) as here:
        found = await here.siigo[name].list().collect()
        counted = await here.siigo[name].list().count()

        assert len(found) == counted
        assert len(here.asked(LISTS[name])) == max(1, -(-counted // 100)) + 1
        if name != "accounts_payable":  # its records have no id
            assert [record.id for record in found] == here.ids(name)


@pytest.mark.parametrize("name", ARRAYS)
async def test_every_catalogue_is_one_request_for_one_array(local, name):
    async with local() as here:
        stream = here.siigo[name].list()
        found = await stream.collect()

        assert found
        (asked,) = here.asked(ARRAYS[name])
        assert asked.query == {"document_types": {"type": "FV"}, "payment_types": {"document_type": "FV"}}.get(name, {})
        assert (await stream.page(1)).raw.startswith(b"[")


@pytest.mark.parametrize("shape", ["envelope", "array"])
async def test_users_are_read_in_both_shapes(local, shape):
    async with local(users=shape) as here:
        users = await here.siigo.users.list().collect()
        assert [user.id for user in users] == here.ids("users")
        assert len(here.asked("users")) == 1
        assert (await here.siigo.users.list(page_size=10).first()).id == users[0].id
        assert [row["id"] for row in await here.siigo.users.list().raw().collect()] == here.ids("users")
        assert len(await here.siigo.users.list().raw(encoded=True).collect()) == len(users)


async def test_users_on_several_pages_are_read_to_their_end(local):
    async with local() as here:
        users = await here.siigo.users.list(page_size=10).collect()
        assert [user.id for user in users] == here.ids("users")
        assert pages_asked(here, "users") == [("1", "10"), ("2", "10"), ("3", "10")]


@pytest.mark.parametrize("name", ["taxes", "document_types", "payment_types"])
async def test_a_catalogue_that_came_in_an_envelope_would_be_read_as_well(local, name):
    async with local() as here:
        rows = [{"id": number, "name": str(number)} for number in (1, 2, 3)]
        here.vendor.fault("status", path=ARRAYS[name], status=200, body={"results": rows})
        assert [record.id for record in await here.siigo[name].list().collect()] == [1, 2, 3]


@pytest.mark.parametrize("name", ["taxes", "document_types", "payment_types"])
async def test_a_catalogue_in_pages_is_read_to_its_end_in_pages_of_siigos_own_size(local, name):
    async with local() as here:
        rows = [{"id": number, "name": str(number)} for number in range(1, 61)]
        for number in (1, 2, 3):
            envelope = {
                "pagination": {"page": number, "page_size": 25, "total_results": 60},
                "results": rows[25 * (number - 1) : 25 * number],
            }
            query = {} if number == 1 else {"page": number}
            here.vendor.fault("status", path=ARRAYS[name], query=query, status=200, body=envelope, times=1)
        assert [record.id for record in await here.siigo[name].list().collect()] == list(range(1, 61))
        assert pages_asked(here, ARRAYS[name]) == [(None, None), ("2", None), ("3", None)]


async def test_a_long_array_is_the_whole_list_for_who_goes_on_in_it_as_well(local):
    async with local() as here:
        fill(here, 150, "cost_centers")
        stream = here.siigo.cost_centers.list()
        found = [center.id for center in await stream.collect(120)]
        assert len(here.asked("cost-centers")) == 1
        found += [center.id for center in await here.siigo.cost_centers.resume(stream.checkpoint).collect()]
        assert found == here.ids("cost_centers")
        assert len(here.asked("cost-centers")) == 2
        assert await stream.count() == len(found)
        with pytest.raises(Unsupported, match="one page"):
            await stream.page(2)


async def test_a_size_below_ten_is_raised_by_siigo_and_nothing_is_lost(local):
    async with local(records=0) as here:
        fill(here, 25)
        found = await here.siigo.products.list(page_size=4).collect()
        assert [product.id for product in found] == here.ids("products")
        assert pages_asked(here, "products") == [("1", "4"), ("2", "4"), ("3", "4")]


async def test_a_size_above_a_hundred_is_cut_by_siigo_and_nothing_is_lost(local):
    async with local(records=0) as here:
        fill(here, 250)
        stream = here.siigo.products.list(page_size=1000)
        found = await stream.collect()
        assert [product.id for product in found] == here.ids("products")
        assert stream.stats.short_pages == 2
        assert len(here.asked("products")) == 3


async def test_a_stream_from_a_later_page_on_has_the_rest(local):
    async with local(records=0) as here:
        fill(here, 45)
        found = await here.siigo.products.list(page=3, page_size=20).collect()
        assert [product.id for product in found] == here.ids("products")[40:]
        assert (await here.siigo.products.list().page(2, size=20)).total == 45


async def test_the_first_record_and_the_count_cost_one_request_each(local):
    async with local() as here:
        first, count = await here.siigo.invoices.list().first(), await here.siigo.invoices.list().count()
        assert (first.id, count) == (here.ids("invoices")[0], 60)
        assert len(here.asked("invoices")) == 2


@pytest.mark.parametrize(("size", "pages"), [(None, 1), (25, 3)])
async def test_a_list_that_is_not_modelled_is_read_with_the_same_paging(local, size, pages):
    async with local() as here:
        stream = here.siigo.list_path("v1/customers", size=size)
        rows = await stream.collect()
        assert [row["id"] for row in rows] == here.ids("customers")
        assert pages_asked(here, "customers") == [(str(page), str(size or 100)) for page in range(1, pages + 1)]


async def test_an_array_that_is_not_modelled_is_read_as_well(local):
    async with local() as here:
        assert [row["id"] for row in await here.siigo.list_path("v1/taxes").collect()] == here.ids("taxes")
        kinds = await here.siigo.list_path("v1/document-types", params={"type": "NC"}).collect()
        assert {row["type"] for row in kinds} == {"NC"}
        assert len(here.asked()) == 2


async def test_an_error_of_a_list_that_is_not_modelled_shows_no_query(local):
    async with local() as here:
        with pytest.raises(NotFound) as caught:
            await here.siigo.list_path("v1/nada?clave=k4n4r10#k4n4r10").collect()
        assert caught.value.operation == "v1/nada.list"
        assert "k4n4r10" not in str(caught.value)


@pytest.mark.parametrize("form", ["records", "mappings", "bytes"])
async def test_no_form_of_a_list_loses_a_row_or_a_digit(local, form):
    async with local(records=0) as here:
        for number in range(120):
            here.vendor.add("products", {"available_quantity": number, "campo": f"valor {number}"})
        stream = here.siigo.products.list()
        stream = {"records": stream, "mappings": stream.raw(), "bytes": stream.raw(encoded=True)}[form]
        found = await stream.collect()
        read = [row if form == "mappings" else row.to_dict() if form == "records" else json.loads(row) for row in found]
        assert [row["id"] for row in read] == here.ids("products")
        assert [row["available_quantity"] for row in read] == list(range(119, -1, -1))
        if form == "records":
            assert found[0].extra == {"campo": "valor 119"}


# Links are nobody's business.


@pytest.mark.parametrize("links", ["_links", "__links"])
async def test_both_spellings_of_the_links_are_passed_over(local, links):
    async with local(links=links) as here:
        found = await here.siigo.invoices.list(page_size=25).collect()
        assert len(found) == 60
        assert not any("links" in name for invoice in found for name in invoice.extra)


@pytest.mark.parametrize("links", ["_links", "__links"])
async def test_a_link_that_leads_elsewhere_is_never_followed(local, links):
    async with local() as here, local(records=0) as evil:
        rows, nowhere = here.vendor.rows("invoices"), f"{evil.vendor.base_url}/v1/invoices?page=2&page_size=25"
        for number in (1, 2, 3):
            here.vendor.fault(
                "status",
                path="invoices",
                query={"page": number},
                status=200,
                body={
                    "pagination": {"page": number, "page_size": 25, "total_results": 60},
                    "results": rows[25 * (number - 1) : 25 * number],
                    links: {"next": {"href": nowhere}, "self": {"href": nowhere}},
                },
            )
        found = await here.siigo.invoices.list(page_size=25).collect()

        assert [invoice.id for invoice in found] == here.ids("invoices")
        assert evil.vendor.stats.requests == 0
        assert pages_asked(here, "invoices") == [("1", "25"), ("2", "25"), ("3", "25")]


# Rows that come in while somebody reads.


async def test_rows_that_arrive_while_paging_are_no_reason_to_hand_a_row_out_twice(local):
    async with local(records=0) as here:
        fill(here, 100)
        before = here.ids("products")
        stream, found = here.siigo.products.list(page_size=10), []
        async for page in stream.pages():
            found += [product.id for product in page.items]
            fill(here, 3)  # newest first: three rows move on to the next page

        assert len(found) == len(set(found))
        assert set(before) <= set(found)
        assert stream.stats.drifted
        assert stream.stats.duplicates == len(here.asked("products")) * 3 - 3


async def test_rows_that_go_while_paging_are_noticed(local):
    async with local(records=0) as here:
        fill(here, 60)
        stream = here.siigo.products.list(page_size=20)
        async for page in stream.pages():
            if page.number == 1:
                await here.siigo.products.delete(page.items[0].id)
        assert stream.stats.drifted
        assert stream.stats.totals == [60, 59]


async def test_a_stream_knows_when_it_began_by_the_vendors_clock(local):
    async with local() as here:
        stream = here.siigo.invoices.list(page_size=25)
        assert stream.started_at is None
        before = datetime.now(UTC).replace(microsecond=0)
        await stream.collect()
        assert before <= stream.started_at <= datetime.now(UTC)


# Checkpoints.


@pytest.mark.parametrize("at", [0, 1, 10, 37, 59, 60])
async def test_a_list_goes_on_where_it_stopped_with_its_own_filters(local, at):
    async with local() as here:
        stream, found = here.siigo.invoices.list(page_size=10, created_start="2020-01-01"), []
        if at:
            async for invoice in stream:
                found.append(invoice.id)
                if len(found) == at:
                    break
        kept = Checkpoint.from_json(stream.checkpoint.to_json())
        asked = len(here.asked())
        found += [invoice.id for invoice in await here.siigo.invoices.resume(kept).collect()]

        assert found == here.ids("invoices")
        assert {entry.query["created_start"] for entry in here.asked()} == {"2020-01-01T00:00:00Z"}
        assert len(here.asked()) - asked <= 7


async def test_a_place_that_moved_meanwhile_is_found_again(local):
    async with local(records=0) as here:
        fill(here, 60)
        before, stream, found = here.ids("products"), here.siigo.products.list(page_size=10), []
        async for product in stream:
            found.append(product.id)
            if len(found) == 35:
                break
        fill(here, 8)
        resumed = here.siigo.products.resume(stream.checkpoint)
        found += [product.id for product in await resumed.collect()]

        assert found == before
        assert resumed.stats.inserted == 8


async def test_a_checkpoint_of_one_kind_of_document_types_is_of_that_kind_alone(local):
    async with local() as here:
        stream = here.siigo.document_types.list(type="NC")
        first = await stream.collect(1)
        rest = await here.siigo.document_types.resume(stream.checkpoint).collect()
        assert {kind.type for kind in [*first, *rest]} == {"NC"}
        with pytest.raises(CheckpointMismatch):
            await here.siigo.document_types.list(type="FV").resume(stream.checkpoint).collect()


async def test_an_error_in_the_middle_carries_the_place(local):
    async with local(manager={"retry": RetryPolicy(attempts=1)}) as here:
        here.vendor.fault("status", path="invoices", query={"page": 4}, status=503, times=1)
        stream, found = here.siigo.invoices.list(page_size=10), []
        with pytest.raises(ServerError) as caught:
            async for invoice in stream:
                found.append(invoice.id)  # noqa: PERF401 - what comes before the error counts
        found += [invoice.id for invoice in await here.siigo.invoices.resume(caught.value.checkpoint).collect()]
        assert found == here.ids("invoices")
        # The page before is looked at again, to see whether the place has moved.
        assert [number for number, _ in pages_asked(here, "invoices")] == list("1234") + list("3456")
