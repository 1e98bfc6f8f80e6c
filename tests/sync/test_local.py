"""How many accounts are worked on at once."""

from __future__ import annotations

import attrs
import pytest

from sagicc_async import RequestFinished
from sagicc_async.sync.local import accounts_at_once
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.unit import Unit

REQUEST = RequestFinished(
    vendor="fake",
    account="a",
    operation="things.list",
    method="GET",
    path="things",
    request_id="1",
    attempt=1,
    status=200,
    outcome="ok",
    queued=0.5,
    seconds=0.02,
    size=1,
)


@pytest.mark.parametrize(("latency", "accounts"), [(0.001, 16), (0.02, 70), (0.1, 350), (1.0, 500)])
def test_as_many_as_keep_one_processor_busy_at_the_latency_that_is_measured(rig, latency, accounts):
    rig.vendor.bulk_connections = 1000
    work = rig.work
    assert accounts_at_once(work) == 16
    for number in range(100):
        slow = number >= 20  # what waited for us says nothing of the vendor
        work.meter(attrs.evolve(REQUEST, seconds=5.0 if slow else latency))
    assert accounts_at_once(work) == accounts


def test_a_vendor_that_seems_slower_because_this_process_is_busy_does_not_make_it_busier(rig):
    rig.vendor.bulk_connections = 1000
    work = rig.work
    for seconds in (0.02, 0.06, 0.18):
        for _ in range(2_000):
            work.meter(attrs.evolve(REQUEST, seconds=seconds))
    assert accounts_at_once(work) == 70


def test_a_vendor_that_has_become_slower_is_found_out_within_34_thousand_requests(rig):
    rig.vendor.bulk_connections = 1000
    work = rig.work
    for seconds in (0.02, 0.1):
        for _ in range(34_000):
            work.meter(attrs.evolve(REQUEST, seconds=seconds))
    assert accounts_at_once(work) == 350


def test_no_more_than_there_are_connections_and_what_the_settings_say_goes_before_all(rig):
    work = rig.work
    for _ in range(10):
        work.meter(attrs.evolve(REQUEST, seconds=1.0))
    assert accounts_at_once(work) == rig.vendor.bulk_connections
    assert accounts_at_once(attrs.evolve(work, settings=SyncSettings(at_once=3))) == 3


def test_requests_that_were_never_answered_count_and_tell_no_latency(rig):
    work = rig.work
    work.meter(attrs.evolve(REQUEST, status=None, outcome="NotSent"))
    assert work.meter.latency is None
    used = work.meter.take(Unit("fake", "a", "things"))
    assert (used.requests, used.queued) == (1, 0.5)
    assert work.meter.take(Unit("fake", "a", "things")).requests == 0
