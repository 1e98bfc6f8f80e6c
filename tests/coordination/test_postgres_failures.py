"""What a PostgreSQL that fails, refuses or is somebody else does to coordination: nobody is let in, and everybody is told."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
import traceback
from urllib.parse import urlsplit

import psycopg
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator
from sagicc_async.tokens.coordination.store import Decision, StoreError
from sagicc_async.tokens.postgres_client import PostgresDatabase

from ..servers.postgres import PostgresServer
from .postgres_rig import HOLD, SCOPE, admit, asked, opened, until

CANARY = "canary-5d1"


class Copy(PostgresServer):
    """A hot standby, which follows another server until it is promoted."""

    def __init__(self, primary: PostgresServer) -> None:
        self._primary = primary
        super().__init__()

    def prepare(self) -> None:
        super().prepare()  # finds programs and user; its empty cluster makes room for the copy
        as_whom = {"user": self._user, "extra_groups": []} if self._user else {}
        subprocess.run(["rm", "-r", self.data], check=True)
        command = [self._programs / "pg_basebackup", "-R", "-c", "fast", "-D", self.data, "-d", self._primary.url]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **as_whom)

    def ready(self) -> bool:
        with contextlib.suppress(FileNotFoundError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby")
        return False


def terminate(url: str) -> int:
    """End all other connections to a database, as an administrator does; how many there were."""
    ((ended,),) = asked(
        url,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'sagicc-async'",
    )
    return ended


async def refusal(url: str, **settings) -> str:
    with pytest.raises(ConfigError) as refused:
        await PostgresCoordinator(url, **settings).open()
    assert refused.value.__cause__ is None
    return str(refused.value)


async def test_connections_that_an_administrator_ends_are_replaced_and_nobody_loses_a_turn(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url) as ben:
        for _ in range(5):
            lease = await admit(ana, hold=20)
            waiting = asyncio.create_task(admit(ben, hold=20))
            await asyncio.sleep(0.05)
            assert terminate(postgres.url) >= 4
            lease.release(Ending.COMPLETE)

            async with asyncio.timeout(5):
                (await waiting).release(Ending.COMPLETE)


async def test_whoever_waits_is_woken_again_after_its_listening_connection_was_ended(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url) as ben:
        assert ben._store.polling == float("inf")
        terminate(postgres.url)
        await until(lambda: ben._store.polling < 1)

        await until(lambda: ben._store.polling == float("inf"))

        lease = await admit(ana, hold=20)
        waiting = asyncio.create_task(admit(ben, hold=20))
        await asyncio.sleep(0.3)
        lease.release(Ending.COMPLETE)
        (await waiting).release(Ending.COMPLETE)


async def test_a_copy_is_refused_and_one_that_takes_over_has_lost_what_was_agreed_on(servers, proxy, caplog):
    primary = servers(PostgresServer)
    asked(primary.url, "SELECT 1")
    with Copy(primary) as copy:
        network = await proxy(primary)
        async with opened(network.url(primary.url)) as ana, opened(network.url(primary.url)) as ben:
            await admit(ana, hold=1.0)  # its answer never comes
            assert "cannot be reached: it is a read-only copy; name the primary server" in await refusal(copy.url)

            await asyncio.to_thread(primary.kill)
            network.target = copy.port  # as a name that leads elsewhere
            network.cut()
            waiting = asyncio.create_task(admit(ben, hold=1.0))
            await until(lambda: "it is a read-only copy" in (ben.trouble or ""))
            asked(copy.url, "SELECT pg_promote()")
            promoted = time.monotonic()

            async with asyncio.timeout(20):
                (await waiting).release(Ending.COMPLETE)

            assert time.monotonic() - promoted > 1.2
            assert "has lost what it kept" in caplog.text


async def test_a_database_that_is_set_to_read_only_says_so(postgres):
    async with opened(postgres.url) as coordinator:
        store = coordinator._store
        await store._database.close()
        database = urlsplit(postgres.url).path.removeprefix("/")
        asked(postgres.url, f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
        try:
            with pytest.raises(StoreError, match="it is a read-only copy; name the primary server") as refused:
                await store.change(SCOPE.key, lambda state, now: Decision(None))
        finally:
            asked(
                postgres.url,
                f'BEGIN READ WRITE; ALTER DATABASE "{database}" RESET default_transaction_read_only; COMMIT',
            )
        assert not refused.value.in_doubt


async def test_each_way_to_be_refused_says_what_to_do(servers, caplog):
    caplog.set_level("DEBUG")
    server = servers(PostgresServer, max_connections="6", superuser_reserved_connections="0")
    asked(server.url, "CREATE ROLE ana LOGIN PASSWORD 'right'")
    hba = server.data / "pg_hba.conf"
    hba.write_text("host all postgres 127.0.0.1/32 trust\nhost all ana,nobody 127.0.0.1/32 scram-sha-256\n")
    asked(server.url, "SELECT pg_reload_conf()")
    at = f"127.0.0.1:{server.port}"

    async def says(url: str) -> str:
        said = await refusal(url)
        assert CANARY not in said
        return said.partition("cannot be reached: ")[2].partition(";")[0]

    await until(lambda: "no pg_hba.conf" in _error(f"postgresql://ben@{at}/postgres"))  # the settings are read again
    assert await says(f"postgresql://ana:{CANARY}@{at}/postgres") == "it refuses the password"
    assert await says(f"postgresql://ana@{at}/postgres") == "it refuses the password"
    assert await says(f"postgresql://nobody:{CANARY}@{at}/postgres") == "it refuses the password"
    assert await says(f"postgresql://ben:{CANARY}@{at}/postgres") == "it refuses the user"
    assert await says(f"postgresql://postgres:{CANARY}@{at}/nowhere") == "there is no such database"
    said = await says(f"postgresql://postgres:{CANARY}@nowhere.invalid/x")
    assert said.startswith("failed to resolve host 'nowhere.invalid'")
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(psycopg.connect(server.url))
        assert await says(f"postgresql://postgres:{CANARY}@{at}/postgres") == "it has no connection left"
    assert CANARY not in caplog.text


async def test_no_frame_of_an_error_holds_the_password(unused_tcp_port):
    """Error trackers send the variables of frames along, and of errors that came before."""
    coordinator = PostgresCoordinator(f"postgresql://ana:{CANARY}@127.0.0.1:{unused_tcp_port}/x")
    with pytest.raises(ConfigError) as refused:
        await coordinator.open()

    error, frames = refused.value, []
    while error is not None:
        frames += [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        error = error.__context__
    assert len(frames) > 5
    assert [frame.f_code.co_qualname for frame in frames if CANARY in repr(frame.f_locals)] == []


def _error(url: str) -> str:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-ERR unknown command\r\n"])
async def test_what_is_no_postgresql_is_refused(says):
    async def answer(reader, writer):
        await reader.read(1)
        writer.write(says)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]

        said = await refusal(f"postgresql://ana:{CANARY}@127.0.0.1:{port}/x")

    assert "cannot be reached: " in said
    assert CANARY not in said


async def test_a_server_that_accepts_and_never_answers_is_not_waited_for_at_the_start(postgres, proxy):
    network = await proxy(postgres)
    network.swallows = True
    began = time.monotonic()

    said = await refusal(network.url(postgres.url), limit=0.3)

    assert "no answer within 0.3 s" in said
    assert time.monotonic() - began < 1


async def test_a_start_that_is_cancelled_leaves_nothing_open(postgres, proxy):
    network = await proxy(postgres, latency=0.005)
    for after in range(0, 120, 3):
        coordinator = PostgresCoordinator(network.url(postgres.url))
        opening = asyncio.create_task(coordinator.open())
        await asyncio.sleep(after / 1000)
        opening.cancel()
        try:
            await opening
        except asyncio.CancelledError:
            pass
        else:
            await coordinator.close()
    await until(lambda: network.connections == 0)


async def test_an_answer_that_never_comes_is_waited_for_no_longer_than_the_limit_whoever_gives_up(postgres, proxy):
    """The package would ask the server to cancel, and wait ten seconds for it."""
    network = await proxy(postgres)
    database = PostgresDatabase(network.url(postgres.url), limit=0.4)
    await database.row("SELECT 1")
    network.swallows = True
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"no answer within 0\.4 s") as late:
        await database.row("SELECT 2")
    assert late.value.in_doubt
    assert time.monotonic() - began < 0.8

    network.swallows = False
    await database.row("SELECT 3")
    network.swallows = True
    waiting = asyncio.create_task(database.row("SELECT 4"))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - began < 0.2

    network.swallows = False
    assert await database.row("SELECT 5") == (5,)
    await database.close()


async def test_a_listening_connection_that_swallows_everything_is_noticed(postgres, proxy, monkeypatch):
    monkeypatch.setattr("sagicc_async.tokens.postgres_client._SILENCE", 0.2)
    network = await proxy(postgres)
    async with opened(postgres.url, listen=network.url(postgres.url), limit=0.3) as coordinator:
        assert coordinator._store.polling == float("inf")
        network.swallows = True

        await until(lambda: coordinator._store.polling < 1)

        network.swallows = False
        network.cut()
        await until(lambda: coordinator._store.polling == float("inf"))


@pytest.mark.parametrize("after", [0, 1, 30, 70])
async def test_a_change_whose_answer_is_cut_is_in_doubt_and_one_that_was_never_sent_is_not(postgres, proxy, after):
    network = await proxy(postgres)
    async with opened(network.url(postgres.url), listen=False) as coordinator:
        store = coordinator._store
        await store.change("aa", lambda state, now: Decision(None))
        network.cut_after(after, "back")
        with pytest.raises(StoreError) as cut:
            await store.change("aa", lambda state, now: Decision(None))
        assert cut.value.in_doubt

        network.refuses = True
        with pytest.raises(StoreError) as refused:
            await store.change("aa", lambda state, now: Decision(None))
        assert not refused.value.in_doubt

        network.refuses = False
        await store.change("aa", lambda state, now: Decision(None))


async def test_tables_that_are_removed_in_the_middle_stop_everybody_until_they_are_there_again(postgres):
    async with opened(postgres.url) as ana:
        (await admit(ana)).release(Ending.COMPLETE)
        await asyncio.sleep(0.05)
        asked(postgres.url, "DROP TABLE sagicc_async_scope_1, sagicc_async_epoch_1, sagicc_async_meta_1")
        waiting = asyncio.create_task(admit(ana))
        await until(lambda: "does not exist" in (ana.trouble or ""))

        async with opened(postgres.url):
            async with asyncio.timeout(HOLD + 5):
                (await waiting).release(Ending.COMPLETE)
            assert ana.trouble is None


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://ana:12/{CANARY}@host/db",
        f"postgresql://ana:pass/{CANARY}@host/db",
        f"postgresql://ana:p@{CANARY}@host/db",
        f"postgresql://ana:p?q@{CANARY}@host/db",
        f"host=h password='{CANARY} dbname=x",
        f"postgresql://ana:{CANARY}@host:54x32/db",
    ],
)
def test_a_password_that_is_taken_for_a_part_of_the_address_is_not_shown(dsn):
    try:
        shown = repr(PostgresCoordinator(dsn))
    except ConfigError as refused:
        shown = str(refused)
        assert "written as %3A %2F %40" in shown

    assert CANARY not in shown


def test_an_address_with_several_hosts_shows_them():
    shown = PostgresCoordinator(f"postgresql://ana:{CANARY}@one:1,two:2/db?target_session_attrs=read-write").describe()

    assert shown == "postgresql://one,two:1,2/db"


def test_a_coordinator_that_was_closed_can_be_opened_on_another_event_loop(postgres):
    coordinator = PostgresCoordinator(postgres.url)

    async def use() -> None:
        await coordinator.open()
        leases = [
            asyncio.create_task(coordinator._store.change(f"{n:x}", lambda *_: Decision(None))) for n in range(20)
        ]
        await asyncio.gather(*leases)
        (await admit(coordinator)).release(Ending.COMPLETE)
        await coordinator.close()

    asyncio.run(use())
    asyncio.run(use())
