"""Looking ahead: the next page is on its way before this one is handed out, and nothing is left behind or lost."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from sagicc_async import ConfigError, Deadline, Priority, ServerError
from sagicc_async.records import prefetch
from sagicc_async.wire.request import chosen_priority, seconds_left


@pytest.fixture
def for_ever(monkeypatch):
    """A consumer that waits for the next request to be written for as long as it takes."""
    monkeypatch.setattr(prefetch, "_PATIENCE", 3600.0)


async def turns(number=20):
    for _ in range(number):
        await asyncio.sleep(0)


def ids(page):
    return [record["id"] for record in page.items]


class Turnstile:
    """Lets requests pass one by one."""

    def __init__(self):
        self._passed = asyncio.Semaphore(0)
        self.cancelled = 0

    async def __call__(self, request=None):
        try:
            await self._passed.acquire()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def let(self, number=1):
        for _ in range(number):
            self._passed.release()


async def test_all_pages_come_in_order(strategy, fake_list):
    vendor = fake_list(10).counting_from(strategy.first)

    async with vendor.stream(strategy).prefetch() as pages:
        read = [record["id"] async for page in pages for record in page.items]

    assert read == list(range(1, 11))


async def test_the_request_for_the_next_page_is_out_when_a_page_is_handed_out(fake_list, for_ever):
    vendor = fake_list(10)

    async with vendor.stream().prefetch() as pages:
        async for page in pages:  # and no turn of the loop between here and the look at the requests
            assert len(vendor.requests) == page.number + 1


async def test_a_page_waits_for_a_request_that_cannot_be_written_yet(fake_list, for_ever):
    connecting = Turnstile()
    vendor = fake_list(10, sending=connecting)
    connecting.let(1)

    async with vendor.stream().prefetch() as pages:
        step = asyncio.ensure_future(anext(pages))
        await turns()
        assert not step.done()
        connecting.let(1)
        assert ids(await step) == [1, 2, 3]


async def test_a_request_that_waits_for_long_does_not_keep_the_page(fake_list, monkeypatch):
    monkeypatch.setattr(prefetch, "_PATIENCE", 0.0)
    leased = Turnstile()
    vendor = fake_list(10, sending=leased)
    leased.let(1)

    async with vendor.stream().prefetch() as pages:
        assert ids(await anext(pages)) == [1, 2, 3]
        assert len(vendor.requests) == 2
        leased.let(9)
        assert [ids(page) async for page in pages] == [[4, 5, 6], [7, 8, 9], [10]]


async def test_a_page_does_not_wait_for_the_answer_to_a_request_that_is_out(fake_list, for_ever):
    answering = Turnstile()
    vendor = fake_list(10, before=answering)
    answering.let(1)

    async with vendor.stream().prefetch(pages=3) as pages:
        assert ids(await anext(pages)) == [1, 2, 3]
        assert len(vendor.requests) == 2
        answering.let(1)
        await turns()
        step = asyncio.ensure_future(anext(pages))
        await turns()
        assert step.done(), "page 2 is there, and request 3 was written long ago"
        assert ids(await step) == [4, 5, 6]


@pytest.mark.parametrize("room", [1, 2, 5])
async def test_the_room_is_never_exceeded(fake_list, for_ever, room):
    vendor = fake_list(30)

    async with vendor.stream().prefetch(pages=room) as pages:
        await turns()
        assert len(vendor.requests) == room
        async for page in pages:
            await turns()
            assert len(vendor.requests) == min(page.number + room, 11)


async def test_for_a_consumer_that_waits_the_next_page_is_asked_for_in_the_step_in_which_its_page_is_read(for_ever):
    answered, asked, steps = asyncio.Event(), [], []

    async def advance(on_sent):
        asked.append(len(steps))
        on_sent()
        await answered.wait()
        asyncio.get_running_loop().call_soon(steps.append, "another")
        return len(asked)

    async with prefetch.Prefetch(advance, 1) as pages:
        step = asyncio.ensure_future(anext(pages))
        await turns()
        answered.set()
        assert await step == 1

    assert asked[:2] == [0, 0]


async def test_the_room_is_not_exceeded_for_a_consumer_that_waits_where_no_answer_takes_any_time(for_ever):
    begun, asked = asyncio.Event(), []

    async def advance(on_sent):
        asked.append(on_sent)
        await begun.wait()  # which takes no turn any more, once it is set
        on_sent()
        return len(asked)

    async with prefetch.Prefetch(advance, 2) as pages:
        step = asyncio.ensure_future(anext(pages))
        await turns()
        begun.set()
        assert await step == 1
        await turns()
        assert len(asked) == 3  # the one that was handed out, and two that wait


async def test_an_error_comes_behind_the_pages_in_front_of_it(fake_list, for_ever):
    vendor = fake_list(10)

    def fail(request):
        if request.params["page"] == 3:
            raise ServerError("the vendor failed")

    vendor.before = fail
    stream, read = vendor.stream(), []

    with pytest.raises(ServerError) as caught:
        async with stream.prefetch(pages=3) as pages:
            async for page in pages:
                await turns()
                read += ids(page)

    assert read == [1, 2, 3, 4, 5, 6]
    assert caught.value.checkpoint == stream.checkpoint
    vendor.before = None
    assert [record["id"] for record in await vendor.stream(resume=caught.value.checkpoint).collect()] == [7, 8, 9, 10]


async def test_an_error_that_nobody_waited_for_is_not_complained_about(fake_list):
    vendor = fake_list(10)

    def fail(request):
        if request.params["page"] == 2:
            raise ServerError("the vendor failed")

    vendor.before = fail

    async with vendor.stream().prefetch() as pages:
        async for _ in pages:
            await turns()
            break  # the watch over the loop fails this test if the error was never retrieved


async def test_the_checkpoint_of_the_stream_is_the_consumers_place_not_the_look_aheads(fake_list):
    vendor = fake_list(12)
    stream = vendor.stream()
    place = stream.checkpoint

    async with stream.prefetch(pages=2) as pages:
        await turns()
        assert stream.checkpoint == place
        page = await anext(pages)
        await turns()
        assert stream.checkpoint == page.checkpoint

    rest = await vendor.stream(resume=stream.checkpoint).collect()
    assert ids(page) + [record["id"] for record in rest] == list(range(1, 13))


@pytest.mark.parametrize("leave", ["break", "exception", "cancel"])
async def test_leaving_the_block_cancels_what_is_under_way(fake_list, leave):
    answering = Turnstile()
    vendor, before = fake_list(30, before=answering), asyncio.all_tasks()
    answering.let(1)

    async def consume():
        async with vendor.stream().prefetch() as pages:
            async for _ in pages:
                if leave == "break":
                    break
                if leave == "exception":
                    raise KeyError("mine")
                await asyncio.Event().wait()

    task = asyncio.ensure_future(consume())
    await turns()
    task.cancel()
    await asyncio.wait({task})

    assert answering.cancelled == 1
    assert asyncio.all_tasks() == before
    if leave == "exception":
        assert isinstance(task.exception(), KeyError)
    else:
        assert task.cancelled() == (leave == "cancel")


async def test_a_cancellation_while_leaving_still_waits_for_the_task(fake_list):
    slow, left = asyncio.Event(), []

    async def stubborn(request):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await slow.wait()
            left.append(request)
            raise

    async def consume():
        async with fake_list(30, before=stubborn).stream().prefetch():
            await turns(5)

    task = asyncio.ensure_future(consume())
    await turns()
    task.cancel()
    await turns()
    assert not task.done()
    slow.set()
    await asyncio.wait({task})

    assert task.cancelled()
    assert len(left) == 1


@pytest.mark.parametrize("moment", range(12))
async def test_a_consumer_that_is_cancelled_while_it_waits_loses_no_page(fake_list, for_ever, moment):
    connecting, answering = Turnstile(), Turnstile()
    vendor = fake_list(9, sending=connecting, before=answering)
    read = []

    async def step(pages):
        read.append(ids(await anext(pages)))

    async with vendor.stream().prefetch() as pages:
        for number in range(3):
            task = asyncio.ensure_future(step(pages))
            await turns(moment % 4)
            if moment // 4 != 1:
                connecting.let(1)
            await turns(moment % 3)
            if moment // 4 != 2:
                answering.let(1)
            await turns(moment)
            task.cancel()
            await asyncio.wait({task})
            assert len(read) <= number + 1
        connecting.let(9)
        answering.let(9)
        read += [ids(page) async for page in pages]

    assert read == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


async def test_a_page_that_was_kept_back_is_handed_out_without_waiting_again(fake_list, for_ever):
    connecting = Turnstile()
    vendor = fake_list(10, sending=connecting)
    connecting.let(1)

    async with vendor.stream().prefetch() as pages:
        step = asyncio.ensure_future(anext(pages))
        await turns()
        step.cancel()
        await asyncio.wait({step})
        again = asyncio.ensure_future(anext(pages))
        await turns()
        assert ids(await again) == [1, 2, 3]


async def test_the_callers_deadline_and_priority_do_not_leak_into_the_look_ahead(fake_list):
    mine = contextvars.ContextVar("mine", default=None)
    mine.set("set")
    seen = []
    vendor = fake_list(
        5, before=lambda request: seen.append((mine.get(), seconds_left(None), chosen_priority(None, Priority.BULK)))
    )

    with Deadline(5), Priority.interactive():
        async with vendor.stream().prefetch() as pages:
            async for _ in pages:
                pass

    assert set(seen) == {(None, None, Priority.BULK)}


async def test_the_end_is_the_end(fake_list):
    async with fake_list(3).stream().prefetch() as pages:
        assert len([page async for page in pages]) == 1
        with pytest.raises(StopAsyncIteration):
            await anext(pages)


async def test_wrong_use_is_told(fake_list):
    stream = fake_list(9).stream()

    with pytest.raises(ConfigError, match="at least one page"):
        stream.prefetch(0)
    with pytest.raises(ConfigError, match="inside its context"):
        await anext(stream.prefetch())
    ahead = stream.prefetch()
    async with ahead as pages:
        await anext(pages)
    with pytest.raises(ConfigError, match="inside its context"):
        await anext(pages)
    with pytest.raises(ConfigError, match="entered once"):
        async with ahead:
            pass
