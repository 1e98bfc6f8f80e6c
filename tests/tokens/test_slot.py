"""One issue for all callers, whoever leaves; renewal before the end; failures shared and cooled down."""

from __future__ import annotations

import asyncio
import logging

import pytest

from sagicc_async.errors import ServerError, SessionClosed


async def test_a_cold_start_with_a_hundred_callers_issues_one_token(slot, vendor):
    tokens = await asyncio.gather(*(slot.get() for _ in range(100)))

    assert vendor.issued == 1
    assert len({id(held) for held in tokens}) == 1


@pytest.mark.parametrize("victim", [0, 1, 49, 99])
@pytest.mark.parametrize("started", [False, True])
async def test_cancelling_any_caller_leaves_the_issue_to_the_others(slot, vendor, manual_clock, victim, started):
    vendor.open.clear()
    callers = [asyncio.create_task(slot.get()) for _ in range(100)]
    if started:
        await manual_clock.settle()
    callers[victim].cancel()
    await manual_clock.settle()
    vendor.open.set()
    results = await asyncio.gather(*callers, return_exceptions=True)

    assert vendor.issued == 1
    assert isinstance(results.pop(victim), asyncio.CancelledError)
    assert {held.generation for held in results} == {1}


async def test_a_token_lands_although_every_caller_has_left(slot, vendor, owner, manual_clock):
    vendor.open.clear()
    callers = [asyncio.create_task(slot.get()) for _ in range(3)]
    await manual_clock.settle()
    for caller in callers:
        caller.cancel()
    await manual_clock.settle()
    assert all(caller.cancelled() for caller in callers)
    vendor.open.set()
    await manual_clock.settle()

    assert slot.current() is not None
    assert len(owner.renewed) == 1


async def test_a_failure_that_nobody_waits_for_any_more_is_no_unretrieved_exception(slot, vendor, manual_clock):
    """The watch over the loop's complaints (see conftest) is what fails here."""
    vendor.open.clear()
    vendor.fails = [ServerError("down")]
    caller = asyncio.create_task(slot.get())
    await manual_clock.settle()
    caller.cancel()
    await manual_clock.settle()
    vendor.open.set()
    await manual_clock.settle()

    assert caller.cancelled()
    with pytest.raises(ServerError, match="down"):
        await slot.get()
    assert vendor.issued == 1


async def test_a_late_refusal_of_an_old_token_never_discards_a_fresh_one(slot, vendor):
    old = await slot.get()
    fresh = await slot.refuse(old, reread=False)

    late = await slot.refuse(old, reread=False)

    assert late is fresh is slot.current()
    assert vendor.issued == 2


async def test_a_hundred_refusals_of_one_token_renew_it_once(slot, vendor):
    old = await slot.get()

    fresh = await asyncio.gather(*(slot.refuse(old, reread=False) for _ in range(100)))

    assert {held.generation for held in fresh} == {2}
    assert vendor.issued == 2


async def test_a_refusal_while_the_clock_says_valid_renews_the_token(slot, vendor, manual_clock):
    """A re-check that only looks at the clock would hand the revoked token out again."""
    revoked = await slot.get()
    assert manual_clock.now() < revoked.soft_at

    fresh = await slot.refuse(revoked, reread=False)

    assert fresh.token.value != revoked.token.value
    assert slot.current() is fresh
    assert vendor.issued == 2


async def test_a_failed_renewal_is_shared_and_cooled_down_and_then_recovers(slot, vendor, manual_clock):
    vendor.fails = [ServerError("down")]

    results = await asyncio.gather(*(slot.get() for _ in range(50)), return_exceptions=True)
    assert {str(error) for error in results} == {"down"}
    await manual_clock.advance(4.9)
    with pytest.raises(ServerError, match="down"):
        await slot.get()
    assert vendor.issued == 1

    await manual_clock.advance(0.1)
    assert (await slot.get()).generation == 1
    assert vendor.issued == 2


async def test_an_error_that_nobody_foresaw_is_cooled_down_and_logged_too(slot, vendor, caplog):
    """An adapter's slip, or what the user's vault raises, must not become a login storm either."""
    vendor.fails = [KeyError("access_token")]
    for _ in range(3):
        with pytest.raises(KeyError):
            await slot.get()

    assert vendor.issued == 1
    assert [record.getMessage() for record in caplog.records] == ["a token could not be renewed: KeyError"]


async def test_a_refused_token_is_handed_out_to_nobody_while_its_renewal_cools_down(slot, vendor, manual_clock):
    """Sending it again would be one more of the errors that vendors count."""
    revoked = await slot.get()
    await manual_clock.advance(80)
    vendor.fails = [ServerError("down")]
    assert slot.current() is revoked  # renews in the background, which fails
    await manual_clock.settle()

    with pytest.raises(ServerError, match="down"):
        await slot.refuse(revoked, reread=False)

    assert slot.current() is None
    with pytest.raises(ServerError, match="down"):
        await slot.get()


async def test_past_its_soft_expiry_a_token_is_renewed_in_the_background_while_it_is_used(slot, vendor, manual_clock):
    old = await slot.get()
    await manual_clock.advance(79)
    assert await slot.get() is old
    assert vendor.issued == 1

    await manual_clock.advance(1)
    vendor.open.clear()
    held = await asyncio.gather(*(slot.get() for _ in range(20)))
    await manual_clock.settle()
    assert set(map(id, held)) == {id(old)}
    assert vendor.issued == 2

    vendor.open.set()
    await manual_clock.settle()
    assert (await slot.get()).generation == 2


async def test_a_failed_background_renewal_is_tolerated_until_the_hard_expiry(slot, vendor, manual_clock, caplog):
    old = await slot.get()
    vendor.fails = [ServerError("down"), ServerError("down"), ServerError("still down")]
    await manual_clock.advance(80)
    for _ in range(2):
        assert await slot.get() is old
        await manual_clock.settle()
        assert await slot.get() is old  # cooling down: no second try
        await manual_clock.advance(5)
    assert vendor.issued == 3
    assert {record.levelno for record in caplog.records} == {logging.WARNING}

    assert slot.current() is None  # 10 seconds of leeway before its end
    with pytest.raises(ServerError, match="still down"):
        await slot.get()


async def test_past_its_hard_expiry_everybody_waits_for_a_new_token(slot, vendor, manual_clock):
    await slot.get()
    await manual_clock.advance(90)
    vendor.open.clear()
    callers = [asyncio.create_task(slot.get()) for _ in range(10)]
    await manual_clock.settle()
    assert not any(caller.done() for caller in callers)

    vendor.open.set()
    assert {(await caller).generation for caller in callers} == {2}


@pytest.mark.parametrize("lives", [0.0, -5.0, float("nan")])
async def test_a_life_that_is_over_before_it_began_does_not_log_in_for_every_request(slot, vendor, manual_clock, lives):
    vendor.lives = lives
    held = await slot.get()
    await manual_clock.advance(1000)

    assert slot.current() is held


@pytest.mark.parametrize(("lives", "expiries"), [(100, (80, 90)), (12, (6, 6)), (30, (20, 20)), (1, (0.5, 0.5))])
async def test_a_life_shorter_than_the_leeway_leaves_some_use(slot, vendor, manual_clock, lives, expiries):
    vendor.lives = lives
    held = await slot.get()

    assert (held.soft_at - manual_clock.now(), held.hard_at - manual_clock.now()) == pytest.approx(expiries)


async def test_a_token_whose_life_the_vendor_does_not_tell_is_used_until_it_is_refused(slot, vendor, manual_clock):
    vendor.lives = None
    held = await slot.get()
    await manual_clock.advance(10_000_000)

    assert await slot.get() is held


async def test_two_identities_renew_in_parallel(owner, vendor, manual_clock):
    """No lock is shared between them."""
    vendor.open.clear()
    slots = [owner.slot(vendor), owner.slot(vendor)]
    callers = [asyncio.create_task(slot.get()) for slot in slots]
    await manual_clock.settle()

    assert vendor.issued == 2
    vendor.open.set()
    await asyncio.gather(*callers)


async def test_closing_during_an_issue_tells_callers_that_the_session_is_closed(slot, vendor, owner, manual_clock):
    vendor.open.clear()
    callers = [asyncio.create_task(slot.get()) for _ in range(5)]
    await manual_clock.settle()
    await owner.close()
    results = await asyncio.gather(*callers, return_exceptions=True)

    assert {type(error) for error in results} == {SessionClosed}


@pytest.mark.parametrize("turns", range(4))
async def test_a_caller_that_is_cancelled_while_the_slot_closes_sees_its_own_cancellation(slot, vendor, owner, turns):
    """At whatever turn between the end of the issue and the news of it."""
    vendor.open.clear()
    caller = asyncio.create_task(slot.get())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    closing = asyncio.create_task(owner.close())
    for _ in range(turns):
        await asyncio.sleep(0)
    in_time = caller.cancel()
    await asyncio.wait([caller, closing])

    assert caller.cancelled() is in_time
    assert in_time or isinstance(caller.exception(), SessionClosed)


async def test_status_shows_age_and_life_and_no_secret(slot, manual_clock):
    assert slot.status() == {"token": None}
    held = await slot.get()
    await manual_clock.advance(40)

    status = slot.status()

    assert (status["age"], status["lives"], status["generation"], status["refused"]) == (40, 50, 1, False)
    assert held.token.value.reveal() not in repr((status, held))
