"""Resuming: exact on data that does not move; insertions are tolerated, deletions reported, a lost place is told."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagicc_async import Checkpoint, CheckpointMismatch, PagingLoop, ServerError

#: Enough, since most tests run with each of eight strategies.
few = settings(max_examples=40, deadline=None)
LENGTH = st.integers(0, 25)
SIZE = st.integers(1, 8)
CAP = st.none() | st.integers(1, 8)


def again(place: Checkpoint) -> Checkpoint:
    return Checkpoint.from_json(place.to_json())


def ids(records) -> list[int]:
    return [record["id"] for record in records]


@few
@given(length=LENGTH, size=SIZE, cap=CAP, stop=st.integers(0, 25))
async def test_behind_any_record_the_rest_follows(*, strategy, fake_list, length, size, cap, stop):
    vendor = fake_list(length, cap=cap).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=size)
    read = await stream.collect(stop)

    rest = await vendor.stream(strategy, size=size, resume=again(stream.checkpoint)).collect()

    assert ids(read + rest) == list(range(1, length + 1))


async def test_the_next_watermark_of_a_resumed_list_is_the_moment_at_which_it_was_begun(fake_list):
    vendor = fake_list(9)
    stream = vendor.stream()
    await stream.collect(4)
    begun, place = stream.started_at, again(stream.checkpoint)
    vendor.date = "Mon, 23 Nov 2026 09:00:00 GMT"

    resumed = vendor.stream(resume=place)
    await resumed.collect(2)
    twice = vendor.stream(resume=again(resumed.checkpoint))
    await twice.collect()

    assert begun is not None
    assert resumed.started_at == twice.started_at == begun


async def test_a_checkpoint_that_does_not_know_when_its_list_was_begun_gives_no_watermark(fake_list):
    vendor = fake_list(9)
    stream = vendor.stream()
    await stream.collect(4)

    resumed = vendor.stream(resume=attrs.evolve(stream.checkpoint, started_at=None))
    await resumed.collect()

    assert resumed.started_at is None  # what changed between the two runs is on pages that were read before


async def test_a_checkpoint_of_the_beginning_is_begun_by_who_resumes(fake_list):
    vendor = fake_list(9)

    resumed = vendor.stream(resume=again(vendor.stream().checkpoint))
    await resumed.collect()

    assert resumed.started_at is not None


@pytest.mark.parametrize("name", ["offset", "offset and total", "number"])
async def test_the_place_is_found_in_the_page_before_where_the_vendor_caps_pages(strategies, fake_list, name):
    vendor = fake_list(40, cap=5)
    stream = vendor.stream(strategies[name], size=20)
    read = await stream.collect(21)
    del vendor.records[:2]

    resumed = vendor.stream(strategies[name], size=20, resume=again(stream.checkpoint))

    assert ids(read + await resumed.collect()) == list(range(1, 41))
    assert resumed.stats.deleted == 2


@pytest.mark.parametrize("name", ["offset", "offset and total"])
async def test_the_place_is_found_in_the_page_before_where_the_list_ends_in_it(strategies, fake_list, name):
    vendor = fake_list(30)
    stream = vendor.stream(strategies[name], size=10)
    await stream.collect(22)
    del vendor.records[:11]  # 19 are left, and the page at offset 10 is a short one

    resumed = vendor.stream(strategies[name], size=10, resume=again(stream.checkpoint))

    assert ids(await resumed.collect()) == list(range(23, 31))
    assert resumed.stats.deleted == 11


COUNTED = pytest.mark.parametrize("name", ["number and total", "offset and total"])


@COUNTED
async def test_a_resumed_list_that_ends_before_its_total_says_so(strategies, fake_list, name):
    vendor = fake_list(18, total=30)
    stream = vendor.stream(strategies[name], size=6)
    await stream.collect(8)

    resumed = vendor.stream(strategies[name], size=6, resume=again(stream.checkpoint))
    await resumed.collect()

    assert (resumed.stats.missing, resumed.stats.drifted) == (12, True)


@COUNTED
async def test_a_resumed_list_asks_for_no_page_behind_its_end(strategies, fake_list, name):
    vendor = fake_list(18)
    stream = vendor.stream(strategies[name], size=6)
    await stream.collect(8)
    twice = vendor.stream(strategies[name], size=6, resume=again(stream.checkpoint))
    await twice.collect(2)
    vendor.counts.clear()

    await vendor.stream(strategies[name], size=6, resume=again(twice.checkpoint)).collect()

    assert vendor.counts == [6, 6]


@COUNTED
async def test_a_resumed_list_counts_from_where_its_place_has_moved(strategies, fake_list, name):
    vendor = fake_list(20)
    stream = vendor.stream(strategies[name], size=4)
    await stream.collect(9)
    del vendor.records[:2]

    resumed = vendor.stream(strategies[name], size=4, resume=again(stream.checkpoint))

    assert ids(await resumed.collect()) == list(range(10, 21))
    assert resumed.stats.missing == 0


@COUNTED
async def test_a_total_that_changed_before_the_resume_shows_that_a_list_without_ids_moved(strategies, fake_list, name):
    vendor = fake_list([{"name": letter} for letter in "abcdefgh"])
    stream = vendor.stream(strategies[name], size=3)
    await stream.collect(4)
    del vendor.records[0]

    resumed = vendor.stream(strategies[name], size=3, resume=again(stream.checkpoint))
    await resumed.collect()

    assert resumed.stats.drifted


async def test_that_the_list_moved_is_not_forgotten_by_who_resumes(strategies, fake_list):
    vendor = fake_list(12)
    vendor.before = lambda request: vendor.records.append({"id": 13}) if len(vendor.requests) == 2 else None
    stream = vendor.stream(strategies["number and total"], size=4)
    await stream.collect(6)
    assert stream.stats.drifted

    resumed = vendor.stream(strategies["number and total"], size=4, resume=again(stream.checkpoint))
    await resumed.collect()

    assert resumed.stats.drifted


@pytest.mark.parametrize("cursor", ["abc", "2", "https://vendor.test/items?at=3"])
@pytest.mark.parametrize("name", ["number", "offset and total"])
async def test_a_cursor_that_is_no_place_is_told_before_anything_is_sent(strategies, fake_list, name, cursor):
    vendor = fake_list(9)
    stream = vendor.stream(strategies[name])
    await stream.collect(4)
    sent = len(vendor.requests)

    with pytest.raises(CheckpointMismatch, match="no place in this list"):
        await vendor.stream(strategies[name], resume=attrs.evolve(stream.checkpoint, cursor=cursor)).collect()

    assert len(vendor.requests) == sent


@few
@given(length=LENGTH, size=SIZE, cap=CAP)
async def test_behind_any_page_the_rest_follows(strategy, fake_list, length, size, cap):
    vendor = fake_list(length, cap=cap).counting_from(strategy.first)
    read = []

    async for page in vendor.stream(strategy, size=size).pages():
        read += page.items
        resumed = vendor.stream(strategy, size=size, resume=again(page.checkpoint))
        assert ids(read + await resumed.collect()) == list(range(1, length + 1))
        assert not resumed.stats.drifted


@few
@given(length=LENGTH, size=SIZE, stops=st.lists(st.integers(0, 9), max_size=6))
async def test_a_stream_can_be_resumed_again_and_again(strategy, fake_list, length, size, stops):
    vendor = fake_list(length).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=size)
    read = []

    for stop in [*stops, None]:
        read += await stream.collect(stop)
        stream = vendor.stream(strategy, size=size, resume=again(stream.checkpoint))

    assert ids(read) == list(range(1, length + 1))


@few
@given(length=LENGTH, size=SIZE, stop=st.integers(0, 25), data=st.data())
async def test_records_that_share_an_id_or_have_none_are_found_by_their_place(
    *, strategy, fake_list, length, size, stop, data
):
    keys = data.draw(st.lists(st.sampled_from([None, 1, 2]), min_size=length, max_size=length))
    vendor = fake_list([{"id": key, "n": n} for n, key in enumerate(keys)]).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=size, identify=_sometimes)
    read = await _collected_or_loop(stream, stop)

    rest = await _collected_or_loop(vendor.stream(strategy, size=size, identify=_sometimes, resume=stream.checkpoint))

    if read is not None and rest is not None:
        assert read + rest == vendor.records


def _sometimes(record):
    return None if record["id"] is None else str(record["id"])


async def _collected_or_loop(stream, limit=None):
    try:
        return await stream.collect(limit)
    except PagingLoop:  # pages of equal ids cannot be told apart from one that is sent again
        return None


@few
@given(
    length=st.integers(1, 30),
    size=SIZE,
    stop=st.integers(1, 30),
    new=st.lists(st.integers(0, 29), max_size=12),
    gone=st.sets(st.integers(1, 30), max_size=12),
)
@pytest.mark.parametrize("name", ["number", "offset"])
async def test_a_list_that_moved_goes_on_behind_what_is_left_of_the_place(
    *, strategies, fake_list, name, length, size, stop, new, gone
):
    paging, vendor, stop = strategies[name], fake_list(length), min(stop, length)
    stream = vendor.stream(paging, size=size)
    await stream.collect(stop)
    place = again(stream.checkpoint)
    for number, position in enumerate(new):
        vendor.records.insert(min(position, stop - 1), {"id": 1000 + number})
    vendor.records = [record for record in vendor.records if record["id"] not in gone]
    after = ids(vendor.records)
    page = (stop - 1) // size
    in_reach = range((page - 1) * size, (page + 2) * size)
    anchors = [key for key in map(int, reversed(place.ids)) if key in after and after.index(key) in in_reach]

    resumed = vendor.stream(paging, size=size, resume=place)

    if not anchors:
        with pytest.raises(CheckpointMismatch, match="gone from the list; start it anew") as caught:
            await resumed.collect()
        assert caught.value.checkpoint == place
        return
    assert ids(await resumed.collect()) == after[after.index(anchors[0]) + 1 :]
    stats = resumed.stats
    if len(after) >= page * size:  # else the page before has become the last, and nobody knows how long it was
        assert stats.inserted - stats.deleted == after.index(anchors[0]) + 1 - stop
    assert stats.deleted >= place.ids[::-1].index(str(anchors[0]))
    assert stats.drifted == bool(stats.inserted or stats.deleted)


async def test_insertions_in_front_of_the_place_are_tolerated(strategy, fake_list):
    vendor = fake_list(12).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=4)
    await stream.collect(7)
    vendor.records[:0] = [{"id": 100}, {"id": 101}]

    resumed = vendor.stream(strategy, size=4, resume=stream.checkpoint)

    assert ids(await resumed.collect()) == [8, 9, 10, 11, 12]
    assert (resumed.stats.inserted, resumed.stats.deleted, resumed.stats.drifted) == (2, 0, True)


@pytest.mark.parametrize("name", ["number", "number from 0", "offset", "number and total", "offset and total"])
async def test_deletions_in_front_of_the_place_are_reported_and_nothing_is_lost(strategies, fake_list, name):
    vendor = fake_list(12).counting_from(strategies[name].first)
    stream = vendor.stream(strategies[name], size=4)
    await stream.collect(5)
    vendor.records = [record for record in vendor.records if record["id"] not in (2, 5)]

    resumed = vendor.stream(strategies[name], size=4, resume=stream.checkpoint)

    assert ids(await resumed.collect()) == [6, 7, 8, 9, 10, 11, 12]
    assert (resumed.stats.deleted, resumed.stats.drifted) == (2, True)


async def test_links_lead_forward_only_so_a_place_that_slipped_back_is_lost(strategies, fake_list):
    vendor = fake_list(12)
    stream = vendor.stream(strategies["link"], size=4)
    await stream.collect(5)
    vendor.records = vendor.records[1:]

    with pytest.raises(CheckpointMismatch, match="gone from the list"):
        await vendor.stream(strategies["link"], size=4, resume=stream.checkpoint).collect()


async def test_a_place_that_is_gone_is_told(fake_list):
    vendor = fake_list(12)
    stream = vendor.stream()
    await stream.collect(7)
    vendor.records = [record for record in vendor.records if record["id"] not in (5, 6, 7)]

    with pytest.raises(CheckpointMismatch, match="fake items: the records at which the stream stopped are gone"):
        await vendor.stream(resume=stream.checkpoint).collect()


async def test_what_was_appended_since_the_end_is_read(strategy, fake_list):
    vendor = fake_list(7).counting_from(strategy.first)
    stream = vendor.stream(strategy)
    await stream.collect()
    vendor.records += [{"id": 8}, {"id": 9}]

    resumed = vendor.stream(strategy, resume=again(stream.checkpoint))

    assert ids(await resumed.collect()) == [8, 9]
    assert not resumed.stats.drifted


@few
@given(length=st.integers(1, 25), size=SIZE, failing=st.integers(1, 12))
async def test_an_error_carries_the_place_from_which_everything_goes_on(strategy, fake_list, length, size, failing):
    vendor = fake_list(length).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=size)
    vendor.before = _fails_at(vendor, failing)
    read, place = [], None

    try:
        async for record in stream:
            read.append(record)  # noqa: PERF401 - what was read before the failure counts
    except ServerError as error:
        vendor.before = None
        place = error.checkpoint
        read += await vendor.stream(strategy, size=size, resume=again(place)).collect()

    assert place is None or place == stream.checkpoint
    assert ids(read) == list(range(1, length + 1))


@few
@given(length=st.integers(1, 25), size=SIZE, failing=st.integers(1, 12))
async def test_an_error_between_pages_carries_the_place_too(strategy, fake_list, length, size, failing):
    vendor = fake_list(length).counting_from(strategy.first)
    stream = vendor.stream(strategy, size=size)
    vendor.before = _fails_at(vendor, failing)
    read = []

    try:
        async for page in stream.pages():
            read += page.items
    except ServerError as error:
        vendor.before = None
        resumed = vendor.stream(strategy, size=size, resume=again(error.checkpoint))
        read += [record async for page in resumed.pages() for record in page.items]

    assert ids(read) == list(range(1, length + 1))


def _fails_at(vendor, number):
    def fail(request):
        if len(vendor.requests) == number:
            raise ServerError("the vendor failed")

    return fail


async def test_a_failure_while_the_place_is_looked_for_leaves_the_checkpoint_as_it_was(strategies, fake_list):
    vendor = fake_list(12)
    stream = vendor.stream(size=4)
    await stream.collect(5)
    place = stream.checkpoint
    vendor.records = vendor.records[1:]
    resumed = vendor.stream(size=4, resume=place)
    vendor.before = _fails_at(vendor, len(vendor.requests) + 2)

    iteration = aiter(resumed)
    with pytest.raises(ServerError) as caught:
        await anext(iteration)

    assert caught.value.checkpoint == place == resumed.checkpoint
    assert (await anext(iteration))["id"] == 6
    assert resumed.stats.deleted == 1


async def test_a_resumed_stream_begins_at_its_place_each_time(fake_list):
    vendor = fake_list(7)
    stream = vendor.stream()
    await stream.collect(4)

    resumed = vendor.stream(resume=stream.checkpoint)

    assert ids(await resumed.collect()) == ids(await resumed.collect()) == [5, 6, 7]
    assert (await resumed.first())["id"] == 5


async def test_without_ids_a_page_too_short_for_the_place_reports_a_deletion(fake_list):
    vendor = fake_list([{"n": n} for n in range(9)])
    stream = vendor.stream(size=3)
    read = await stream.collect(6)
    del vendor.records[4:]

    again = vendor.stream(size=3, resume=stream.checkpoint)

    assert (len(read), await again.collect()) == (6, [])
    assert (again.stats.deleted, again.stats.drifted) == (2, True)


async def test_a_list_goes_on_with_the_page_size_that_it_began_with(fake_list, strategies):
    vendor = fake_list(10)
    stream = vendor.stream(strategies["number"], size=4)
    await anext(aiter(stream))
    place = stream.checkpoint

    resumed = vendor.stream(strategies["number"], size=3).resume(place)

    assert [record["id"] for record in await resumed.collect()] == list(range(2, 11))
    assert {request.params["size"] for request in vendor.requests} == {4}
    assert resumed.checkpoint.query["size"] == 4
