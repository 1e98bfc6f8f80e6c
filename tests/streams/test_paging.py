"""Laws of paging: each record once and in order, whatever the length of the list, the page size and the server's cap."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from sagicc_async import LinkPaging, NumberPaging, OffsetPaging, SinglePage, Unsupported
from sagicc_async.errors import ConfigError
from sagicc_async.records.convert import RawReader
from sagicc_async.records.paging import PageFacts, links_of

#: Enough, since most tests run with each of eight strategies.
few = settings(max_examples=40, deadline=None)
LENGTH = st.integers(0, 40)
SIZE = st.integers(1, 12)
CAP = st.none() | st.integers(1, 12)


@few
@given(length=LENGTH, size=SIZE, cap=CAP)
async def test_each_record_is_read_once_and_the_reading_ends(strategy, fake_list, length, size, cap):
    vendor = fake_list(length, cap=cap).counting_from(strategy.first)

    read = await vendor.stream(strategy, size=size).collect()

    assert [record["id"] for record in read] == list(range(1, length + 1))


@few
@given(length=LENGTH, size=SIZE, cap=CAP)
@pytest.mark.parametrize("name", ["number", "number from 0", "offset"])
async def test_a_list_without_a_total_ends_on_an_empty_page_never_on_a_short_one(
    *, strategies, fake_list, name, length, size, cap
):
    vendor = fake_list(length, cap=cap).counting_from(strategies[name].first)

    await vendor.stream(strategies[name], size=size).collect()

    assert vendor.counts[-1] == 0
    assert 0 not in vendor.counts[:-1]


@few
@given(length=LENGTH, size=SIZE, cap=CAP)
@pytest.mark.parametrize("name", ["number and total", "offset and total", "link", "link header"])
async def test_no_page_is_asked_for_behind_a_known_end(*, strategies, fake_list, name, length, size, cap):
    vendor = fake_list(length, cap=cap)

    await vendor.stream(strategies[name], size=size).collect()

    assert len(vendor.requests) == max(1, math.ceil(length / min(size, cap or size)))


@few
@given(length=LENGTH, size=SIZE, cap=CAP)
async def test_pages_hold_the_same_records_as_the_stream(strategy, fake_list, length, size, cap):
    vendor = fake_list(length, cap=cap).counting_from(strategy.first)

    pages = [page async for page in vendor.stream(strategy, size=size).pages()]

    assert [record["id"] for page in pages for record in page.items] == list(range(1, length + 1))
    assert all(page.items for page in pages)


@few
@given(number=st.integers(1, 5), size=SIZE, length=LENGTH)
@pytest.mark.parametrize("name", ["number", "number from 0", "offset"])
async def test_a_page_has_the_same_number_in_every_way_of_counting(
    *, strategies, fake_list, name, number, size, length
):
    vendor = fake_list(length).counting_from(strategies[name].first)

    page = await vendor.stream(strategies[name], size=99).page(number, size=size)

    assert page.items == vendor.records[(number - 1) * size : number * size]
    assert page.size == size


@few
@given(size=SIZE, number=st.integers(2, 50))
@pytest.mark.parametrize("name", ["number", "number from 0", "offset"])
def test_the_page_before_leads_back_to_the_page(strategies, name, size, number):
    paging = strategies[name]
    cursor = paging.numbered(number, size)

    before = paging.before(cursor, size)

    assert paging.after(before, PageFacts(count=size, size=size)) == cursor
    assert paging.before(paging.first, size) is None


@few
@given(offset=st.integers(1, 40), size=st.integers(1, 50))
def test_the_page_before_never_lies_in_front_of_the_list(strategies, offset, size):
    assert strategies["offset"].before(offset, size) >= 0


@few
@given(size=SIZE, cap=SIZE, length=LENGTH)
async def test_a_capped_server_leaves_no_hole_behind_an_offset(strategies, fake_list, size, cap, length):
    assume(cap < size < length)
    vendor = fake_list(length, cap=cap)
    stream = vendor.stream(strategies["offset"], size=size)

    await stream.collect()

    assert [request.params["offset"] for request in vendor.requests[:2]] == [0, cap]
    assert stream.stats.short_pages == math.ceil(length / cap) - 1


def test_links_know_only_the_first_page_by_number(strategies):
    assert strategies["link"].numbered(1, 50) == ""
    for paging in (strategies["link"], SinglePage()):
        with pytest.raises(Unsupported):
            paging.numbered(2, 50)


def test_a_link_is_asked_for_as_it_is():
    paging = LinkPaging(size="size", next="next")

    assert (paging.link(""), paging.params("", 50)) == (None, {"size": 50})
    assert (paging.link("https://x/2"), paging.params("https://x/2", 50)) == ("https://x/2", {})


async def test_the_link_of_the_next_page_carries_the_whole_query(strategies, fake_list):
    vendor = fake_list(5)

    await vendor.stream(strategies["link"], size=3).collect()

    first, second = vendor.requests
    assert (first.path, first.params) == ("items", {"q": "a", "size": 3})
    assert (second.path, second.params) == ("https://vendor.test/items?at=3&size=3", {})


@pytest.mark.parametrize("total", [None, "7", True, 7.5, -1])
def test_a_total_that_is_no_number_of_records_ends_nothing(total: Any):
    paging = NumberPaging(number="page", size="size", total="total")

    assert paging.after(1, PageFacts(count=3, size=3, meta={"total": total}, seen=3)) == 2


@pytest.mark.parametrize("name", ["number and total", "offset and total"])
async def test_a_total_that_is_passed_counts_something_else_and_ends_nothing(strategies, fake_list, name):
    vendor = fake_list(25, total=3)  # the number of its pages, say

    assert len(await vendor.stream(strategies[name], size=10).collect()) == 25


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ("", {}),
        ('<https://x/2>; rel="next"', {"next": "https://x/2"}),
        ("<https://x/2>; rel=next", {"next": "https://x/2"}),
        ('<https://x/2>; REL="Next"', {"next": "https://x/2"}),
        ('<https://x/2>; rel="next last"', {"next": "https://x/2", "last": "https://x/2"}),
        ('<https://x/2>; title="a, b; rel=prev"; rel="next"', {"next": "https://x/2"}),
        ('<https://x/?ids=1,2&p=2>; rel="next"', {"next": "https://x/?ids=1,2&p=2"}),
        ('<https://x/1>; rel="prev",<https://x/3>;rel="next"', {"prev": "https://x/1", "next": "https://x/3"}),
        ("<https://x/2>", {}),
        ("next: https://x/2", {}),
    ],
)
def test_the_link_header_is_read_as_rfc_8288_writes_it(header, links):
    assert links_of(CIMultiDict({"Link": header})) == links


def test_several_link_headers_are_one_list():
    headers = CIMultiDict([("link", '<https://x/1>; rel="prev"'), ("Link", '<https://x/3>; rel="next"')])

    assert links_of(headers) == {"prev": "https://x/1", "next": "https://x/3"}


@pytest.mark.parametrize(("name", "first"), [("number", 1), ("number from 0", 0), ("offset", 0)])
def test_a_list_does_not_begin_in_front_of_its_first_page(strategies, fake_list, name, first):
    with pytest.raises(ConfigError, match=f"counted from {first}"):
        fake_list(5).stream(strategies[name], start=first - 1)


@pytest.mark.parametrize("size", [0, -1])
async def test_a_page_without_records_cannot_be_asked_for(fake_list, size):
    with pytest.raises(ConfigError, match="at least 1 record"):
        fake_list(5).stream(size=size)
    with pytest.raises(ConfigError, match="at least 1 record"):
        await fake_list(5).stream().page(1, size=size)


def test_a_parameter_of_the_paging_among_the_others_is_an_error_before_sending(fake_list):
    from sagicc_async import Request

    vendor = fake_list(5)

    with pytest.raises(ConfigError, match="params= of items cannot hold page, size"):
        vendor.stream(request=Request(method="GET", path="items", params={"page": 2, "size": 9, "q": "a"}))
    vendor.stream(request=Request(method="GET", path="items", params={"page": None}))


def test_strategies_can_be_told_apart_and_kept_in_sets():
    assert OffsetPaging(offset="a", limit="b") == OffsetPaging(offset="a", limit="b")
    assert len({NumberPaging(number="a", size="b"), NumberPaging(number="a", size="b")}) == 1


@pytest.mark.parametrize(("pages", "asked"), [(1, 1), (3, 3)])
async def test_the_number_of_the_last_page_ends_a_list_without_another_request(fake_list, pages, asked):
    vendor = fake_list(3 * pages)
    paging = NumberPaging(number="page", size="size", last="last")

    def last_page(body: bytes) -> Any:
        data = RawReader(items="items").read(body)
        data.meta = {"last": pages}
        return data

    read = await vendor.stream(paging, reader=SimpleNamespace(read=last_page)).collect()

    assert len(read) == 3 * pages
    assert len(vendor.requests) == asked


async def test_a_cap_on_the_page_size_is_told_once_it_is_certain(fake_list):
    told: list[tuple[int, int]] = []
    vendor = fake_list(5, cap=2)
    stream = vendor.stream(size=10, capped=lambda asked, got: told.append((asked, got)))

    await stream.collect()

    assert told == [(10, 2), (10, 2)]  # pages of 2, 2 and 1: the last one may be short for another reason
    assert stream.stats.short_pages == 2


async def test_a_short_list_is_no_cap(fake_list):
    told: list[tuple[int, int]] = []
    await fake_list(5).stream(size=10, capped=lambda asked, got: told.append((asked, got))).collect()
    assert told == []
