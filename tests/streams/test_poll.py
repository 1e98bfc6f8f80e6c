"""Passes over a list: what counts as changed, when the next one is due, what a failure leaves alone."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import CredentialsRejected, PagingLoop, ServerError
from sagicc_async.records.poll import Poll


@pytest.fixture
def polled(fake_list, manual_clock):
    vendor = fake_list([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "c"}])
    poll = Poll(vendor.stream, identify=lambda record: record["id"], every=300, clock=manual_clock)
    return vendor, poll


async def after(clock, poll, seconds):
    step = asyncio.ensure_future(anext(poll))
    await clock.advance(seconds)
    return await step if step.done() else step


async def test_the_first_pass_is_made_at_once_and_all_of_it_is_new(polled):
    vendor, poll = polled

    first = await anext(poll)

    assert (first.number, first.snapshot, first.changed, first.removed) == (1, vendor.records, vendor.records, [])


async def test_what_differs_from_the_pass_before_is_told(polled, manual_clock):
    vendor, poll = polled
    await anext(poll)
    vendor.records = [{"id": 4, "name": "d"}, {"id": 3, "name": "c"}, {"id": 2, "name": "B"}]

    second = await after(manual_clock, poll, 300)

    assert second.snapshot == vendor.records
    assert second.changed == [{"id": 4, "name": "d"}, {"id": 2, "name": "B"}]
    assert (second.missed, second.removed) == ([{"id": 1, "name": "a"}], [])
    third = await after(manual_clock, poll, 300)
    assert (third.changed, third.missed, third.removed) == ([], [], [{"id": 1, "name": "a"}])
    fourth = await after(manual_clock, poll, 300)
    assert (fourth.changed, fourth.missed, fourth.removed) == ([], [], [])


async def test_a_record_that_slips_over_the_edge_of_a_page_is_not_removed(fake_list, manual_clock):
    vendor = fake_list([{"id": number} for number in range(1, 21)])
    poll = Poll(lambda: vendor.stream(size=10), identify=lambda record: record["id"], every=300, clock=manual_clock)
    await anext(poll)

    def slip(request):
        if request.params["page"] == 2:
            vendor.records = vendor.records[1:]  # the 11th is now on the page that was read already
            vendor.before = None

    vendor.before = slip
    second = await after(manual_clock, poll, 300)
    third = await after(manual_clock, poll, 300)

    assert ([record["id"] for record in second.missed], second.removed) == ([11], [])
    assert ([record["id"] for record in third.missed], third.changed, third.removed) == ([1], [], [])
    assert (await after(manual_clock, poll, 300)).removed == [{"id": 1}]


@pytest.mark.parametrize(
    "error", [ServerError("the vendor failed"), CredentialsRejected("refused"), PagingLoop("round and round")]
)
async def test_a_failed_pass_carries_its_error_and_forgets_nothing(polled, manual_clock, error):
    vendor, poll = polled
    first = await anext(poll)
    records, vendor.records = vendor.records, [{"id": 9}]

    def fail(request):
        raise error

    vendor.before = fail
    failed = await after(manual_clock, poll, 300)
    vendor.before, vendor.records = None, records[1:]
    third = await after(manual_clock, poll, 300)
    vendor.before = fail
    await after(manual_clock, poll, 300)
    vendor.before = None
    fifth = await after(manual_clock, poll, 300)

    assert (failed.number, failed.error, failed.snapshot) == (2, error, first.snapshot)
    assert (failed.changed, failed.missed, failed.removed) == ([], [], [])
    assert (third.number, third.changed, third.missed, third.removed) == (3, [], records[:1], [])
    assert (fifth.changed, fifth.missed, fifth.removed) == ([], [], records[:1])


async def test_a_failure_in_the_middle_of_the_list_is_no_removal(polled, manual_clock, fake_list):
    vendor, poll = polled
    await anext(poll)

    def fail(request):
        if request.params["page"] == 2:
            raise ServerError("the vendor failed")

    vendor.before = fail

    assert (await after(manual_clock, poll, 300)).removed == []


async def test_a_failure_at_first_counts_as_nothing_seen(polled, manual_clock):
    vendor, poll = polled

    def fail(request):
        raise ServerError("the vendor failed")

    vendor.before = fail
    failed = await anext(poll)
    vendor.before = None
    second = await after(manual_clock, poll, 300)

    assert (failed.snapshot, second.changed) == ([], vendor.records)


async def test_passes_begin_at_even_distances_however_long_they_take(polled, manual_clock):
    vendor, poll = polled
    vendor.before = lambda request: manual_clock.sleep(100) if request.params["page"] == 1 else None
    first = await after(manual_clock, poll, 100)
    assert first.number == 1

    step = await after(manual_clock, poll, 199)
    assert len(vendor.requests) == 2
    await manual_clock.advance(1)
    assert len(vendor.requests) == 3
    await manual_clock.advance(100)
    assert (await step).number == 2


async def test_a_pass_that_is_overdue_is_made_at_once_and_once(polled, manual_clock):
    _, poll = polled
    await anext(poll)
    await manual_clock.advance(1000)

    assert (await anext(poll)).number == 2
    step = await after(manual_clock, poll, 299)
    assert not step.done()
    await manual_clock.advance(1)
    assert (await step).number == 3


async def test_leaving_it_leaves_no_timer(polled, manual_clock):
    _, poll = polled
    await anext(poll)
    step = asyncio.ensure_future(anext(poll))
    await manual_clock.advance(10)
    step.cancel()
    await asyncio.wait({step})

    assert manual_clock.timers == []
