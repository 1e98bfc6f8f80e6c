"""The catalogues that documents refer to: read once for everybody, and by nobody for longer than it has time."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from sagicc_async import ConfigError, Deadline, DeadlineExceeded, NotFound, Priority, RetryPolicy, ServerError
from sagicc_async_siigo.catalogue import TTL

#: Method of the catalogue, its arguments, and the path that it reads.
CATALOGUES = {
    "taxes": ((), "taxes"),
    "document_types": (("FV",), "document-types"),
    "payment_types": (("FV",), "payment-types"),
    "users": ((), "users"),
    "account_groups": ((), "account-groups"),
    "price_lists": ((), "price-lists"),
    "warehouses": ((), "warehouses"),
    "cost_centers": ((), "cost-centers"),
    "fixed_assets": ((), "fixed-assets"),
}


async def turns(count=3):
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("name", CATALOGUES)
async def test_a_catalogue_is_a_mapping_from_id_that_is_read_once(local, name):
    arguments, path = CATALOGUES[name]
    async with local() as here:
        catalogue = here.siigo.catalogue()
        found = await getattr(catalogue, name)(*arguments)

        assert found
        assert all(record.id == key for key, record in found.items())
        assert await getattr(here.siigo.catalogue(), name)(*arguments) is found
        assert len(here.asked(path)) == 1


async def test_each_kind_of_document_has_its_own(local):
    async with local() as here:
        catalogue = here.siigo.catalogue()
        invoices, notes = await catalogue.document_types("FV"), await catalogue.document_types("NC")
        assert not set(invoices) & set(notes)
        assert {kind.type for kind in notes.values()} == {"NC"}
        await catalogue.payment_types("FC")
        await catalogue.payment_types("FV")
        assert [entry.query for entry in here.asked("types")] == [
            {"type": "FV"},
            {"type": "NC"},
            {"document_type": "FC"},
            {"document_type": "FV"},
        ]


async def test_many_callers_make_one_request(local):
    async with local() as here:
        found = await asyncio.gather(*(here.siigo.catalogue().taxes() for _ in range(200)))
        assert all(one is found[0] for one in found)
        assert len(here.asked()) == 1


async def test_several_pages_of_users_are_read_whole(local):
    async with local(account={"page_size": 10}) as here:
        assert list(await here.siigo.catalogue().users()) == here.ids("users")
        assert len(here.asked("users")) == 3


# For how long.


async def test_it_is_read_again_when_it_is_older_than_its_time(local, manual_clock):
    async with local(clock=manual_clock) as here:
        for seconds, requests in ((0, 1), (TTL - 1, 1), (2, 2), (TTL, 2), (1, 3)):
            manual_clock.set(now=manual_clock.now() + seconds)
            await here.siigo.catalogue().taxes()
            assert len(here.asked()) == requests


async def test_who_wants_it_newer_reads_it_for_all(local, manual_clock):
    async with local(clock=manual_clock) as here:
        patient, hasty = here.siigo.catalogue(), here.siigo.catalogue(ttl=10)
        await patient.taxes()
        manual_clock.set(now=manual_clock.now() + 11)
        assert await hasty.taxes() is await patient.taxes()
        assert len(here.asked()) == 2


@pytest.mark.parametrize("ttl", [-1, float("nan")])
async def test_a_time_that_is_none_is_refused(local, ttl):
    async with local() as here:
        with pytest.raises(ConfigError, match="ttl is a number of seconds"):
            here.siigo.catalogue(ttl=ttl)


async def test_what_is_forgotten_is_read_again_by_all_views(local):
    async with local() as here:
        one, other = here.siigo.catalogue(), here.siigo.catalogue()
        await one.taxes()
        await one.warehouses()
        here.vendor.add("taxes", {"id": 1, "name": "nuevo"})
        assert 1 not in await other.taxes()
        other.clear()
        assert 1 in await one.taxes()
        await one.warehouses()
        assert len(here.asked()) == 4


async def test_what_is_forgotten_while_it_is_read_is_not_kept(local):
    async with local() as here:
        catalogue = here.siigo.catalogue()
        hold = here.vendor.fault("hold", path="taxes", times=1)
        reader = asyncio.ensure_future(catalogue.taxes())
        await here.vendor.until(lambda stats: stats.by_status[200] == 1 and stats.in_flight == 1)
        catalogue.clear()
        here.vendor.clear_faults(hold)
        assert await reader
        here.vendor.add("taxes", {"id": 1, "name": "nuevo"})

        assert 1 in await catalogue.taxes()
        assert len(here.asked()) == 2


# Readers who leave, or have no time.


async def test_a_reader_who_is_cancelled_does_not_take_the_others_along(local):
    async with local() as here:
        catalogue = here.siigo.catalogue()
        hold = here.vendor.fault("hold", path="taxes")
        readers = [asyncio.ensure_future(catalogue.taxes()) for _ in range(20)]
        await here.vendor.until(lambda stats: stats.in_flight == 1 and stats.logins == 1)
        readers[0].cancel()  # who reads
        readers[7].cancel()  # who waits
        await turns()
        assert [reader.cancelled() for reader in readers] == [number in (0, 7) for number in range(20)]
        here.vendor.clear_faults(hold)
        rest = await asyncio.gather(*readers, return_exceptions=True)

        assert len([one for one in rest if isinstance(one, dict)]) == 18
        assert len(here.asked()) <= 2
        assert await catalogue.taxes() is rest[1]


@pytest.mark.parametrize("way", ["given", "around", "setting"])
async def test_a_deadline_holds_for_waiting_too(local, way):
    async with local(account={"deadline": 0.05 if way == "setting" else None}) as here:
        await here.siigo.account.company_id()
        catalogue = here.siigo.catalogue()
        hold = here.vendor.fault("hold", path="taxes")
        reader = asyncio.ensure_future(catalogue.taxes(deadline=60))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        around = Deadline(0.05) if way == "around" else contextlib.nullcontext()
        with around, pytest.raises(DeadlineExceeded, match="waited for the catalogue of taxes"):
            await catalogue.taxes(deadline=0.05 if way == "given" else None)
        assert not reader.done()
        here.vendor.clear_faults(hold)

        assert await reader is await catalogue.taxes(deadline=0.05)
        assert len(here.asked()) == 1


async def test_a_reader_without_time_leaves_the_reading_to_the_next(local):
    async with local() as here:
        catalogue = here.siigo.catalogue()
        await catalogue.warehouses()
        hold = here.vendor.fault("hold", path="taxes", times=1)
        hasty = asyncio.ensure_future(catalogue.taxes(deadline=0.5))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        patient = asyncio.ensure_future(catalogue.taxes())
        with pytest.raises(DeadlineExceeded):
            await hasty
        assert await patient
        here.vendor.clear_faults(hold)
        assert len(here.asked("taxes")) == 2


async def test_a_deadline_spans_all_pages(local):
    async with local(account={"page_size": 10}) as here:
        await here.siigo.catalogue().taxes()
        here.vendor.fault("hold", path="users", query={"page": 3})
        with pytest.raises(DeadlineExceeded):
            await here.siigo.catalogue().users(deadline=0.3)
        here.vendor.clear_faults()


# What fails.


async def test_a_failure_is_shared_by_those_who_wait_for_it_and_not_kept(local):
    async with local(manager={"retry": RetryPolicy(attempts=2, base=0)}) as here:
        catalogue = here.siigo.catalogue()
        here.vendor.fault("status", path="taxes", status=500, times=2)
        errors = await asyncio.gather(*(catalogue.taxes() for _ in range(50)), return_exceptions=True)

        assert {type(error) for error in errors} == {ServerError}
        assert len({id(error) for error in errors}) == 50
        assert len(here.asked()) == 2
        assert await catalogue.taxes()
        assert len(here.asked()) == 3


async def test_each_of_two_failures_is_raised(local):
    async with local(manager={"retry": RetryPolicy(attempts=1)}) as here:
        catalogue = here.siigo.catalogue()
        here.vendor.fault("status", path="taxes", status=404)
        for number in (1, 2):
            with pytest.raises(NotFound):
                await catalogue.taxes()
            assert len(here.asked()) == number


async def test_a_catalogue_is_read_before_bulk_work(local, manual_clock):
    async with local(clock=manual_clock, account={"requests": 2}) as here:
        await here.siigo.request("GET", "v1/warehouses")  # with the login, the minute is full
        bulk = asyncio.ensure_future(here.siigo.products.list().first())
        await turns()
        catalogue = asyncio.ensure_future(here.siigo.catalogue().taxes())
        await turns()
        await manual_clock.advance(61)
        async with asyncio.timeout(5):
            assert await catalogue
        assert [entry.path for entry in here.asked()][1] == "/v1/taxes"
        bulk.cancel()
        await asyncio.gather(bulk, return_exceptions=True)
        assert Priority.NORMAL < Priority.BULK
