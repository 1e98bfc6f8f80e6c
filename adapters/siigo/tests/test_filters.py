"""Filters as they travel: days in the account's zone, moments in UTC, and nothing that Siigo would pass over."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Checkpoint, ConfigError, Stream, ValidationFailed
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.filters import earlier, query

BOGOTA = ZoneInfo("America/Bogota")
DAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=BOGOTA)
MOMENTS = ["created_start", "created_end", "updated_start", "updated_end"]
DAYS = ["date_start", "date_end", "due_date_start", "due_date_end"]


def sent(name, value, zone=BOGOTA):
    return query({name: value}, zone)[name]


# Moments.


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("created_start", DAY, "2026-11-25T05:00:00Z"),
        ("created_start", "2026-11-25", "2026-11-25T05:00:00Z"),
        ("updated_start", DAY, "2026-11-25T05:00:00Z"),
        # Up to the beginning of the next day: in its last second there is time for a record.
        ("created_end", DAY, "2026-11-26T05:00:00Z"),
        ("updated_end", "2026-11-25", "2026-11-26T05:00:00Z"),
        ("created_start", NOON, "2026-11-25T17:00:00Z"),
        ("created_end", NOON, "2026-11-25T17:00:00Z"),
        ("created_start", NOON.astimezone(UTC), "2026-11-25T17:00:00Z"),
        ("created_start", "2026-11-25T12:00:00-05:00", "2026-11-25T17:00:00Z"),
        ("created_start", "2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"),
        ("created_start", NOON.replace(microsecond=1), "2026-11-25T17:00:00Z"),
        ("created_end", NOON.replace(microsecond=1), "2026-11-25T17:00:01Z"),
        ("created_end", NOON.replace(microsecond=999_999), "2026-11-25T17:00:01Z"),
        ("created_start", date(999, 1, 1), "0999-01-01T04:56:16Z"),  # when Bogotá kept the time of its own sun
    ],
)
def test_a_moment_is_written_in_utc_to_the_second(name, value, expected):
    assert sent(name, value) == expected


def test_a_day_is_one_of_the_accounts_zone():
    assert sent("created_start", DAY, UTC) == "2026-11-25T00:00:00Z"
    assert sent("created_start", DAY, timezone(timedelta(hours=9))) == "2026-11-24T15:00:00Z"


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(BOGOTA)),  # noqa: DTZ001
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)),
)
def test_a_range_holds_every_moment_that_lies_in_it(begin, length):
    end = begin.astimezone(UTC) + length
    first = datetime.fromisoformat(sent("created_start", begin))
    last = datetime.fromisoformat(sent("created_end", end))
    assert first <= begin <= end <= last
    assert begin - first < timedelta(seconds=1)
    assert last - end < timedelta(seconds=1)


@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.parametrize(
    "value",
    [datetime(2026, 11, 25, 12), "2026-11-25T12:00:00", "yesterday", "", 20261125, 1.5, True, [DAY]],  # noqa: DTZ001
)
def test_what_is_no_moment_is_refused(name, value):
    with pytest.raises(ValidationFailed, match=f"the filter {name} takes a da") as caught:
        sent(name, value)
    (error,) = caught.value.errors
    assert (error.code, error.path) == ("invalid_date", name)


def test_a_naive_datetime_says_what_it_lacks():
    with pytest.raises(ValidationFailed, match=r"datetime\(\.\.\., tzinfo=\.\.\.\)"):
        sent("created_start", datetime(2026, 11, 25, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("name", "value"), [("created_end", date.max), ("created_start", datetime.max.replace(tzinfo=BOGOTA))]
)
def test_a_moment_that_no_calendar_has_in_utc_is_refused(name, value):
    with pytest.raises(ValidationFailed, match="within the years 1 to 9999"):
        sent(name, value)


def test_an_overlap_goes_back_and_never_before_the_calendar():
    assert earlier(NOON, timedelta(days=1), BOGOTA) == "2026-11-24T17:00:00Z"
    assert earlier(DAY, timedelta(hours=1), BOGOTA) == "2026-11-25T04:00:00Z"
    with pytest.raises(ValidationFailed, match="the filter updated_since takes a moment within the years"):
        earlier(date.min, timedelta(days=1), UTC)


# Days of documents, and the rest.


@pytest.mark.parametrize("name", DAYS)
def test_a_document_is_dated_by_a_day_alone(name):
    assert sent(name, DAY) == sent(name, "2026-11-25") == "2026-11-25"
    for wrong in (NOON, "2026-11-25T00:00:00Z", "25/11/2026", 5):
        with pytest.raises(ValidationFailed, match=f"the filter {name} takes a day"):
            sent(name, wrong)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("FV-1-1", "FV-1-1"), (0, 0), (999, 999), (True, "true"), (False, "false"), (["a", "b"], "a,b"), (("a",), "a")],
)
def test_other_filters_are_texts_numbers_and_lists_of_texts(value, expected):
    assert sent("other", value) == expected


@pytest.mark.parametrize("value", ["", [], [""], ["a", ""], ["a", 1], [None], 1.5, b"a", DAY])
def test_a_filter_that_says_nothing_is_refused_as_siigo_may_take_it_for_none(value):
    with pytest.raises(ValidationFailed, match="the filter other takes a text that is not empty"):
        sent("other", value)


@pytest.mark.parametrize("ids", [[f"p{number}" for number in range(21)], ",".join("p" * 21)])
def test_more_ids_than_siigo_takes_are_refused(ids):
    assert sent("ids", (f"p{number}" for number in range(20))).count(",") == 19
    with pytest.raises(ValidationFailed, match="the filter ids takes at most 20 values") as caught:
        sent("ids", ids)
    assert [(error.code, error.path) for error in caught.value.errors] == [("invalid_array", "ids")]


def test_none_is_no_filter():
    assert query({"created_start": None, "name": None}, UTC) == {}


# On the way.


@pytest.mark.parametrize("wrong", [{"nombre": "x"}, {"created_at": DAY}, {"updated_sinse": DAY}])
async def test_a_misspelt_filter_is_an_error_before_anything_is_sent(local, wrong):
    async with local() as here:
        with pytest.raises(TypeError, match="unexpected keyword"):
            here.siigo.invoices.list(**wrong)
        assert here.vendor.stats.requests == 0


async def test_a_wrong_value_is_an_error_before_anything_is_sent(local):
    async with local() as here:
        with pytest.raises(ValidationFailed):
            here.siigo.invoices.list(created_start="ayer")
        with pytest.raises(ValidationFailed, match="needs provider_identification"):
            here.siigo.accounts_payable.list(provider_branch_office=1)
        assert here.vendor.stats.requests == 0


async def test_filters_travel_and_select(local):
    async with local(manager={"timezone": "America/Bogota"}) as here:
        wanted = here.vendor.rows("invoices")[7]
        customer = wanted["customer"]["identification"]
        found = await here.siigo.invoices.list(
            name=wanted["name"], customer_identification=customer, date_start=wanted["date"], created_end=DAY
        ).collect()
        assert [invoice.id for invoice in found] == [wanted["id"]]
        (asked,) = here.asked("invoices")
        assert asked.query == {
            "name": wanted["name"],
            "customer_identification": customer,
            "date_start": wanted["date"],
            "created_end": "2026-11-26T05:00:00Z",
            "page": "1",
            "page_size": "100",
        }


async def test_parameters_that_are_not_modelled_are_sent_as_they_are(local):
    async with local() as here:
        await here.siigo.purchases.list(params={"created_start": "2026-01-01", "otro": "ñ & a"}).collect()
        (asked,) = here.asked("purchases")
        assert (asked.query["created_start"], asked.query["otro"]) == ("2026-01-01", "ñ & a")


async def test_the_end_of_a_day_holds_what_was_created_in_its_last_second(local):
    async with local(records=0, manager={"timezone": "America/Bogota"}) as here:
        for moment in ("04:59:59.999Z", "05:00:00.001Z"):
            here.vendor.add("products", {"code": moment, "metadata": {"created": f"2026-11-26T{moment}"}})
        found = await here.siigo.products.list(created_start=DAY, created_end=DAY).collect()
        assert [product.code for product in found] == ["04:59:59.999Z"]


# What has changed.


def lists_with(keyword):
    return [
        name for name, kind in Siigo.resource_classes().items() if keyword in inspect.signature(kind.list).parameters
    ]


def test_what_changed_can_be_asked_wherever_siigo_has_the_filter():
    assert lists_with("updated_since") == lists_with("updated_start")
    assert set(lists_with("updated_since")) >= {
        "products",
        "customers",
        "invoices",
        "credit_notes",
        "vouchers",
        "payment_receipts",
    }


@pytest.mark.parametrize("name", lists_with("updated_since"))
async def test_what_changed_is_asked_with_an_overlap_of_a_day(local, name):
    async with local() as here:
        stream = here.siigo[name].list(updated_since=NOON)
        assert isinstance(stream, Stream)
        await stream.collect()
        assert here.asked()[-1].query["updated_start"] == "2026-11-24T17:00:00Z"
        with pytest.raises(ConfigError, match="updated_start= and updated_since= exclude each other"):
            here.siigo[name].list(updated_since=NOON, updated_start=NOON)


@pytest.mark.parametrize(("overlap", "expected"), [(0, "2026-11-25T17:00:00Z"), (3600, "2026-11-25T16:00:00Z")])
async def test_the_overlap_is_a_setting(local, overlap, expected):
    async with local(account={"overlap": overlap}) as here:
        await here.siigo.products.list(updated_since=NOON).collect()
        assert here.asked()[-1].query["updated_start"] == expected


async def test_rounds_that_begin_where_the_last_one_began_miss_no_change(local):
    async with local(records=20) as here:
        stream = here.siigo.products.list()
        await stream.collect()
        changed = here.vendor.rows("products")[12]
        await here.siigo.products.edit(changed["id"], name="Ruana azul")

        again = here.siigo.products.list(updated_since=stream.started_at)
        assert "Ruana azul" in [product.name for product in await again.collect()]
        assert again.started_at >= stream.started_at


@pytest.mark.parametrize("name", lists_with("updated_since"))
async def test_changes_are_what_was_changed_and_what_was_created_and_never_changed(local, name):
    """Whether `updated_start` finds records that were never changed is not documented: the sandbox's does not."""
    async with local() as here:
        resource = here.siigo[name]
        changed, created = resource.changes(NOON)[-2:]
        await changed.collect()
        assert "created_start" not in here.asked()[-1].query
        await created.collect()
        assert here.asked()[-1].query["created_start"] == "2026-11-24T17:00:00Z"
        assert "updated_start" not in here.asked()[-1].query


async def test_changes_hold_a_record_that_is_new_and_one_that_is_edited(local):
    async with local(records=20) as here:
        began = here.siigo.products.list()
        await began.collect()
        edited = here.vendor.rows("products")[3]
        await here.siigo.products.edit(edited["id"], name="Ruana azul")
        new = here.vendor.add("products", {"name": "Ruana roja"})

        found = [product.id for stream in here.siigo.products.changes(began.started_at) async for product in stream]
        assert {edited["id"], new["id"]} <= set(found)


@pytest.mark.parametrize("name", ["quotations", "purchases", "taxes"])
async def test_lists_without_the_filter_tell_no_changes(local, name):
    async with local() as here:
        assert here.siigo[name].changes(NOON) is None


# What a list leaves out.


async def ids_on(streams):
    return [record.id for stream in streams for record in await stream.collect()]


@pytest.mark.parametrize("name", ["customers", "products"])
async def test_everything_and_what_changed_hold_records_that_are_not_in_use(local, name):
    async with local(records=0) as here:
        resource = here.siigo[name]
        kept = [here.vendor.add(name, {"active": number % 2 == 0})["id"] for number in range(10)]
        assert sorted(await ids_on(resource.everything())) == sorted(kept)
        assert sorted(await ids_on(resource.changes(datetime.now(UTC)))) == sorted(kept)
        assert {entry.query["active"] for entry in here.asked()} == {"true", "false"}


async def test_a_third_party_that_is_put_out_of_use_is_a_change_and_still_there(local):
    async with local(records=20) as here:
        began = here.siigo.customers.list()
        one = (await began.collect())[3]
        await here.siigo.customers.edit(one.id, active=False, custom_fields=None)
        assert one.id not in [customer.id for customer in await here.siigo.customers.list().collect()]
        assert one.id in await ids_on(here.siigo.customers.everything())
        (changed,) = [
            customer
            for stream in here.siigo.customers.changes(began.started_at)
            for customer in await stream.collect()
            if customer.active is False
        ]
        assert changed.id == one.id


async def test_each_of_the_lists_that_hold_everything_goes_on_where_it_stopped(local):
    async with local(records=0) as here:
        for number in range(10):
            here.vendor.add("customers", {"active": number % 2 == 0})
        in_use, others = here.siigo.customers.everything()
        for stream in (in_use, others):
            found = [customer.id for customer in await stream.collect(2)]
            resumed = here.siigo.customers.resume(Checkpoint.from_json(stream.checkpoint.to_json()))
            found += [customer.id for customer in await resumed.collect()]
            assert found == await ids_on([stream])
            assert len(found) == 5


@pytest.mark.parametrize("name", ["document_types", "payment_types"])
async def test_everything_holds_what_is_listed_for_each_kind_of_document(local, name):
    async with local() as here:
        known = {row["id"] for row in here.vendor.rows(name) if row.get("type") != "DS"}
        assert set(await ids_on(here.siigo[name].everything())) == known
        assert len(await here.siigo[name].list().collect()) < len(known)


async def test_everything_holds_the_types_of_support_documents_where_the_account_asks_for_them(local):
    async with local(account={"support_documents": True}) as here:
        known = {row["id"] for row in here.vendor.rows("document_types")}
        assert set(await ids_on(here.siigo.document_types.everything())) == known
        assert [entry.query["type"] for entry in here.asked()][-1] == "DS"


@pytest.mark.parametrize("name", ["invoices", "purchases", "taxes"])
async def test_other_lists_are_everything_by_themselves(local, name):
    async with local() as here:
        (stream,) = here.siigo[name].everything()
        assert await ids_on([stream]) == here.ids(name)
