"""One process's side of coordination: who is served, in which order, and what it costs."""

from __future__ import annotations

import asyncio

from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.window import Window

from .shelf import HOLD, SCOPE, asking


async def test_a_free_token_is_granted_and_given_back_in_one_change_each(ana, shelf, manual_clock):
    lease = await asking(ana)
    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert shelf.stores["ana"].changes == 2
    assert shelf.documents[SCOPE.key].leases == {}


async def test_giving_back_and_asking_again_are_one_change(ana, shelf, manual_clock):
    """What a stream does all day, where the store is far away: a request follows another."""
    shelf.stores["ana"].at_once = False
    lease = await asking(ana)
    waiting = asking(ana)
    await manual_clock.settle()
    before = shelf.stores["ana"].changes
    lease.release(Ending.COMPLETE)

    (await waiting).release(Ending.COMPLETE)

    assert shelf.stores["ana"].changes == before + 1
    await manual_clock.settle()


async def test_a_stream_alone_pays_one_change_a_request_where_the_store_is_far_away(ana, shelf, manual_clock):
    """The next request comes when the answer is there, and so does the lease that is given back."""
    shelf.stores["ana"].at_once = False

    async def exchange(lease: Lease, answered: asyncio.Future[None]) -> None:
        """As the gate's: in a task of its own, which gives back before the caller hears of the answer."""
        lease.release(Ending.COMPLETE)
        answered.set_result(None)

    for _ in range(10):
        lease = await ana.admit(SCOPE, lane="token", rank=1, hold=HOLD)
        answered = asyncio.get_running_loop().create_future()
        sent = asyncio.create_task(exchange(lease, answered))
        await answered
    await sent
    await manual_clock.settle()

    assert shelf.stores["ana"].changes == 11


async def test_two_processes_never_hold_a_token_at_once_and_the_next_is_woken(ana, ben, manual_clock):
    lease = await asking(ana)
    waiting = asking(ben)
    await manual_clock.advance(5)
    assert not waiting.done()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()  # without time passing

    assert waiting.result().waited == 5
    waiting.result().release(Ending.COMPLETE)
    await manual_clock.settle()


async def test_processes_take_turns_however_many_requests_wait_in_each(ana, ben, manual_clock):
    served = []

    async def work(coordinator, name):
        lease = await coordinator.admit(SCOPE, lane="token", rank=2, hold=HOLD)
        served.append(name)
        await manual_clock.sleep(1)
        lease.release(Ending.COMPLETE)

    tasks = [asyncio.create_task(work(ana, "ana")) for _ in range(6)]
    tasks += [asyncio.create_task(work(ben, "ben")) for _ in range(2)]
    await manual_clock.advance(20)

    await asyncio.gather(*tasks)
    assert served == ["ana", "ana", "ben", "ana", "ben", "ana", "ana", "ana"] or served[:5].count("ben") == 2


async def test_an_interactive_request_of_one_process_goes_before_the_bulk_of_another(ana, ben, manual_clock):
    lease = await asking(ana, rank=2)
    bulk = [asking(ana, rank=2) for _ in range(3)]
    await manual_clock.settle()
    interactive = asking(ben, rank=0)
    await manual_clock.settle()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert interactive.done()
    assert not any(task.done() for task in bulk)
    for task in (interactive, *bulk):
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_who_waits_in_bulk_is_passed_by_an_interactive_request_of_the_same_process(ana, ben, manual_clock):
    """The entry in the common queue rises with whoever is first here."""
    lease = await asking(ben)
    bulk, theirs = asking(ana, rank=2), asking(ben, rank=1)
    await manual_clock.settle()
    interactive = asking(ana, rank=0)
    await manual_clock.settle()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert (interactive.done(), theirs.done(), bulk.done()) == (True, False, False)
    for task in (interactive, theirs, bulk):
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_who_rose_among_its_own_does_not_hold_them_back_among_all(ana, ben, manual_clock):
    """Bulk that waited long is first in its process: then the process stands in the common queue as what it has become."""
    lease = await asking(ana)
    bulk, interactive = asking(ana, rank=2), asking(ana, rank=0)
    await manual_clock.settle()
    lease.release(Ending.COMPLETE)
    await manual_clock.settle()
    behind, theirs = asking(ana, rank=0), [asking(ben, rank=1) for _ in range(3)]
    await manual_clock.advance(2 * SCOPE.ageing)  # the bulk call was overtaken, and has risen twice

    interactive.result().release(Ending.COMPLETE)
    await manual_clock.settle()
    assert (bulk.done(), *(task.done() for task in theirs)) == (True, False, False, False)

    for task in (bulk, behind, *theirs):
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_a_lost_exchange_keeps_the_token_from_other_processes_for_settle_seconds(ana, ben, manual_clock):
    (await asking(ana)).release(Ending.LOST)
    waiting = asking(ben)

    await manual_clock.advance(29.9)
    assert not waiting.done()
    await manual_clock.advance(0.1)

    waiting.result().release(Ending.UNSENT)
    await manual_clock.settle()


async def test_a_pause_stops_all_processes_and_a_shorter_one_never_shortens_it(ana, ben, manual_clock):
    ana.pause(SCOPE, 10)
    ana.pause(SCOPE, 2)
    await manual_clock.settle()
    asked = [asking(ana), asking(ben)]

    await manual_clock.advance(9.9)
    assert not any(task.done() for task in asked)
    await manual_clock.advance(0.2)

    for task in asked:
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_a_pause_holds_here_at_once_although_a_lease_was_just_granted(ana, shelf, manual_clock):
    shelf.stores["ana"].seconds = 1.0
    asked = asking(ana)
    await manual_clock.advance(0.75)  # granted there, not known here yet
    ana.pause(SCOPE, 10)

    await manual_clock.advance(9)
    assert not asked.done()
    await manual_clock.advance(4)

    asked.result().release(Ending.COMPLETE)
    await manual_clock.advance(1)


async def test_a_window_is_shared_by_processes(ana, ben, manual_clock):
    scope = Scope(key="c0", windows=(Window(2, per=60, scope="company"),))
    (await asking(ana, scope, rank=0)).release(Ending.COMPLETE)
    (await asking(ben, scope, rank=0)).release(Ending.COMPLETE)
    third = asking(ana, scope, rank=0)

    await manual_clock.advance(59.9)
    assert not third.done()
    await manual_clock.advance(0.1)

    third.result().release(Ending.COMPLETE)
    await manual_clock.settle()
    assert ana.status(scope).windows == [(scope.windows[0], 1)]


async def test_a_window_goes_to_an_interactive_request_whichever_token_came_first(ana, shelf, manual_clock):
    shelf.stores["ana"].at_once = False
    scope = Scope(key="c4", windows=(Window(1, per=60, scope="company"),))
    bulk, interactive = asking(ana, scope, rank=2, lane="one"), asking(ana, scope, rank=0, lane="another")

    await manual_clock.settle()

    assert (interactive.done(), bulk.done()) == (True, False)
    interactive.result().release(Ending.UNSENT)
    await manual_clock.advance(60)
    bulk.result().release(Ending.COMPLETE)
    await manual_clock.settle()


async def test_what_is_told_of_a_window_goes_on_with_the_clock(ana, manual_clock):
    scope = Scope(key="c2", windows=(Window(2, per=60, scope="company"),))
    (await asking(ana, scope)).release(Ending.COMPLETE)
    await manual_clock.settle()

    await manual_clock.advance(59)
    assert ana.status(scope).windows == [(scope.windows[0], 1)]
    await manual_clock.advance(1)

    assert ana.status(scope).windows == [(scope.windows[0], 0)]  # although nothing was agreed on since


async def test_a_look_from_another_thread_bears_that_the_loop_goes_on_meanwhile(ana, manual_clock):
    """As it might be there: while one lease is counted, another one is granted."""
    lease = await asking(ana)
    state, _ = ana._agents[SCOPE.key]._seen

    class Counted:
        @property
        def until(self):
            state.leases["another"] = self
            return 0

    state.leases["one"] = Counted()
    state.leases["two"] = Counted()
    assert ana.status(SCOPE).in_flight == 1
    state.leases.clear()
    lease.release(Ending.COMPLETE)
    await manual_clock.settle()


async def test_a_look_at_a_queue_that_nobody_used_makes_none(ana):
    assert ana.status(SCOPE).waiting == 0
    assert ana._agents == {}


async def test_processes_that_wait_for_a_window_leave_each_other_alone(ana, ben, shelf, manual_clock):
    """To look in vain is no news: else they would wake each other again and again until it opens."""
    scope = Scope(key="c1", windows=(Window(1, per=60, scope="company"),))
    (await asking(ana, scope)).release(Ending.COMPLETE)
    waiting = [asking(ana, scope), asking(ben, scope)]
    await manual_clock.advance(1)
    before = sum(store.changes for store in shelf.stores.values())

    await manual_clock.advance(30)

    # Each renews its place now and then, and that is all.
    assert sum(store.changes for store in shelf.stores.values()) - before <= 2 * 31
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await manual_clock.settle()


async def test_where_there_is_nothing_to_agree_on_nothing_is_noted(ana, shelf, manual_clock):
    leases = await asyncio.gather(*(asking(ana, Scope(key="f0")) for _ in range(100)))

    for lease in leases:
        lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert shelf.documents == {}


async def test_requests_that_may_go_together_are_granted_in_one_change(ana, shelf, manual_clock):
    shelf.stores["ana"].at_once = False
    scope = Scope(key="ab", max_in_flight=5)
    asked = [asking(ana, scope) for _ in range(12)]
    await manual_clock.settle()

    assert sum(task.done() for task in asked) == 5
    assert shelf.stores["ana"].changes == 2  # the second puts the rest into the queue
    for task in asked:
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()
