"""How a worker finds accounts: tenants come and go, and the source is not asked more often than it has to be."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.procrastinate.roster import Roster
from sagicc_async.testing import ManualClock


class Source:
    """Accounts whose names a test changes."""

    def __init__(self, *names):
        self.names, self.looks, self.gate = list(names), 0, None

    async def __aiter__(self):
        self.looks += 1
        if self.gate is not None:
            await self.gate.wait()
        for name in self.names:
            yield SyncAccount(name=name, vendor="fake", credentials={}, settings={"look": self.looks})


@pytest.fixture
def clock():
    return ManualClock()


async def test_the_source_is_looked_at_once_for_all_that_it_has(clock):
    source = Source("a", "b")
    roster = Roster(source, clock, lambda name: None)
    assert (await roster.find("a")).name == "a"
    assert (await roster.find("b")).name == "b"
    assert [account.name for account in await roster.all()] == ["a", "b"]
    assert source.looks == 1


async def test_a_name_that_is_not_known_has_the_source_looked_at_again(clock):
    source = Source("a")
    roster = Roster(source, clock, lambda name: None)
    await roster.find("a")
    source.names.append("new")
    assert (await roster.find("new")).name == "new"
    assert await roster.find("nobody") is None
    assert source.looks == 3


async def test_after_a_minute_accounts_are_as_the_source_gives_them_now_and_who_is_gone_is_forgotten(clock):
    source, forgotten = Source("a", "b"), []
    roster = Roster(source, clock, forgotten.append)
    await roster.find("a")
    source.names.remove("b")
    await clock.advance(59)
    assert (await roster.find("a")).settings == {"look": 1}
    assert forgotten == []
    await clock.advance(1)
    assert (await roster.find("a")).settings == {"look": 2}
    assert forgotten == ["b"]
    assert await roster.find("b") is None


async def test_many_who_miss_a_name_at_once_share_one_look(clock):
    source = Source("a")
    roster = Roster(source, clock, lambda name: None)
    await roster.find("a")
    source.gate = asyncio.Event()
    asking = [asyncio.create_task(roster.find(name)) for name in ("x", "y", "z")]
    await clock.advance(0)
    source.names += ["x", "y"]
    source.gate.set()
    found = await asyncio.gather(*asking)
    assert [account and account.name for account in found] == ["x", "y", None]
    assert source.looks == 2


async def test_a_source_that_fails_leaves_what_is_known(clock):
    class Failing(Source):
        async def __aiter__(self):
            async for account in super().__aiter__():
                yield account
            if self.looks == 2:
                raise OSError("gone")

    source = Failing("a")
    roster = Roster(source, clock, lambda name: None)
    await roster.find("a")
    with pytest.raises(OSError, match="gone"):
        await roster.find("b")
    assert (await roster.find("a")).settings == {"look": 1}


async def test_of_two_accounts_with_one_name_the_second_one_is_left_alone(clock, caplog):
    class Twice(Source):
        async def __aiter__(self):
            yield SyncAccount(name="a", vendor="first", credentials={})
            yield SyncAccount(name="a", vendor="second", credentials={})

    roster = Roster(Twice(), clock, lambda name: None)
    assert (await roster.find("a")).vendor == "first"
    assert len(await roster.all()) == 1
    assert "two accounts are called 'a'" in caplog.text
