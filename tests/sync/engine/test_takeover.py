"""Workers as processes: one is killed in the middle of a job, another one is asked to end, and nothing shows of it."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import psycopg
import pytest

from sagicc_async.sandbox import Sandbox, write_accounts
from sagicc_async.sync.outcome import Ending
from sagicc_async.sync.procrastinate import ProcrastinateExecutor
from sagicc_async.sync.report import Report
from sagicc_async.sync.run import run
from sagicc_async.sync.sql import DatabaseSink

from .accounts import Quick

COMPANIES = 4


@pytest.fixture
async def sandbox():
    """Companies whose answers take a moment, in which requests that should not be at work together would be seen to be."""
    async with Sandbox(["serpi"], companies=COMPANIES, records=80, settings={"serpi": {"work": 0.01}}) as running:
        yield running


async def by_queue(url: str, file: Any) -> Report:
    return await run(Quick(file), DatabaseSink(url), executor=ProcrastinateExecutor(url))


def mirrored(url: str, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mirrored table, the moments of writing aside."""
    with psycopg.connect(url) as connection:
        columns = connection.execute(
            "SELECT table_name, string_agg(format('%%I::text', column_name), ', ' ORDER BY column_name)"
            " FROM information_schema.columns WHERE table_schema = %s AND table_name LIKE 'serpi%%'"
            " AND column_name <> '_changed_at' GROUP BY table_name",
            [schema],
        ).fetchall()
        return {
            table: sorted(connection.execute(f'SELECT {listed} FROM "{schema}"."{table}"').fetchall())
            for table, listed in columns
        }


async def alone(url: str, file: Any) -> dict[str, list[tuple[Any, ...]]]:
    """What one process makes of the same accounts."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA alone")
    report = await run(Quick(file), DatabaseSink(url, schema="alone"))
    assert not report.failed
    return mirrored(url, "alone")


async def test_the_jobs_of_a_killed_worker_are_taken_over_without_an_overlap_and_nothing_is_lost_or_doubled(
    postgres, sandbox, tmp_path, workers
):
    file = write_accounts(sandbox, tmp_path)
    victim, heir = await workers(postgres.url, file), await workers(postgres.url, file)
    syncing = asyncio.create_task(by_queue(postgres.url, file))
    await victim.says(lambda said: said["event"] == "committed" and said["underway"])
    victim.process.kill()
    report = await syncing
    await victim.process.wait()

    cut = {said["unit"] for said in victim.told("committed")} - {said["unit"] for said in victim.told("ended")}
    assert cut
    assert cut <= {said["unit"] for said in heir.told("ended", ending=Ending.DONE.value)}
    assert not report.failed
    assert len(report) == COMPANIES
    assert mirrored(postgres.url, "public") == await alone(postgres.url, file)
    assert {sandbox[name].stats.overlaps for name in sandbox} == {0}
    assert {sandbox[name].stats.max_in_flight for name in sandbox} == {1}


async def test_a_worker_that_is_told_to_end_puts_its_jobs_back_at_their_next_commit(
    postgres, sandbox, tmp_path, workers
):
    file = write_accounts(sandbox, tmp_path)
    leaving = await workers(postgres.url, file)
    syncing = asyncio.create_task(by_queue(postgres.url, file))
    await leaving.says(lambda said: said["event"] == "committed" and said["underway"])
    leaving.process.send_signal(signal.SIGTERM)
    assert await leaving.process.wait() == 0
    parked = {said["unit"] for said in leaving.told("ended", ending=Ending.PARKED.value)}
    assert parked
    heir = await workers(postgres.url, file)
    report = await syncing

    assert parked <= {said["unit"] for said in heir.told("ended", ending=Ending.DONE.value)}
    assert not report.failed
    rows = mirrored(postgres.url, "public")
    assert report.changes.new == sum(map(len, rows.values()))  # what was done before it was put back counts
    assert rows == await alone(postgres.url, file)
