"""What becomes of a job whose function raises: it is cut, or something of ours is wrong."""

from __future__ import annotations

import asyncio
import datetime

import pytest
from procrastinate.jobs import Job

from sagicc_async.sync.outcome import Ending, Outcome
from sagicc_async.sync.procrastinate import EngineSettings, QueueUnavailable
from sagicc_async.sync.procrastinate.queue import _PutBack
from sagicc_async.sync.unit import Unit

UNIT = Unit("fake", "a", "things")


def decided(error, attempts=0):
    job = Job(queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
    return _PutBack().get_retry_decision(exception=error, job=job)


def seconds(decision):
    return round((decision.retry_at - datetime.datetime.now(datetime.UTC)).total_seconds())


@pytest.mark.parametrize("attempts", [0, 5, 500])
def test_a_job_that_is_cut_stands_in_the_queue_again_at_once_however_often_it_is(attempts):
    assert decided(asyncio.CancelledError(), attempts).retry_at is None


def test_a_job_that_we_could_not_finish_is_done_again_later_and_later_and_not_for_ever():
    assert [seconds(decided(QueueUnavailable("away"), attempts)) for attempts in (0, 1, 4, 10)] == [1, 2, 16, 60]
    assert decided(QueueUnavailable("away"), 20) is None


@pytest.mark.parametrize(
    ("ending", "kind", "again"),
    [
        (Ending.FAILED, "ServerError", True),
        (Ending.TAKEN_OVER, "", True),
        (Ending.FAILED, "SinkUnavailable", True),
        (Ending.FAILED, "RateLimited", True),
        (Ending.FAILED, "CredentialsRejected", False),
        (Ending.FAILED, "PermissionDenied", False),
        (Ending.FAILED, "ConfigError", False),
        (Ending.FAILED, "KeyError", False),
        (Ending.DONE, "", False),
        (Ending.PARKED, "", False),
    ],
)
def test_only_a_failure_that_may_pass_is_tried_again(ending, kind, again):
    outcome = Outcome(unit=UNIT, ending=ending, kind=kind)
    settings = EngineSettings(retries=1, backoff=7)
    assert settings.again(outcome, 0) == (7 if again else None)
    assert settings.again(outcome, 1) is None
