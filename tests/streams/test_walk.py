"""What a walk notices on its way: pages that repeat, lists that move, links that lead round in a circle."""

from __future__ import annotations

import datetime
from typing import ClassVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from sagicc_async import LinkPaging, NumberPaging, OffsetPaging, PagingLoop, ProtocolError, SinglePage, Stream
from sagicc_async.records.ids import Identity

#: Enough, since most tests run with each of eight strategies.
few = settings(max_examples=40, deadline=None)
STABLE = NumberPaging(number="page", size="size", stable=True)


@few
@given(size=st.integers(1, 9))
async def test_a_full_page_that_comes_again_is_a_loop(strategies, fake_list, size):
    vendor = fake_list(20, fixed=True)
    read = []

    with pytest.raises(PagingLoop, match="ignores the page number"):
        async for record in vendor.stream(strategies["number"], size=size):
            read.append(record["id"])  # noqa: PERF401 - what was read before the error counts

    assert read == list(range(1, size + 1))
    assert len(vendor.requests) == 2


@few
@given(length=st.integers(1, 9))
@pytest.mark.parametrize("name", ["number", "offset"])
async def test_a_short_page_that_comes_again_is_the_end(strategies, fake_list, name, length):
    vendor = fake_list(length, fixed=True)

    read = await vendor.stream(strategies[name], size=10).collect()

    assert [record["id"] for record in read] == list(range(1, length + 1))
    assert len(vendor.requests) == 2


async def test_pages_without_ids_are_recognised_by_their_records_whatever_stands_around_them(fake_list):
    same = fake_list([{"name": "a"}, {"name": "b"}], fixed=True)
    with pytest.raises(PagingLoop):
        await same.stream(size=2).collect()

    differing = fake_list([{"name": name} for name in "aabb"])
    assert len(await differing.stream(size=2).collect()) == 4


async def test_a_short_page_without_ids_that_comes_again_is_no_end_since_nobody_knows(fake_list):
    vendor = fake_list([{"name": "a"}] * 10, fixed=True)

    with pytest.raises(PagingLoop, match="all alike and have no ids"):
        await vendor.stream(size=50).collect()


async def test_a_short_page_that_comes_again_is_no_end_where_the_vendor_counts_more(strategies, fake_list):
    vendor = fake_list(20, cap=4, fixed=True)

    with pytest.raises(PagingLoop, match="ignores the page number"):
        await vendor.stream(strategies["number and total"], size=10).collect()


@pytest.mark.parametrize("cap", [None, 50])
async def test_pages_full_of_one_id_are_told_apart_by_all_that_they_hold(fake_list, cap):
    rows = [{"id": 7, "note": n} for n in range(220)] + [{"id": 8, "note": n} for n in range(10)]
    vendor = fake_list(rows, cap=cap)

    assert await vendor.stream(size=500 if cap else 50).collect() == rows


async def test_pages_with_the_same_ends_and_another_length_are_different(fake_list):
    vendor = fake_list([{"id": 1}, {"id": 2}, {"id": 3}, {"id": 1}, {"id": 3}])

    assert len(await vendor.stream(size=3).collect()) == 5


async def test_a_loop_is_seen_by_who_resumes_too(strategies, fake_list):
    vendor = fake_list(5, fixed=True)
    stream = vendor.stream(size=10)
    async for record in stream:
        if record["id"] == 3:
            break

    rest = await vendor.stream(size=10, resume=stream.checkpoint).collect()

    assert [record["id"] for record in rest] == [4, 5]


async def test_a_loop_carries_the_place_in_front_of_it(fake_list):
    vendor = fake_list(20, fixed=True)

    with pytest.raises(PagingLoop) as caught:
        await vendor.stream(size=5).collect()

    assert (caught.value.checkpoint.cursor, caught.value.checkpoint.index) == (1, 5)
    with pytest.raises(PagingLoop):
        await vendor.stream(size=5, resume=caught.value.checkpoint).collect()


@pytest.mark.parametrize("circle", [1, 2, 3, 7])
async def test_links_that_lead_round_in_a_circle_are_a_loop(fake_list, circle):
    vendor = fake_list(1000)
    links = [f"https://vendor.test/items?at={3 * n}&size=3" for n in range(1, circle + 1)]

    def answer_with_a_circle(request):
        at = int(request.path.partition("at=")[2].partition("&")[0] or 0)
        vendor.next = links[at // 3 % circle]

    vendor.before = answer_with_a_circle
    stream = vendor.stream(_Round(vendor), size=3)

    with pytest.raises(PagingLoop, match="comes one that was read before"):
        await stream.collect()

    assert len(vendor.requests) <= 4 * circle + 2


class _Round:
    """Link paging whose server's links are those of the test."""

    meta: ClassVar[dict[str, str]] = {}
    stable = False
    first = ""

    def __init__(self, vendor):
        self._vendor, self._links = vendor, LinkPaging(size="size")

    def after(self, cursor, page):
        return self._vendor.next

    def __getattr__(self, name):
        return getattr(self._links, name)


async def test_what_insertions_push_onto_the_next_page_is_handed_out_once_where_the_order_is_stable(fake_list):
    vendor = fake_list(9)

    def insert(request):
        if request.params["page"] == 2:
            vendor.records.insert(0, {"id": 100})

    vendor.before = insert
    stream = vendor.stream(STABLE, size=3)
    read = [record["id"] async for record in stream]

    assert read == list(range(1, 10))
    assert (stream.stats.duplicates, stream.stats.drifted) == (1, True)


async def test_where_no_order_is_promised_nothing_is_dropped(fake_list):
    vendor = fake_list([{"id": 1}, {"id": 2}, {"id": 2}, {"id": 3}])
    stream = vendor.stream(size=2)

    assert [record["id"] async for record in stream] == [1, 2, 2, 3]
    assert not stream.stats.drifted


async def test_records_without_ids_are_never_taken_for_one_another(fake_list):
    vendor = fake_list([{"name": "a"}, {"name": "a"}, {"name": "a"}])

    assert len(await vendor.stream(STABLE, size=2).collect()) == 3


async def test_several_insertions_between_two_pages_are_tolerated_where_the_order_is_stable(fake_list):
    vendor = fake_list(8)

    def insert(request):
        if request.params["page"] == 2:
            vendor.records[:0] = [{"id": 100}, {"id": 101}]

    vendor.before = insert
    stream = vendor.stream(STABLE, size=4)

    assert [record["id"] async for record in stream] == list(range(1, 9))
    assert stream.stats.duplicates == 2


async def test_a_page_of_insertions_cannot_be_told_from_a_server_that_does_not_page(fake_list):
    vendor = fake_list(8)

    def insert(request):
        if request.params["page"] == 2:
            vendor.records[:0] = [{"id": 100}, {"id": 101}]

    vendor.before = insert

    with pytest.raises(PagingLoop):
        await vendor.stream(STABLE, size=2).collect()


async def test_totals_that_move_are_told(strategies, fake_list):
    vendor = fake_list(7)

    def grow(request):
        if request.params["page"] == 2:
            vendor.records += [{"id": 8}, {"id": 9}, {"id": 10}, {"id": 11}]

    vendor.before = grow
    stream = vendor.stream(strategies["number and total"], size=3)
    read = [record["id"] async for record in stream]

    assert read == list(range(1, 12))
    assert (stream.stats.totals, stream.stats.drifted) == ([7, 11], True)
    assert [request.params["page"] for request in vendor.requests] == [1, 2, 3, 4]


async def test_a_total_that_shrinks_ends_the_list_early_and_says_that_it_drifted(strategies, fake_list):
    vendor = fake_list(9)

    def shrink(request):
        if request.params["page"] == 2:
            del vendor.records[0]

    vendor.before = shrink
    stream = vendor.stream(strategies["number and total"], size=3)
    read = [record["id"] async for record in stream]

    assert read == [1, 2, 3, 5, 6, 7, 8, 9]  # 4 has slipped onto a page that was read: only a new run finds it
    assert stream.stats.totals == [9, 8]
    assert stream.stats.drifted


@pytest.mark.parametrize("body", [b'{"items":[],"total":9}', b'{"items":[]}'])
@pytest.mark.parametrize("name", ["number and total", "link"])
async def test_a_list_that_ends_before_its_total_says_how_many_are_missing(strategies, fake_list, name, body):
    vendor = fake_list(9)
    paging = attrs.evolve(strategies[name], total="total")
    stream = Stream(attrs.evolve(vendor.plan(paging, size=3), fetch=_emptied(vendor, behind=2, body=body)))

    read = [record["id"] async for record in stream]

    assert read == [1, 2, 3, 4, 5, 6]
    assert (stream.stats.missing, stream.stats.drifted) == (3, True)


async def test_nothing_is_missing_from_a_list_that_was_entered_in_its_middle(strategies, fake_list):
    vendor = fake_list(9)
    stream = vendor.stream(strategies["number and total"], size=3, start=2)

    await stream.collect()

    assert (stream.stats.missing, stream.stats.drifted) == (0, False)


async def test_an_empty_answer_is_no_end_of_a_list_with_a_total(strategies, fake_list):
    vendor = fake_list(9)
    plan = vendor.plan(strategies["number and total"], size=3)

    with pytest.raises(ProtocolError, match="got an empty body"):
        await Stream(attrs.evolve(plan, fetch=_emptied(vendor, behind=2, body=b" "))).collect()


async def test_an_empty_answer_ends_a_list_without_a_total(strategies, fake_list):
    vendor = fake_list(9)
    plan = vendor.plan(strategies["number"], size=3)

    assert len(await Stream(attrs.evolve(plan, fetch=_emptied(vendor, behind=2, body=b" "))).collect()) == 6


def _emptied(vendor, *, behind, body):
    """What fetches the first pages of a list, and this body for the others."""

    async def fetch(request, params, on_sent):
        answer = await vendor.fetch(request, params, on_sent)
        return answer if len(vendor.requests) <= behind else attrs.evolve(answer, body=body)

    return fetch


async def test_statistics_count_what_was_read(fake_list):
    vendor = fake_list(10, cap=4)
    stream = vendor.stream(size=5)

    await stream.collect()

    assert (stream.stats.pages, stream.stats.records, stream.stats.short_pages) == (4, 10, 2)
    assert not stream.stats.drifted


async def test_the_start_is_told_by_the_vendors_clock(fake_list):
    stream = fake_list(5).stream()

    assert stream.started_at is None
    await stream.collect()
    assert stream.started_at == datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


async def test_the_clock_of_a_later_page_does_not_stand_in_for_that_of_the_first(fake_list):
    vendor = fake_list(9)

    async def fetch(request, params, on_sent):
        answer = await vendor.fetch(request, params, on_sent)
        return answer if len(vendor.requests) > 1 else attrs.evolve(answer, headers=CIMultiDictProxy(CIMultiDict()))

    stream = Stream(attrs.evolve(vendor.plan(NumberPaging(number="page", size="size"), size=3), fetch=fetch))
    await stream.collect()

    assert stream.started_at is None  # what changed between the two pages would count as seen


async def test_a_list_that_begins_at_a_later_page_does_not_trust_the_total_for_its_end(strategies, fake_list):
    vendor = fake_list(9)

    read = await vendor.stream(strategies["number and total"], size=3, start=2).collect()

    assert [record["id"] for record in read] == [4, 5, 6, 7, 8, 9]


async def test_one_list_in_one_answer_is_asked_for_once(fake_list):
    vendor = fake_list(5)

    assert len(await vendor.stream(SinglePage(), size=2).collect()) == 5
    assert [request.params for request in vendor.requests] == [{"q": "a"}]


async def test_an_offset_beyond_a_list_that_shrank_ends_it(fake_list):
    vendor = fake_list(9)
    vendor.before = lambda request: vendor.records.clear() if request.params["offset"] else None

    assert len(await vendor.stream(OffsetPaging(offset="offset", limit="size"), size=3).collect()) == 3


async def test_a_loop_of_links_is_told_without_their_queries(fake_list):
    vendor = fake_list(1000)
    vendor.next = "https://vendor.test/items?nit=900123456"

    with pytest.raises(PagingLoop) as caught:
        await vendor.stream(_Round(vendor), size=3).collect()

    assert "https://vendor.test/items" in str(caught.value)
    assert "900123456" not in str(caught.value)


@pytest.mark.parametrize("ids", [[1, 2, 2, 3], ["a", "b", "b", "c"], [{"n": 1}, {"n": 2}, {"n": 2}, {"n": 3}]])
async def test_neighbouring_pages_are_compared_by_ids_of_any_kind(fake_list, ids):
    vendor = fake_list([{"id": key} for key in ids])
    paging = NumberPaging(number="page", size="size", stable=True)
    stream = vendor.stream(paging, size=2, identify=Identity().of_mapping, keys=Identity().of_mappings)
    read = await stream.collect()
    assert [record["id"] for record in read] == [ids[0], ids[1], ids[3]]
    assert stream.stats.duplicates == 1


def test_records_without_a_field_for_ids_have_no_keys():
    assert Identity().of_records([object(), object()]) == [None, None]
