"""What a stream gives its user: records, pages, single looks; and what it leaves behind, which is nothing."""

from __future__ import annotations

import asyncio
import datetime
import json
import weakref

import attrs
import pytest

from sagicc_async import (
    ConfigError,
    LinkPaging,
    NumberPaging,
    ProtocolError,
    Record,
    Response,
    ServerError,
    Stream,
    Unsupported,
)
from sagicc_async import record as declared
from sagicc_async.records.convert import PageData
from sagicc_async.records.readers import DeclaredReaders


@declared
class Numbered(Record):
    id: int


def pages_asked(vendor):
    return [request.params.get("page") for request in vendor.requests]


async def test_each_iteration_starts_anew(fake_list):
    vendor = fake_list(4)
    stream = vendor.stream()

    first = [record["id"] async for record in stream]
    vendor.records.append({"id": 5})
    second = [record["id"] async for record in stream]

    assert (first, second) == ([1, 2, 3, 4], [1, 2, 3, 4, 5])
    assert pages_asked(vendor) == [1, 2, 3, 1, 2, 3]


async def test_nothing_is_asked_before_the_first_step(fake_list):
    vendor = fake_list(4)
    stream = vendor.stream()

    aiter(stream)
    stream.pages()
    stream.prefetch()

    assert (vendor.requests, stream.stats.pages) == ([], 0)
    assert (stream.checkpoint.cursor, stream.checkpoint.index, stream.checkpoint.ids) == (1, 0, ())


async def test_leaving_a_loop_asks_for_nothing_more_and_leaves_no_task(fake_list):
    vendor, before = fake_list(9), asyncio.all_tasks()

    async for record in vendor.stream():
        if record["id"] == 2:
            break
    async for _ in vendor.stream().pages():
        break

    assert pages_asked(vendor) == [1, 1]
    assert asyncio.all_tasks() == before


async def test_the_checkpoint_stands_behind_the_last_record_handed_out(fake_list):
    stream = fake_list(9).stream()
    places = []
    async for _ in stream:
        places.append((stream.checkpoint.cursor, stream.checkpoint.index, stream.checkpoint.ids))  # noqa: PERF401

    assert places[:5] == [
        (1, 1, ("1",)),
        (1, 2, ("1", "2")),
        (1, 3, ("1", "2", "3")),
        (2, 1, ("2", "3", "4")),
        (2, 2, ("3", "4", "5")),
    ]
    assert (stream.checkpoint.cursor, stream.checkpoint.index) == (3, 3)


async def test_a_cancelled_step_loses_no_record(fake_list):
    vendor, stuck = fake_list(5), asyncio.Event()
    vendor.before = lambda request: stuck.wait() if request.params["page"] == 2 else None
    stream = vendor.stream()
    records = aiter(stream)
    read = [(await anext(records))["id"] for _ in range(3)]

    step = asyncio.ensure_future(anext(records))
    await asyncio.sleep(0)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert stream.checkpoint.ids == ("1", "2", "3")

    stuck.set()
    read += [record["id"] async for record in records]
    assert read == [1, 2, 3, 4, 5]


async def test_a_failed_step_can_be_tried_again(fake_list):
    vendor = fake_list(5)
    failures = [ServerError("the vendor failed")]

    def fail_once(request):
        if request.params["page"] == 2 and failures:
            raise failures.pop()

    vendor.before = fail_once
    records = aiter(vendor.stream())
    read = [(await anext(records))["id"] for _ in range(3)]
    with pytest.raises(ServerError):
        await anext(records)

    read += [record["id"] async for record in records]

    assert read == [1, 2, 3, 4, 5]


async def test_the_first_record_is_asked_for_with_the_smallest_page(fake_list):
    vendor = fake_list(9)

    assert await vendor.stream(size=50).first() == {"id": 1}
    assert vendor.requests[0].params == {"q": "a", "size": 1, "page": 1}
    assert len(vendor.requests) == 1
    assert await fake_list(0).stream().first() is None


async def test_the_first_record_of_a_list_that_begins_later_is_its_own(fake_list):
    vendor = fake_list(9)

    assert await vendor.stream(start=2).first() == {"id": 4}
    assert await vendor.stream(start=4).first() is None


@pytest.mark.parametrize(("limit", "asked"), [(0, []), (-1, []), (2, [1]), (3, [1]), (4, [1, 2]), (None, [1, 2, 3])])
async def test_collect_reads_no_further_than_its_limit(fake_list, limit, asked):
    vendor = fake_list(5)

    records = await vendor.stream().collect(limit)

    assert [record["id"] for record in records] == [1, 2, 3, 4, 5][: 5 if limit is None else max(0, limit)]
    assert pages_asked(vendor) == asked


async def test_a_page_tells_all_about_itself(strategies, fake_list):
    vendor = fake_list(5)

    first, second = [page async for page in vendor.stream(strategies["number and total"]).pages()]

    assert [record["id"] for record in first.items] == [1, 2, 3]
    assert (first.number, first.size, first.total, first.has_next) == (1, 3, 5, True)
    assert (second.number, second.has_next) == (2, False)
    assert (second.checkpoint.cursor, second.checkpoint.index, second.checkpoint.ids) == (2, 2, ("3", "4", "5"))
    assert second.response.status == 200
    assert second.raw == second.response.body
    assert f"raw=<{len(first.raw)} bytes>" in repr(first)


async def test_pages_that_are_linked_have_no_numbers(strategies, fake_list):
    assert [page.number async for page in fake_list(5).stream(strategies["link"]).pages()] == [None, None]


@pytest.mark.parametrize("name", ["number", "number from 0", "offset"])
async def test_a_page_has_the_number_by_which_it_is_asked_for(strategies, fake_list, name):
    vendor = fake_list(7).counting_from(strategies[name].first)
    stream = vendor.stream(strategies[name])

    pages = [page async for page in stream.pages()]

    assert [page.number for page in pages] == [1, 2, 3]
    for page in pages:
        assert (await stream.page(page.number)).items == page.items


async def test_a_page_behind_a_capped_one_has_no_number_where_offsets_count(fake_list, strategies):
    vendor = fake_list(7, cap=2)

    assert [page.number async for page in vendor.stream(strategies["offset"], size=3).pages()] == [1, None, None, 3]


async def test_a_page_with_a_bad_record_is_an_error_and_no_part_of_a_page(fake_list):
    vendor = fake_list([{"id": 1}, {"id": 2}, {"id": "three"}, {"id": 4}])
    paging = NumberPaging(number="page", size="size")
    reader = DeclaredReaders("items", paging.meta).records(Numbered, datetime.UTC)
    plan = vendor.plan(paging, size=4, reader=reader, identify=lambda record: str(record.id))

    with pytest.raises(ProtocolError, match=r"\$\.items\[2\]\.id should be int") as caught:
        await Stream(plan).page(1)

    assert (caught.value.checkpoint.cursor, caught.value.checkpoint.index) == (1, 2)


async def test_one_page_can_be_looked_at(fake_list):
    vendor = fake_list(9)
    stream = vendor.stream(start=3)

    page = await stream.page(2)
    beyond = await stream.page(7, size=2)

    assert [record["id"] for record in page.items] == [4, 5, 6]
    assert beyond.items == []
    assert [dict(request.params) for request in vendor.requests] == [
        {"q": "a", "page": 2, "size": 3},
        {"q": "a", "page": 7, "size": 2},
    ]
    rest = await vendor.stream(resume=page.checkpoint).collect()
    assert [record["id"] for record in rest] == [7, 8, 9]
    with pytest.raises(ConfigError, match="counted from 1"):
        await stream.page(0)


async def test_a_count_without_a_total_is_unsupported_and_says_what_to_do(fake_list):
    vendor = fake_list(9)

    with pytest.raises(Unsupported, match="fake gives no total of items; read the list and count"):
        await vendor.stream().count()

    assert vendor.requests == []


async def test_a_count_asks_for_the_smallest_page(strategies, fake_list):
    vendor = fake_list(9)

    assert await vendor.stream(strategies["number and total"], size=50, start=2).count() == 9
    assert vendor.requests[0].params == {"q": "a", "size": 1, "page": 1}


async def test_a_record_that_cannot_be_read_is_counted_all_the_same(fake_list):
    vendor = fake_list([{"id": "one"}, {"id": 2}])
    paging = NumberPaging(number="page", size="size", total="total")
    reader = DeclaredReaders("items", paging.meta).records(Numbered, datetime.UTC)

    assert await vendor.stream(paging, reader=reader, identify=lambda record: str(record.id)).count() == 2


async def test_a_total_that_is_missing_is_no_count(fake_list):
    nowhere = NumberPaging(number="page", size="size", total="nowhere")

    with pytest.raises(ProtocolError, match="the total is missing"):
        await fake_list(9).stream(nowhere).count()


@pytest.mark.parametrize("name", ["number", "offset", "link", "single"])
async def test_records_in_front_of_a_bad_one_are_handed_out(strategies, fake_list, name):
    vendor = fake_list([{"id": 1}, {"id": 2}, 5, {"id": 4}])
    stream = vendor.stream(strategies[name], size=50)
    read = []

    with pytest.raises(ProtocolError, match=r"fake items\.list: .* \$\.items\[2\] should be object") as caught:
        async for record in stream:
            read.append(record["id"])  # noqa: PERF401 - what was read before the error counts

    assert read == [1, 2]
    assert (caught.value.checkpoint.index, caught.value.checkpoint.ids) == (2, ("1", "2"))
    vendor.records[2] = {"id": 3}
    rest = await vendor.stream(strategies[name], size=50, resume=caught.value.checkpoint).collect()
    assert [record["id"] for record in rest] == [3, 4]


@pytest.mark.parametrize("name", ["number", "offset", "link"])
async def test_a_bad_record_at_the_top_of_a_page_leaves_the_place_behind_the_page_before(strategies, fake_list, name):
    vendor = fake_list([{"id": 1}, {"id": 2}, 5, {"id": 4}])
    pages = []

    with pytest.raises(ProtocolError, match=r"\$\.items\[0\]") as caught:
        async for page in vendor.stream(strategies[name], size=2).pages():
            pages.append([record["id"] for record in page.items])  # noqa: PERF401

    assert [page for page in pages if page] == [[1, 2]]
    vendor.records[2] = {"id": 3}
    rest = await vendor.stream(strategies[name], size=2, resume=caught.value.checkpoint).collect()
    assert [record["id"] for record in rest] == [3, 4]


async def test_a_bad_record_stops_the_stream_for_good(fake_list):
    records = aiter(fake_list([{"id": 1}, 5, {"id": 3}]).stream())
    await anext(records)

    for _ in range(2):
        with pytest.raises(ProtocolError, match=r"\$\.items\[1\]"):
            await anext(records)


async def test_a_page_that_is_not_what_was_declared_says_whose_it_is(fake_list):
    vendor = fake_list(9)

    async def fetch(request, params, on_sent):
        answer = await vendor.fetch(request, params, on_sent)
        return attrs.evolve(answer, body=b"<html></html>" if params["page"] == 2 else answer.body)

    stream = Stream(attrs.evolve(vendor.plan(NumberPaging(number="page", size="size"), size=3), fetch=fetch))

    with pytest.raises(ProtocolError, match=r"fake items\.list: .*HTML") as caught:
        await stream.collect()

    assert (caught.value.vendor, caught.value.operation, caught.value.status) == ("fake", "items.list", 200)
    assert caught.value.checkpoint.ids == ("1", "2", "3")


async def test_empty_pages_in_the_middle_of_linked_ones_are_passed_over(fake_list):
    vendor = fake_list([{"id": n} for n in range(1, 7)])
    paging = LinkPaging(size="size", next="next")
    answers = {0: [1, 2], 2: [], 4: [3]}

    async def fetch(request, params, on_sent):
        at = int(request.path.partition("at=")[2].partition("&")[0] or 0)
        after = f"https://vendor.test/items?at={at + 2}" if at + 2 in answers else None
        return Response(
            status=200, body=json.dumps({"items": [{"id": n} for n in answers[at]], "next": after}).encode()
        )

    plan = attrs.evolve(vendor.plan(paging, size=2), fetch=fetch)

    assert [record["id"] async for record in Stream(plan)] == [1, 2, 3]
    pages = [page async for page in Stream(plan).pages()]
    assert [[record["id"] for record in page.items] for page in pages] == [[1, 2], [3]]
    for page in pages:
        rest = await Stream(plan, resume=page.checkpoint).collect()
        assert [record["id"] for record in rest] == ([3] if page is pages[0] else [])


class Row:
    __slots__ = ("__weakref__", "id")


class Watch:
    """A reader that counts how many rows of earlier pages are alive when a page is decoded."""

    def __init__(self):
        self.rows = weakref.WeakSet()
        self.alive = []

    def read(self, body):
        self.alive.append(len(self.rows))
        rows = [Row() for _ in json.loads(body)["items"]]
        for number, row in enumerate(rows):
            row.id = f"{len(self.alive)}/{number}"
        self.rows.update(rows)
        return PageData(items=rows)


async def on_the_way(request):
    for _ in range(5):  # an answer never comes in the moment in which its request is written
        await asyncio.sleep(0)


def watched(fake_list):
    watch = Watch()
    return watch, fake_list(100, before=on_the_way).stream(size=10, reader=watch, identify=lambda row: row.id)


async def test_a_page_is_dropped_before_the_next_one_is_decoded(fake_list):
    watch, stream = watched(fake_list)

    async for record in stream:
        assert record.id

    assert len(watch.alive) == 11
    assert max(watch.alive) <= 1  # the record that the loop's variable holds


async def test_pages_are_dropped_as_soon_as_their_user_drops_them(fake_list):
    watch, stream = watched(fake_list)

    async for page in stream.pages():
        assert page.items
        del page
    assert max(watch.alive) == 0

    async for page in stream.pages():
        assert page.items
    assert max(watch.alive) <= 10  # the page that the loop's variable holds


async def test_looking_ahead_keeps_two_pages_at_most(fake_list):
    watch, stream = watched(fake_list)

    async with stream.prefetch() as pages:
        async for page in pages:
            assert len(watch.rows) <= 20
            assert page.items

    assert max(watch.alive) <= 10


async def test_a_page_that_its_user_dropped_early_is_not_kept_by_the_look_ahead(fake_list):
    watch, stream = watched(fake_list)

    async with stream.prefetch() as pages:
        async for page in pages:
            del page

    assert max(watch.alive) == 0
