"""
The short form of the chaos run (`python -m benchmarks.chaos`; `nox -s chaos` is the long one), on each store.

It runs as a program of its own: the processes that are killed, and what is left of them, are no part of this one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    """A folder that nobody has used."""
    return SimpleNamespace(url=f"file:{tmp_path / 'coordination'}")


@pytest.fixture
def chaos(request):
    """Run a part of it on a store that nobody has used; its rows, and what it finds broken."""

    async def run(part, kind, *arguments):
        store = request.getfixturevalue({"redis": "valkey"}.get(kind, kind))
        command = (sys.executable, "-m", "benchmarks.chaos", part, "--json", "--coordinator", kind, "--at", store.url)
        process = await asyncio.create_subprocess_exec(*command, *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE)
        out, complaints = await process.communicate()
        assert complaints == b""
        said = json.loads(out)
        assert process.returncode == bool(said["broken"])
        return said["rows"], said["broken"]

    return run


@pytest.mark.parametrize("kind", ["file", "redis", "postgres"])
async def test_under_kills_stops_and_cuts_no_token_is_used_twice_at_once_and_no_write_is_done_twice(chaos, kind):
    # A blow a second is more than anybody lives with: a dead process costs its tokens a lease each time.
    (row,), broken = await chaos("storm", kind, "--seconds", "8", "--every", "0.8", "--least", "0.05", "--seed", "7")

    assert broken == []
    assert (row["overlaps"], row["at once"], row["twice"]) == (0, 1, 0)
    assert row["kills"] >= 1
    assert row["stops"] >= 1
    assert row["cuts"] >= (0 if kind == "file" else 1)
    assert row["cancels"] >= 20


async def test_overlaps_are_seen_where_work_outlives_settle_but_a_stopped_process_keeps_its_token_in_a_folder(chaos):
    # The first row is also the proof that overlaps would be counted.
    (long, stopped), broken = await chaos("assumptions", "file", "--seconds", "6")

    assert broken == []
    assert long["overlaps"] > 0
    assert stopped["overlaps"] == 0
    assert long["twice"] == stopped["twice"] == 0


async def test_processes_at_full_speed_never_exceed_a_shared_window(chaos):
    # How much of it they use depends on what else the machine does: the long run looks at that.
    (row,), _ = await chaos("window", "redis", "--seconds", "3")

    assert row["most in a window"] <= 100
    assert row["requests"] > 100
