"""What stands in the queue: enough to go on, and nothing secret."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ConfigError
from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.procrastinate.jobs import UnitJob, lock_of

JOB = UnitJob(vendor="serpi", account="acme", resource="invoices", round="r1", lock="l1")
SECRETS = {"token": "TOKEN-canary-1", "secretkey": "KEY-canary-2"}

COUNTS = st.integers(0, 10**9)
SECONDS = st.floats(0, 1e6)


@st.composite
def outcomes(draw):
    changes = Changes(
        new=draw(COUNTS), changed=draw(COUNTS), unchanged=draw(COUNTS), deleted=draw(COUNTS), suspects=draw(COUNTS)
    )
    return Outcome(
        unit=JOB.unit,
        ending=Ending.PARKED,
        changes=changes,
        requests=draw(COUNTS),
        queued=draw(SECONDS),
        seconds=draw(SECONDS),
        passes=draw(COUNTS),
    )


@given(outcomes(), outcomes())
def test_a_job_that_goes_on_counts_what_was_done_before(first, second):
    parked = JOB.parked(JOB.total(first))
    again = UnitJob.of(json.loads(json.dumps(parked.args)), parked.lock)
    assert again == parked
    assert again.total(second) == second + first


def test_a_failed_job_is_one_attempt_older_and_the_same_job_otherwise():
    failed = JOB.failed(Outcome(unit=JOB.unit, ending=Ending.FAILED, requests=3))
    assert attrs.evolve(failed, attempt=0, before={}) == JOB
    assert (failed.attempt, failed.failed(Outcome(unit=JOB.unit, ending=Ending.FAILED)).attempt) == (1, 2)
    assert failed.total(Outcome(unit=JOB.unit, ending=Ending.DONE, requests=1)).requests == 4


def account(name, credentials, **fields):
    return SyncAccount(name=name, vendor="serpi", credentials=credentials, **fields)


def test_two_labels_for_the_same_credentials_share_a_lock():
    assert lock_of(account("a", SECRETS)) == lock_of(account("b", dict(SECRETS)))
    assert lock_of(account("a", SECRETS)) != lock_of(account("a", {**SECRETS, "token": "another"}))
    assert lock_of(account("a", SECRETS)) != lock_of(account("a", SECRETS, base_url="https://elsewhere.example"))


def test_credentials_that_are_asked_for_are_not_asked_for_a_lock():
    def refuse():
        raise AssertionError("asked")

    assert lock_of(account("a", refuse)) == lock_of(account("a", refuse))
    assert lock_of(account("a", refuse)) != lock_of(account("b", refuse))


def test_nothing_of_a_secret_is_in_a_lock():
    lock = lock_of(account("a", SECRETS))
    assert not any(secret in lock for secret in SECRETS.values())


def test_credentials_of_the_wrong_shape_are_an_error_without_their_values():
    with pytest.raises(ConfigError) as caught:
        lock_of(account("a", {"token": "TOKEN-canary-1", "key": "KEY-canary-2"}))
    assert "canary" not in str(caught.value)
