"""Answers that are none, and answers that never come: one error each, nothing handed out that is not there, no write twice."""

from __future__ import annotations

import pytest

from sagicc_async import OutcomeUnknown, PagingLoop, ProtocolError, RetryPolicy, ServerError
from sagicc_async_siigo.models import Product

QUICK = {"retry": RetryPolicy(attempts=3, base=0)}
NEW = {"code": "X-1", "name": "Ruana", "account_group": 4101}


def ids(records):
    return [record.id for record in records]


def fill(here, count):
    for _ in range(count):
        here.vendor.add("products", {})


# What is no data.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_says_so(local, status):
    async with local(manager=QUICK) as here:
        here.vendor.fault("redirect", path="products", location="/siigo/login", status=status)
        for call in (here.siigo.products.list().collect, lambda: here.siigo.products.get("x")):
            with pytest.raises(ProtocolError, match="redirect"):
                await call()
        assert [entry.path for entry in here.asked()] == ["/v1/products", "/v1/products/x"]


async def test_a_page_of_html_is_never_data_and_asked_for_once_more(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("garbage", path="v1/")
        calls = (
            here.siigo.products.list().collect,
            here.siigo.products.list().raw().collect,
            here.siigo.products.list().raw(encoded=True).collect,
            here.siigo.taxes.list().collect,
            lambda: here.siigo.products.get("x"),
            lambda: here.siigo.reports.test_balance({}, check=False),
        )
        for call in calls:
            with pytest.raises(ProtocolError, match="the answer is HTML instead of Siigo's JSON") as caught:
                await call()
            assert (caught.value.status, caught.value.attempts) == (200, 2)
            assert "check base_url" in str(caught.value)
        assert len(here.asked()) == 2 * len(calls)


async def test_a_page_of_html_that_passes_is_not_noticed(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("garbage", path="products", times=1)
        assert ids(await here.siigo.products.list().collect()) == here.ids("products")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_proxys_page_of_failure_is_asked_again(local, status):
    async with local(manager=QUICK) as here:
        here.vendor.fault("garbage", path="products", status=status, times=1)
        assert ids(await here.siigo.products.list().collect()) == here.ids("products")
        here.vendor.fault("garbage", path="products", status=status)
        with pytest.raises(ServerError) as caught:
            await here.siigo.products.list().collect()
        assert caught.value.attempts == 3


@pytest.mark.parametrize(
    "body",
    [
        '{"pagination": {"total_results": 2}, "results": [{"id": "1", "name": "k4n4r10"}, {"id"',
        '{"results": [{"id": "1", "name": "k4n4r10}]}',
        '{"results": "k4n4r10"}',
        '{"resultados": [{"k4n4r10": 1}]}',
        '{"message": "k4n4r10"}',
        '{"Status": 200, "Errors": [{"Code": "k4n4r10"}]}',
        "{}",
        '[{"id": "k4n4r10"',
        '"k4n4r10"',
        "k4n4r10",
    ],
)
async def test_what_is_not_a_list_of_records_is_one_error_without_a_word_of_it(local, body):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="products", status=200, body=body)
        products = here.siigo.products
        for stream in (products.list(), products.list().raw(), products.list().raw(encoded=True)):
            with pytest.raises(ProtocolError) as caught:
                await stream.collect()
            assert "k4n4r10" not in str(caught.value)
            assert (caught.value.operation, caught.value.vendor) == ("products.list", "siigo")
            assert caught.value.checkpoint is not None


@pytest.mark.parametrize("form", ["mappings", "records", "bytes"])
@pytest.mark.parametrize("body", ["[1, 2, 3]", '{"results": [1, 2, 3]}'])
async def test_a_list_of_something_else_than_records_is_an_error(local, form, body):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="products", status=200, body=body)
        stream = here.siigo.products.list()
        stream = {"mappings": stream.raw(), "records": stream, "bytes": stream.raw(encoded=True)}[form]
        with pytest.raises(ProtocolError):
            await stream.collect()


@pytest.mark.parametrize("body", ["[]", '{"id": {"k4n4r10": 1}}', '{"id": "a", "prices": "k4n4r10"}', '{"id": "a"'])
async def test_a_single_record_that_cannot_be_read_says_where_and_nothing_of_it(local, body):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="products", status=200, body=body)
        with pytest.raises(ProtocolError) as caught:
            await here.siigo.products.get("a")
        assert (caught.value.operation, caught.value.status) == ("products.get", 200)
        assert "k4n4r10" not in str(caught.value)


async def test_an_answer_that_breaks_off_is_asked_for_again(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("truncate", path="products", times=1)
        here.vendor.fault("reset_after", path="products", nth=2)
        assert ids(await here.siigo.products.list().collect()) == here.ids("products")
        assert len(here.asked()) == 3


async def test_a_page_that_is_too_large_is_cut_off_and_says_what_helps(local):
    async with local(manager={"max_body": 20_000, **QUICK}) as here:
        with pytest.raises(ProtocolError, match="max_body"):
            await here.siigo.products.list().collect()
        assert ids(await here.siigo.products.list(page_size=20).collect()) == here.ids("products")


@pytest.mark.parametrize("options", [{}, {"chunked": True}, {"gzip": True}], ids=["plain", "chunked", "gzip"])
async def test_an_enormous_body_is_never_taken_into_memory(local, options):
    async with local(manager={"max_body": 1_000_000, **QUICK}) as here:
        here.vendor.fault("huge", path="products", megabytes=50, **options)
        with pytest.raises(ProtocolError, match="max_body"):
            await here.siigo.products.list().collect()
        assert len(here.asked()) == 1


# Records.


@pytest.mark.parametrize("page", [1, 3])
async def test_a_record_of_a_wrong_type_ends_a_list_behind_those_before_it(local, page):
    async with local(manager=QUICK) as here:
        here.vendor.fault("wrong_type", query={"page": page}, row=3, field="active", value="k4n4r10")
        stream, found = here.siigo.products.list(page_size=10), []
        with pytest.raises(ProtocolError, match=r"a record cannot be read: \$\.results\[2\]\.active") as caught:
            async for product in stream:
                found.append(product.id)  # noqa: PERF401 - what comes before the error counts

        assert "k4n4r10" not in str(caught.value)
        assert found == here.ids("products")[: 10 * (page - 1) + 2]
        here.vendor.clear_faults()
        rest = await here.siigo.products.resume(caught.value.checkpoint).collect()
        assert found + ids(rest) == here.ids("products")


async def test_a_record_of_a_catalogue_of_a_wrong_type_says_where(local):
    async with local() as here:
        here.vendor.fault("wrong_type", path="taxes", row=2, field="percentage", value="k4n4r10")
        with pytest.raises(ProtocolError, match=r"\$\[1\]\.percentage") as caught:
            await here.siigo.taxes.list().collect()
        assert "k4n4r10" not in str(caught.value)


async def test_a_field_that_nobody_documented_is_kept_beside_the_record(local):
    async with local() as here:
        here.vendor.fault("unknown_field", path="v1/")
        for name in ("products", "invoices", "taxes", "customers"):
            (record, *_) = await here.siigo[name].list().collect()
            assert record.extra == {"campo_nuevo": "valor nuevo"}
            assert record.to_dict()["campo_nuevo"] == "valor nuevo"


async def test_a_server_that_sends_the_same_page_again_is_found_out(local):
    async with local() as here:
        body = {"pagination": {"total_results": 60}, "results": here.vendor.rows("products")[:10]}
        here.vendor.fault("status", path="products", status=200, body=body)
        with pytest.raises(PagingLoop) as caught:
            await here.siigo.products.list(page_size=10).collect()
        assert caught.value.checkpoint is not None
        assert len(here.asked()) == 2


@pytest.mark.parametrize("pagination", [None, {}, {"total_results": "60"}, {"total_results": None}])
async def test_without_a_total_an_empty_page_ends_the_list(local, pagination):
    async with local(records=0) as here:
        fill(here, 20)
        rows = here.vendor.rows("products")
        for page in (1, 2, 3):
            body = {"pagination": pagination, "results": rows[10 * (page - 1) : 10 * page]}
            here.vendor.fault("status", path="products", query={"page": page}, status=200, body=body)
        assert ids(await here.siigo.products.list(page_size=10).collect()) == here.ids("products")
        assert len(here.asked()) == 3


@pytest.mark.parametrize("body", [{"pagination": {"total_results": 0}}, {"results": []}, {"results": None}])
async def test_a_list_whose_empty_keys_are_left_out_is_empty(local, body):
    async with local() as here:
        here.vendor.fault("status", path="products", status=200, body=body)
        assert await here.siigo.products.list().collect() == []


@pytest.mark.parametrize("name", ["taxes", "document_types"])
async def test_an_object_in_place_of_a_catalogues_array_is_no_empty_catalogue(local, name):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="v1/", status=200, body={"message": "k4n4r10"})
        with pytest.raises(ProtocolError, match="no page of a list"):
            await here.siigo[name].list().collect()


# Writes.


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("garbage", {"done": True}),
        ("garbage", {"status": 502, "done": True}),
        ("status", {"status": 201, "body": '{"id": ', "done": True}),
        ("status", {"status": 201, "body": "", "done": True}),
        ("status", {"status": 200, "body": "[]", "done": True}),
        ("truncate", {}),
        ("reset_after", {}),
        ("huge", {"megabytes": 3}),
    ],
)
async def test_a_write_without_a_readable_answer_is_sent_once_and_its_outcome_is_not_known(local, kind, options):
    async with local(manager={"max_body": 1_000_000, **QUICK}) as here:
        await here.siigo.account.company_id()
        here.vendor.fault(kind, method="POST", path="products", **options)
        with pytest.raises(OutcomeUnknown) as caught:
            await here.siigo.products.create(NEW)
        assert [entry.method for entry in here.asked()] == ["POST"]
        assert caught.value.operation == "products.create"
        here.vendor.clear_faults()
        found = await caught.value.reconcile()
        assert isinstance(found.record, Product)
        assert found.record.code == "X-1"
