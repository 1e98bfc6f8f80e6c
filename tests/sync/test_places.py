"""So many at once, in the order in which they came."""

from __future__ import annotations

import asyncio
import random

import pytest

from sagicc_async.sync.places import Places


async def test_no_more_than_the_limit_work_at_once_and_all_come_in_order():
    places, inside, most, order = Places(lambda: 3), 0, 0, []

    async def work(number: int) -> None:
        nonlocal inside, most
        await places.take()
        inside += 1
        most = max(most, inside)
        order.append(number)
        await asyncio.sleep(0)
        inside -= 1
        places.leave()

    await asyncio.gather(*map(work, range(50)))
    assert most == 3
    assert order == list(range(50))
    assert not places.wanted


async def test_a_limit_that_grows_lets_more_in_at_the_next_turn():
    limit = 1
    places = Places(lambda: limit)
    await places.take()
    waiting = [asyncio.create_task(places.take()) for _ in range(3)]
    await asyncio.sleep(0)
    assert places.wanted
    limit = 4
    places.leave()
    await asyncio.gather(*waiting)


@pytest.mark.parametrize("seed", range(30))
async def test_cancelled_at_any_moment_no_place_is_lost_or_given_twice(seed):
    dice = random.Random(seed)
    places, inside = Places(lambda: 2), 0

    async def work() -> None:
        nonlocal inside
        await places.take()
        inside += 1
        assert inside <= 2
        try:
            await asyncio.sleep(0)
        finally:
            inside -= 1
            places.leave()

    tasks = [asyncio.create_task(work()) for _ in range(40)]
    for _ in range(60):
        dice.choice(tasks).cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(asyncio.gather(places.take(), places.take()), 1)
    assert not places.wanted
