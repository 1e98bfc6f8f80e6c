"""The tables of coordination in PostgreSQL: who makes them, who may use them, and what they outlive."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import textwrap
from urllib.parse import urlsplit

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator

from ..servers.postgres import PostgresServer
from .postgres_rig import HOLD, admit, asked, opened, role

TABLES = {"sagicc_async_meta_1": "p", "sagicc_async_epoch_1": "u", "sagicc_async_scope_1": "u"}


def found(url: str, schema: str = "public") -> dict[str, str]:
    """Tables by name, and whether they are logged (p) or not (u)."""
    rows = asked(
        url,
        "SELECT relname, relpersistence::text FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)",
        schema,
    )
    return dict(rows)


@pytest.fixture
def user_url(postgres):
    with role(postgres.url) as url:
        yield url


async def use(url: str, **settings) -> None:
    async with opened(url, **settings) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)


async def refusal(url: str, **settings) -> str:
    with pytest.raises(ConfigError) as refused:
        await PostgresCoordinator(url, **settings).open()
    return str(refused.value)


async def test_what_changes_with_every_request_is_not_logged_and_what_tells_of_a_loss_is(postgres):
    await use(postgres.url)

    assert found(postgres.url) == TABLES


@pytest.mark.parametrize("isolation", ["read committed", "serializable"])
async def test_processes_that_start_at_once_on_an_empty_database_make_the_tables_once(postgres, isolation):
    url = f"{postgres.url}?options=-cdefault_transaction_isolation%3D{isolation.replace(' ', '%5C%20')}"
    program = f"""
        import asyncio
        from sagicc_async.tokens.coordination.postgres import PostgresCoordinator

        async def main():
            coordinators = [PostgresCoordinator({url!r}) for _ in range(5)]
            await asyncio.gather(*(coordinator.open() for coordinator in coordinators))
            await asyncio.gather(*(coordinator.close() for coordinator in coordinators))

        input()
        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [await asyncio.create_subprocess_exec(*command, **pipes) for _ in range(2)]
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    assert [error for _, error in said] == [b"", b""]
    assert found(postgres.url) == TABLES
    assert asked(postgres.url, "SELECT count(*) FROM sagicc_async_meta_1") == [(1,)]


async def test_a_new_database_has_nothing_to_wait_for(postgres, caplog):
    loop = asyncio.get_running_loop()
    async with opened(postgres.url) as coordinator:
        began = loop.time()
        (await admit(coordinator, hold=30)).release(Ending.COMPLETE)

    assert loop.time() - began < 10
    assert "lost" not in caplog.text


async def test_a_schema_that_is_named_holds_the_tables_whatever_its_name(postgres):
    schema = 'who "else"; DROP'
    asked(postgres.url, 'CREATE SCHEMA "who ""else""; DROP"')
    await use(postgres.url, schema=schema)
    await use(postgres.url, schema=schema)

    assert found(postgres.url, "public") == {}
    assert found(postgres.url, '"who ""else""; DROP"') == TABLES


async def test_users_of_two_schemas_know_nothing_of_each_other(postgres):
    asked(postgres.url, "CREATE SCHEMA one")
    asked(postgres.url, "CREATE SCHEMA two")
    async with opened(postgres.url, schema="one") as ana, opened(postgres.url, schema="two") as ben:
        first, second = await admit(ana), await asyncio.wait_for(admit(ben), HOLD / 2)
        first.release(Ending.COMPLETE)
        second.release(Ending.COMPLETE)


@pytest.mark.parametrize(
    ("schema", "grant", "reason"),
    [
        (None, "SELECT 1", "no schema has been selected to create in"),
        (None, "GRANT USAGE ON SCHEMA public TO {user}", "permission denied for schema public"),
        ("other", "SELECT 1", 'schema "other" does not exist'),
        ("other", "CREATE SCHEMA other", "permission denied for schema other"),
    ],
)
async def test_who_may_not_make_tables_gets_the_statements_that_its_administrator_can_run(
    postgres, user_url, schema, grant, reason
):
    asked(postgres.url, grant.format(user=urlsplit(user_url).username))

    said = await refusal(user_url, schema=schema)

    assert f"its user may not make them ({reason})" in said
    statements = re.search(r"let its owner run: (BEGIN; .* COMMIT;)", said)[1]
    asked(postgres.url, statements)
    assert found(postgres.url, schema or "public") == TABLES
    await use(user_url, schema=schema)


@pytest.mark.parametrize(
    "grants",
    [
        "GRANT USAGE ON SCHEMA other TO {user}",
        "GRANT USAGE ON SCHEMA other TO {user}; GRANT SELECT ON ALL TABLES IN SCHEMA other TO {user}",
        "GRANT ALL ON ALL TABLES IN SCHEMA other TO {user}",
    ],
)
async def test_who_may_not_use_the_tables_gets_the_statements_that_let_them(postgres, user_url, grants):
    asked(postgres.url, "CREATE SCHEMA other")
    await use(postgres.url, schema="other")
    asked(postgres.url, grants.format(user=urlsplit(user_url).username))

    said = await refusal(user_url, schema="other")

    asked(postgres.url, re.search(r"let their owner run: (BEGIN; GRANT .* COMMIT;)", said)[1])
    await use(user_url, schema="other")


async def test_tables_of_a_newer_release_are_refused_with_a_line_that_says_what_to_do(postgres):
    asked(postgres.url, "CREATE TABLE sagicc_async_meta_2 ()")

    said = await refusal(postgres.url)

    assert "have layout 2 or later, this release of sagicc-async knows 1" in said
    assert "update this process" in said
    assert set(found(postgres.url)) == {"sagicc_async_meta_2"}


async def test_a_scope_that_nobody_touched_for_a_week_is_removed_at_the_next_start(postgres):
    await use(postgres.url)
    asked(
        postgres.url,
        "INSERT INTO sagicc_async_scope_1 VALUES ('old', 'e/1/x', '{}', now() - interval '8 days'),"
        " ('young', 'e/1/x', '{}', now() - interval '6 days')",
    )

    await use(postgres.url)

    assert {key for (key,) in asked(postgres.url, "SELECT key FROM sagicc_async_scope_1")} == {"5c09e", "young"}


async def test_a_server_that_crashed_has_lost_its_leases_and_who_starts_next_waits_for_them(servers, caplog):
    server = servers(PostgresServer)
    async with opened(server.url) as dead:
        await admit(dead, hold=2.0)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with opened(server.url) as coordinator:
            assert asked(server.url, "SELECT count(*) FROM sagicc_async_epoch_1") == [(0,)]
            (await admit(coordinator, hold=2.0)).release(Ending.COMPLETE)

        assert loop.time() - began > 2.2
        assert "has lost what it kept" in caplog.text


async def test_a_server_that_was_stopped_in_order_still_knows_its_leases_and_nothing_else_is_waited_for(
    servers, caplog
):
    server = servers(PostgresServer)
    async with opened(server.url) as ana:
        lease = await admit(ana, hold=60)
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        (kept,) = asked(server.url, "SELECT document FROM sagicc_async_scope_1")[0]
        assert lease._ask.lease in kept
        lease.release(Ending.COMPLETE)

        async with asyncio.timeout(20):
            (await admit(ana, hold=60)).release(Ending.COMPLETE)

    assert "has lost what it kept" not in caplog.text
