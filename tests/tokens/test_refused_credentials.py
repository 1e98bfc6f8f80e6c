"""Credentials that the vendor refuses: read again once, what changed is used, and the refusal keeps its reason."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async.errors import CredentialsRejected, FieldError, ServerError


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


async def test_a_token_that_is_spared_stays_in_use_and_the_next_issue_reads_the_credentials_again(
    owner, vendor, source, credentials
):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    fresh = await slot.refuse(await slot.get(), reread=False)

    slot.spare(fresh)

    assert slot.current() is fresh
    assert await slot.get() is fresh
    assert (vendor.issued, source.asked) == (2, 1)
    later = await slot.refuse(fresh, reread=False)  # another session had replaced it
    assert later.credentials == credentials("second")
    assert (vendor.issued, source.asked) == (3, 2)


async def test_many_refusals_of_a_spared_token_renew_it_once(slot, vendor):
    fresh = await slot.refuse(await slot.get(), reread=False)
    slot.spare(fresh)

    later = await asyncio.gather(*(slot.refuse(fresh, reread=False) for _ in range(20)))

    assert {held.generation for held in later} == {3}
    assert vendor.issued == 3


async def test_sparing_a_token_that_was_replaced_says_nothing_of_the_newer_one(owner, vendor, source, credentials):
    source.answers = [credentials("first"), credentials("second")]
    slot = owner.slot(vendor, source)
    old = await slot.get()
    newer = await slot.refuse(old, reread=False)

    slot.spare(old)
    await slot.refuse(newer, reread=False)

    assert source.asked == 1
