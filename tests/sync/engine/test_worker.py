"""A worker on a real queue: it begins rounds, survives outages of the queue, and leaves nothing behind when it ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

import attrs
import psycopg
import pytest

from sagicc_async import ConfigError, MemoryCoordinator, SessionManager
from sagicc_async.clock import SystemClock
from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.outcome import Ending
from sagicc_async.sync.procrastinate import EngineSettings, ProcrastinateExecutor, worker
from sagicc_async.sync.procrastinate.queue import Queue
from sagicc_async.sync.run import run
from sagicc_async.sync.unit import Unit

from ...coordination.postgres_rig import role
from ...servers.postgres import PostgresServer
from ..fake_vendor import FakeVendor, things
from ..memory_sink import MemorySink

ENGINE = EngineSettings(poll=0.1, heartbeat=0.3, stale=1.5, recover=0.2, grace=5)


class StoppedWall(SystemClock):
    """No moment at which a round is due passes while a test runs."""

    def wall(self):
        return 1_790_000_000.0


@attrs.define(slots=False)
class Place(FakeVendor):
    """A vendor whose accounts every worker of a test has, and what a manager of theirs agrees on tokens with."""

    coordinator: Any = "somebody else"

    async def source(self):
        async for account in super().source():
            yield attrs.evolve(account, credentials=dict)


@pytest.fixture
def place():
    return Place()


@pytest.fixture
def sink():
    return MemorySink()


@pytest.fixture
def running(place, sink):
    """Workers that run while the block does, and are asked to end after it."""

    @contextlib.asynccontextmanager
    async def start(url, *, engine=ENGINE, **options):
        stop = asyncio.Event()
        options = {"schedule": False, "sessions": place, "clock": StoppedWall(), **options}
        task = asyncio.create_task(worker(url, place, sink, engine=engine, stop=stop, **options))
        try:
            yield task
        finally:
            stop.set()
            async with asyncio.timeout(20):
                await task

    return start


def sync(url, place, sink):
    return run(place, sink, sessions=place, executor=ProcrastinateExecutor(url))


def rows(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_workers_that_start_at_once_on_an_empty_database_make_its_tables_once(postgres, place, sink, running):
    place.put("a", "things", things(1))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(running(postgres.url))
        report = await sync(postgres.url, place, sink)
    assert report["a"].resources == 1
    assert rows(postgres.url, "SELECT count(*) FROM procrastinate_workers") == [(0,)]  # all took their leave


async def test_tables_are_not_made_where_that_is_not_wanted(postgres, place, sink):
    with pytest.raises(ConfigError, match="procrastinate schema --apply"):
        await worker(postgres.url, place, sink, sessions=place, ddl=False)
    assert rows(postgres.url, "SELECT to_regclass('procrastinate_jobs')") == [(None,)]
    async with Queue.at(postgres.url):
        pass
    async with Queue.at(postgres.url, ddl=False):
        pass


async def test_tables_of_an_older_release_are_named(postgres, place, sink):
    rows(postgres.url, "CREATE TABLE procrastinate_jobs (id int)")
    with pytest.raises(ConfigError, match="older release: apply its migrations"):
        await worker(postgres.url, place, sink, sessions=place)


async def test_a_worker_that_agrees_on_tokens_with_nobody_is_refused(place, sink, monkeypatch):
    place.coordinator = MemoryCoordinator()
    with pytest.raises(ConfigError, match="memory: is for one process alone; leave"):
        await worker("postgresql://127.0.0.1:1/jobs", place, sink, sessions=place)
    monkeypatch.setenv("SAGICC_ASYNC_COORDINATOR", "memory:")
    with pytest.raises(ConfigError, match="memory: is for one process alone; leave"):
        await worker("postgresql://127.0.0.1:1/jobs", place, sink)


async def test_tokens_are_agreed_on_in_the_queues_database_unless_another_is_named(monkeypatch, postgres, place, sink):
    opened = []
    monkeypatch.setattr(SessionManager, "__aenter__", lambda manager: opened.append(manager) or _never())
    for address in (None, "redis://elsewhere.example/0"):
        if address is None:
            monkeypatch.delenv("SAGICC_ASYNC_COORDINATOR")
        else:
            monkeypatch.setenv("SAGICC_ASYNC_COORDINATOR", address)
        with pytest.raises(ConfigError, match="not in this test"):
            await worker(postgres.url, place, sink)
    mine, named = (manager.coordinator.describe() for manager in opened)
    assert mine == f"postgresql://127.0.0.1:{postgres.port}/postgres"
    assert "elsewhere.example" in named


async def _never():
    raise ConfigError("not in this test")


async def test_a_queue_that_cannot_be_reached_at_the_beginning_is_an_error_without_the_password(place, sink):
    with pytest.raises(ConfigError, match=r"the queue at postgresql://127.0.0.1:1/jobs cannot be used") as caught:
        await worker("postgresql://user:canary@127.0.0.1:1/jobs", place, sink, sessions=place)
    error = caught.value
    while error is not None:
        assert "canary" not in str(error)
        error = error.__cause__ or error.__context__
    assert place.hooks == []
    assert sink.entered == 0


async def test_why_the_accounts_cannot_be_read_is_told(postgres, place, running, monkeypatch, caplog):
    async def wrong():
        raise ConfigError("accounts.toml is not TOML")
        yield

    monkeypatch.setattr(Place, "__aiter__", lambda self: wrong())
    async with running(postgres.url, schedule=True):
        await until(lambda: "the accounts could not be read: accounts.toml is not TOML; they are" in caplog.text)


async def test_each_account_is_begun_once_however_many_workers_look_at_what_is_due(postgres, place, sink, running):
    for number in range(8):
        place.put(f"account {number}", "things", things(1))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(running(postgres.url, schedule=True))
        await until(lambda: len(sink.notes) == 8)
    assert len(sink.commits) == 8
    async with running(postgres.url, schedule=True):  # it finds that this moment's rounds were begun
        place.put("one more", "things", things(1))
        await until(lambda: Unit("fake", "one more", "things") in sink.notes)
    assert len(sink.commits) == 9


async def test_no_two_jobs_of_an_account_run_at_once_and_accounts_do(postgres, place, sink, running):
    at_work, most, together = {}, {}, set()

    async def before(account, resource, request):
        at_work[account] = at_work.get(account, 0) + 1
        most[account] = max(most.get(account, 0), at_work[account])
        together.add(frozenset(name for name, count in at_work.items() if count))
        await asyncio.sleep(0.02)
        at_work[account] -= 1

    place.before = before
    for account in "ab":
        for resource in ("one", "two", "three"):
            place.put(account, resource, things(*range(1, 8)))
    async with running(postgres.url), running(postgres.url):
        report = await sync(postgres.url, place, sink)
    assert report.failed == []
    assert most == {"a": 1, "b": 1}
    assert frozenset("ab") in together


async def test_a_job_that_does_not_come_to_a_commit_in_time_is_cut_and_stands_in_the_queue_again(
    postgres, place, sink, running
):
    asked = asyncio.Event()

    async def before(account, resource, request):
        asked.set()
        await asyncio.Event().wait()

    place.before = before
    place.put("a", "things", things(1))
    async with running(postgres.url, schedule=True, engine=attrs.evolve(ENGINE, grace=0.1)):
        await asked.wait()
    async with Queue.at(postgres.url) as queue:
        (left,) = await queue.unfinished()
    assert (str(left.job.unit), left.begun) == ("a things", False)
    place.before = lambda *_: None
    async with running(postgres.url):
        await until(lambda: sink.notes)
    assert sink.notes[left.job.unit].ending is Ending.DONE


async def test_cancelling_a_worker_puts_its_jobs_back(postgres, place, sink):
    pages = 0

    def before(account, resource, request):
        nonlocal pages
        pages += 1
        return asyncio.sleep(0.01)

    place.before = before
    place.put("a", "things", things(*range(3000)))
    task = asyncio.create_task(worker(postgres.url, place, sink, sessions=place, engine=ENGINE, clock=StoppedWall()))
    await until(lambda: pages > 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with Queue.at(postgres.url) as queue:
        (left,) = await queue.unfinished()
    assert not left.begun
    assert left.job.before["requests"] == 0  # the fake vendor's are not counted
    assert sink.notes[left.job.unit].ending is Ending.PARKED


async def test_a_worker_goes_on_when_its_queue_is_back(servers, place, sink, running):
    server = servers(PostgresServer)
    place.put("a", "things", things(1))
    async with running(server.url):
        await sync(server.url, place, sink)
        server.kill()
        server.start()
        place.put("b", "things", things(1))
        report = await sync(server.url, place, sink)
    assert report["b"].resources == 1


async def test_a_job_whose_end_cannot_be_written_does_not_stop_the_worker(postgres, place, sink, running):
    asked, go = asyncio.Event(), asyncio.Event()

    async def before(account, resource, request):
        asked.set()
        await go.wait()

    place.before = before
    place.put("a", "things", things(1))
    async with running(postgres.url):
        first = asyncio.create_task(sync(postgres.url, place, sink))
        await asked.wait()
        rows(postgres.url, "DELETE FROM procrastinate_jobs")
        go.set()
        await first
        place.put("b", "things", things(1))
        report = await sync(postgres.url, place, sink)
    assert report["b"].resources == 1


async def test_a_worker_that_was_struck_off_the_list_registers_anew(postgres, place, sink, running):
    place.put("a", "things", things(1))
    async with running(postgres.url):
        await until(lambda: rows(postgres.url, "SELECT to_regclass('procrastinate_workers')") != [(None,)])
        await until(lambda: rows(postgres.url, "DELETE FROM procrastinate_workers RETURNING id"))
        report = await sync(postgres.url, place, sink)
    assert report["a"].resources == 1


async def test_other_programs_jobs_and_workers_in_the_same_database_are_left_alone(postgres, place, sink, running):
    async with Queue.at(postgres.url):
        pass
    theirs = "procrastinate_workers (last_heartbeat) VALUES (now() - interval '20 seconds')"
    ((slow,),) = rows(postgres.url, f"INSERT INTO {theirs} RETURNING id")  # procrastinate's own say so every 10 s
    rows(
        postgres.url,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, attempts)"
        f" VALUES ('default', 'sagicc_async.unit', 'doing', {slow}, 0), ('default', 'theirs', 'todo', NULL, 0)",
    )
    before = rows(postgres.url, "SELECT * FROM procrastinate_jobs ORDER BY id")
    place.put("a", "things", things(1))
    async with running(postgres.url):
        await sync(postgres.url, place, sink)
    assert rows(postgres.url, "SELECT * FROM procrastinate_jobs ORDER BY id") == before
    assert rows(postgres.url, "SELECT id FROM procrastinate_workers") == [(slow,)]


async def test_tables_that_are_somebody_elses_need_no_index_of_ours(postgres):
    async with Queue.at(postgres.url):
        pass
    assert rows(postgres.url, "SELECT to_regclass('sagicc_async_jobs_lock_1') IS NOT NULL") == [(True,)]
    rows(postgres.url, "DROP INDEX sagicc_async_jobs_lock_1")
    with role(postgres.url) as theirs:
        name = urlsplit(theirs).username
        rows(postgres.url, f"GRANT USAGE ON SCHEMA public TO {name}")
        rows(postgres.url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
        async with Queue.at(theirs):
            pass
    assert rows(postgres.url, "SELECT to_regclass('sagicc_async_jobs_lock_1') IS NOT NULL") == [(False,)]
    async with Queue.at(postgres.url):
        pass
    assert rows(postgres.url, "SELECT to_regclass('sagicc_async_jobs_lock_1') IS NOT NULL") == [(True,)]


async def test_what_one_worker_does_alone_the_others_leave(postgres):
    async with Queue.at(postgres.url) as one, Queue.at(postgres.url) as other:
        did = []

        async def duty():
            did.append("one")
            await other._database.alone(lambda: _record(did, "other"))

        await one._database.alone(duty)
        assert did == ["one"]
        await other._database.alone(lambda: _record(did, "other"))
        assert did == ["one", "other"]


async def _record(did, who):
    did.append(who)


async def test_nothing_secret_stands_in_the_queue(postgres, sink):
    secrets = {"token": "TOKEN-canary-1", "secretkey": "KEY-canary-2"}

    async def source():
        yield SyncAccount(name="a", vendor="serpi", credentials=secrets, base_url="http://127.0.0.1:1/")

    running = asyncio.create_task(run(source(), sink, executor=ProcrastinateExecutor(postgres.url)))
    await until(lambda: rows(postgres.url, "SELECT to_regclass('procrastinate_jobs')") != [(None,)])
    await until(lambda: rows(postgres.url, "SELECT 1 FROM procrastinate_jobs"))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    text = str(rows(postgres.url, "SELECT procrastinate_jobs::text FROM procrastinate_jobs"))
    assert "serpi" in text
    assert not any(secret in text for secret in secrets.values())
