"""The command line keeps counts for its next run, and `check` shows them where a vendor cares."""

from __future__ import annotations

import json

import platformdirs
import pytest

from sagicc_async import ErrorShare
from sagicc_async_serpi import Serpi


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: tmp_path / "state" / name)
    return tmp_path / "state" / "sagicc-async" / "errors"


@pytest.fixture
def guarded(monkeypatch, state):
    """SERPI, if it blocked users for their errors."""
    monkeypatch.setattr(Serpi, "error_share", ErrorShare(limit=0.8, days=7, least=4))
    return state


def lines(outcome, subject):
    return [line for line in outcome.out.splitlines() if line[8:].startswith(f"{subject}:")]


def test_check_shows_what_all_runs_together_counted(run, vendor, guarded):
    run("check", "serpi")
    run("export", "serpi", "impuesto", "-o", "-")
    counted = vendor.stats.requests + 1

    (line,) = lines(run("check", "serpi"), "errors")

    assert line == (
        f"ok      errors: 0 of the {counted} requests that were counted here in 7 days; the vendor blocks users above 80%"
    )
    assert len(list(guarded.iterdir())) == 1


def test_check_marks_a_share_that_is_high_also_where_nothing_else_goes(run, vendor, guarded):
    vendor.fault("status", status=404)
    outcomes = [run("check", "serpi") for _ in range(4)]

    assert [lines(outcome, "errors")[0].split()[0] for outcome in outcomes] == ["ok", "ok", "ok", "problem"]
    assert "4 of the 4 requests" in outcomes[-1].out
    assert "serpi default: 100.0 % of 4 requests failed" in " ".join(outcomes[-1].err.split())


def test_where_no_vendor_cares_nothing_is_shown_and_nothing_written(run, vendor, state):
    assert lines(run("check", "serpi"), "errors") == []
    assert not state.parent.exists()


def test_adapters_tells_programs_what_a_vendor_bears(run, guarded):
    told = {one["vendor"]: one["error_share"] for one in json.loads(run("adapters", "--json").out)}

    assert told["serpi"] == {"limit": 0.8, "days": 7, "warn_at": 0.4, "refuse_at": None, "least": 4}
