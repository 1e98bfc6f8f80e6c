"""One issue for all callers, whoever leaves; renewal before the end; failures shared and cooled down."""

from __future__ import annotations

import asyncio
import logging

import attrs
import pytest

from sagicc_async.errors import CredentialsRejected, FieldError, ServerError, SessionClosed


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


@pytest.fixture
def source():
    class Source:
        """What a vault gives, now and later."""

        asked = 0
        answers = None

        async def __call__(self):
            self.asked += 1
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    return Source()


@pytest.mark.parametrize("static", [False, True])
async def test_refused_credentials_are_read_again_once_and_what_changed_is_used(
    owner, vendor, source, credentials, static
):
    vendor.static = static
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    old = await slot.get()
    vendor.refuses = {"first"}

    fresh = await slot.refuse(old, reread=False)

    assert fresh.credentials == credentials("second")
    assert fresh.generation == 2
    assert source.asked == 2


@pytest.mark.parametrize("static", [False, True])
async def test_refused_credentials_that_did_not_change_are_rejected_for_everybody(
    owner, vendor, source, credentials, static
):
    vendor.static = static
    source.answers = [credentials("first")]
    slot = owner.slot(vendor, source)
    old = await slot.get()
    vendor.refuses = {"first"}

    errors = await asyncio.gather(*(slot.refuse(old, reread=False) for _ in range(20)), return_exceptions=True)

    assert {type(error) for error in errors} == {CredentialsRejected}
    assert errors[0].hint == "look at the vendor's screen"
    assert source.asked == 2
    with pytest.raises(CredentialsRejected):
        await slot.get()
    assert source.asked == 2


async def test_a_token_refused_after_a_fresh_login_means_that_the_credentials_are_read_again(
    owner, vendor, source, credentials
):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    once = await slot.refuse(await slot.get(), reread=False)

    twice = await slot.refuse(once, reread=True)

    assert twice.credentials == credentials("second")
    assert (vendor.issued, source.asked) == (3, 2)


async def test_a_renewal_is_told_which_token_it_replaces(slot, vendor, manual_clock):
    first = await slot.get()
    second = await slot.refuse(first, reread=False)
    await manual_clock.advance(95)
    await slot.get()

    assert vendor.spent == [None, first.token, second.token]


async def test_a_token_of_other_credentials_is_replaced_by_none(owner, vendor, source, credentials):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    held = await slot.get()
    vendor.refuses = {"first"}

    await slot.refuse(held, reread=False)

    assert vendor.spent == [None, held.token, None]


async def test_credentials_that_are_read_again_and_are_the_same_go_on_with_their_token(owner, vendor, credentials):
    slot = owner.slot(vendor, credentials("first"))
    held = await slot.get()
    vendor.refuses = {"first"}
    with pytest.raises(CredentialsRejected):
        await slot.refuse(held, reread=False)
    vendor.refuses = set()
    await owner.clock.advance(5)

    await slot.get()

    assert vendor.spent == [None, held.token, held.token]


REFUSAL = CredentialsRejected(
    "the client secret is wrong",
    status=401,
    code="invalid_client",
    hint="press Show in the screen of keys",
    errors=[FieldError("invalid_client", "", "Client authentication failed")],
)


async def test_a_refused_login_keeps_its_reason_where_the_credentials_did_not_change(slot, vendor):
    held = await slot.get()
    vendor.fails = [REFUSAL]

    with pytest.raises(CredentialsRejected) as raised:
        await slot.refuse(held, reread=False)

    error = raised.value
    assert error.message == "the client secret is wrong, and reading the credentials again gave the same ones"
    assert error.args == (error.message,)
    assert (error.status, error.code, error.hint) == (401, "invalid_client", "press Show in the screen of keys")
    assert error.errors == REFUSAL.errors
    assert REFUSAL.message == "the client secret is wrong"  # whoever holds the first one sees it as it was


async def test_a_refused_login_without_a_hint_gets_the_vendors_screen_and_stays_of_its_class(slot, vendor):
    class Locked(CredentialsRejected):
        pass

    held = await slot.get()
    vendor.fails = [Locked("the user is locked")]

    with pytest.raises(Locked, match="the user is locked, and reading") as raised:
        await slot.refuse(held, reread=False)

    assert raised.value.hint == "look at the vendor's screen"


async def test_a_refusal_of_fresh_credentials_comes_through_as_it_is(owner, vendor, source, credentials):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    held = await slot.get()
    vendor.fails = [CredentialsRejected("the old ones"), REFUSAL]

    with pytest.raises(CredentialsRejected) as raised:
        await slot.refuse(held, reread=False)

    assert raised.value is REFUSAL


async def test_credentials_that_were_replaced_are_not_tried_again_after_the_fresh_ones_failed(
    owner, vendor, source, credentials
):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    held = await slot.get()
    vendor.fails = [CredentialsRejected("the old ones"), ServerError("down")]
    with pytest.raises(ServerError):
        await slot.refuse(held, reread=False)
    await owner.clock.advance(5)

    assert (await slot.get()).credentials == credentials("second")
    assert vendor.issued == 4


async def test_a_kept_token_that_is_refused_in_its_turn_leads_to_a_login_before_the_credentials_are_doubted(
    owner, vendor, source, credentials, monkeypatch
):
    source.answers = [credentials("first")]
    issue = vendor.issue

    async def kept_once(credentials, spent):
        token = await issue(credentials, spent)
        return attrs.evolve(token, cached=vendor.issued < 3)

    monkeypatch.setattr(type(vendor), "issue", lambda self, *arguments: kept_once(*arguments))
    slot = owner.slot(vendor, source)
    twice = await slot.refuse(await slot.get(), reread=False)

    fresh = await slot.refuse(twice, reread=True)

    assert not fresh.token.cached
    assert (vendor.issued, source.asked) == (3, 1)


async def test_a_vendor_that_issues_the_refused_token_again_gets_other_credentials(owner, vendor, source, credentials):
    vendor.static = True
    source.answers = [credentials("same"), credentials("same")]
    slot = owner.slot(vendor, source)
    held = await slot.get()

    with pytest.raises(CredentialsRejected, match="reading them again gave the same ones"):
        await slot.refuse(held, reread=False)


@pytest.mark.parametrize("static", [False, True])
async def test_rejected_credentials_recover_when_the_source_has_new_ones_after_the_cool_down(
    owner, vendor, source, credentials, static
):
    """Without another login with those that were rejected: vendors lock users out for that."""
    vendor.static = static
    source.answers = [credentials("first")]
    slot = owner.slot(vendor, source)
    held = await slot.get()
    vendor.refuses = {"first"}
    with pytest.raises(CredentialsRejected):
        await slot.refuse(held, reread=False)
    source.answers = [credentials("mended")]
    with pytest.raises(CredentialsRejected):
        await slot.get()

    await owner.clock.advance(5)

    assert (await slot.get()).credentials == credentials("mended")
    assert vendor.issued == 3


async def test_a_lane_follows_the_static_token_and_stays_with_the_identity_that_logs_in(owner, vendor, credentials):
    one = await owner.slot(vendor, credentials("first")).get()
    two = await owner.slot(vendor, credentials("second")).get()
    assert one.lane == two.lane

    vendor.static = True
    three = await owner.slot(vendor, credentials("first")).get()
    four = await owner.slot(vendor, credentials("second")).get()
    assert three.lane != four.lane
