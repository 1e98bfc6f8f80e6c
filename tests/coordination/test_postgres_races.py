"""Two processes that change one document at once: one wins, and the other learns at once what is there now."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator
from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, Now

from .postgres_rig import SCOPE, admit, asked, counted, opened


def arrive(state: ScopeState, now: Now) -> Decision[int]:
    """A change that shows how often it was made."""
    state.arrivals += 1
    return Decision(state.arrivals)


async def test_who_is_alone_makes_each_change_in_one_round_trip(postgres):
    async with opened(postgres.url) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)
        await asyncio.sleep(0.05)
        sent = counted(coordinator)
        for _ in range(10):
            lease = await admit(coordinator)
            lease.release(Ending.COMPLETE)
            await asyncio.sleep(0.05)

        assert len(sent) == 20


async def test_a_thousand_changes_of_many_at_once_are_all_made_once(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url, listen=False) as ben:

        async def work(coordinator):
            for _ in range(125):
                await coordinator._store.change("aa", arrive)

        async with asyncio.timeout(60):
            await asyncio.gather(*(work(one) for one in (ana, ben) for _ in range(4)))

        assert await ana._store.change("aa", arrive) == 1001


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_who_had_to_wait_for_another_one_decides_again_on_what_that_one_left(postgres, isolation):
    """Also where an administrator has made transactions stricter by default."""
    database = psycopg.conninfo.conninfo_to_dict(postgres.url)["dbname"]
    asked(postgres.url, f'ALTER DATABASE "{database}" SET default_transaction_isolation = "{isolation}"')
    try:
        async with opened(postgres.url, listen=False) as coordinator:
            store = coordinator._store
            await store.change("aa", arrive)
            sent = counted(coordinator)
            async with await psycopg.AsyncConnection.connect(postgres.url) as other:
                await other.execute(
                    "UPDATE sagicc_async_scope_1 SET document = replace(document, '\"arrivals\":1', '\"arrivals\":7'),"
                    " version = version || 'x'"
                )
                changing = asyncio.create_task(store.change("aa", arrive))
                await asyncio.sleep(0.2)
                assert not changing.done()
                await other.commit()

            assert await changing == 8
            # It was told what is there by the very change that was not made.
            assert len(sent) == (2 if isolation == "read committed" else 3)
    finally:
        asked(postgres.url, f'ALTER DATABASE "{database}" RESET default_transaction_isolation')


async def test_a_change_that_waited_for_nothing_but_came_late_is_told_in_one_answer(postgres):
    async with opened(postgres.url, listen=False) as ana, opened(postgres.url, listen=False) as ben:
        await ana._store.change("aa", arrive)
        await ben._store.change("aa", arrive)
        sent = counted(ana)

        assert await ana._store.change("aa", arrive) == 3
        assert len(sent) == 2


async def test_two_who_begin_a_scope_at_once_begin_one(postgres):
    coordinators = [PostgresCoordinator(postgres.url, listen=False) for _ in range(6)]
    await asyncio.gather(*(coordinator.open() for coordinator in coordinators))
    try:
        for number in range(20):
            made = await asyncio.gather(*(one._store.change(f"{number:x}", arrive) for one in coordinators))

            assert sorted(made) == [1, 2, 3, 4, 5, 6]
    finally:
        await asyncio.gather(*(coordinator.close() for coordinator in coordinators))


async def test_who_only_looks_changes_nothing_and_notices_a_new_epoch(postgres):
    async with opened(postgres.url, listen=False) as coordinator:
        store = coordinator._store
        await store.change(SCOPE.key, arrive)
        before = asked(postgres.url, "SELECT * FROM sagicc_async_scope_1")

        assert await store.change(SCOPE.key, lambda state, now: Decision(state.known_since, changed=False)) == 0
        assert asked(postgres.url, "SELECT * FROM sagicc_async_scope_1") == before

        asked(postgres.url, "UPDATE sagicc_async_epoch_1 SET name = 'another', since = 5")
        assert await store.change(SCOPE.key, lambda state, now: Decision(state.known_since, changed=False)) == 5
