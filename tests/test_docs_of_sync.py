"""What docs/syncing.md shows is run: its commands as processes, its programs, its files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sagicc_async.sandbox import Sandbox, write_accounts
from sagicc_async.sync.config import load_sync

from .servers.fixtures import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

PAGE = (Path(__file__).parent.parent / "docs" / "syncing.md").read_text(encoding="utf-8")
COMMAND = Path(sys.executable).with_name("sagicc-async")


def blocks(language: str) -> list[str]:
    return [textwrap.dedent(text) for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)]


def commands(text: str) -> list[list[str]]:
    """The commands of a block, without their comments."""
    lines = [line.partition("#")[0].split() for line in text.splitlines()]
    return [line for line in lines if line[:1] == ["sagicc-async"]]


@contextlib.contextmanager
def running(arguments: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until it is asked to end, which it does well."""
    said = folder / f"said-{time.monotonic_ns()}"
    with said.open("w") as stderr:
        process = subprocess.Popen(
            [COMMAND, *arguments[1:]],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0, said.read_text()
    finally:
        process.kill()
        process.communicate()


def done(arguments: list[str], folder: Path, **environment: str) -> str:
    """What a command says that ends by itself, and well."""
    ended = subprocess.run(
        [COMMAND, *arguments[1:]],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_first_steps_lead_where_they_say(tmp_path):
    start, sync = blocks("sh")[:2]
    (sandbox,) = commands(start)
    first, again, status = commands(sync)
    with running(sandbox, tmp_path) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["accounts"].endswith("demo/accounts.toml")
        made, second = (json.loads(done([*command, "--json"], tmp_path)) for command in (first, again))
        assert len(made["accounts"]) == 20
        assert made["failed"] == second["failed"] == []
        assert made["new"] > 1000
        assert (second["new"], second["changed"], second["deleted"]) == (0, 0, 0)
        assert "serpi-5" in done(status, tmp_path)


def test_the_accounts_file_is_one(tmp_path, monkeypatch):
    (text,) = blocks("toml")
    monkeypatch.setenv("MIRROR_URL", "sqlite:///mirror.db")
    (tmp_path / "accounts.toml").write_text(text, encoding="utf-8")
    found = load_sync(tmp_path / "accounts.toml")
    assert (found.settings.every, found.timezone) == (900, "America/Bogota")
    assert set(tomllib.loads(text)) == {"sync", "settings", "acme"}


def test_the_nightly_mirror_with_own_tables_writes_them(postgres, tmp_path):
    source, program = blocks("python")
    with Sandbox.in_thread(["siigo"], companies=3, records=40) as sandbox:
        tenants = {name: (sandbox[name].credentials, sandbox[name].base_url) for name in sandbox}
        given = f"""
import types
MIRROR_URL = {postgres.url!r}
TENANTS_THERE = {tenants!r}
async def tenants_of_the_application():
    return [types.SimpleNamespace(slug=name) for name in TENANTS_THERE]
def read_secret(tenant):
    return TENANTS_THERE[tenant.slug][0]
"""
        # The page leaves out where the vendor is: it is where the adapter says.
        source = source.replace('vendor="siigo",', 'vendor="siigo", base_url=TENANTS_THERE[tenant.slug][1],')
        made = program.replace("asyncio.run(nightly())", "").replace("TENANTS,", "all(),")
        own_ddl = "CREATE TABLE invoices (tenant TEXT, id TEXT, day DATE, total NUMERIC, state TEXT, PRIMARY KEY (tenant, id))"
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(own_ddl)
        text = f"{given}\n{source}\n{made}\nasyncio.run(nightly())"
        ended = [
            subprocess.run(
                [sys.executable, "-W", "error", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            for _ in range(2)
        ]
        assert [(one.returncode, one.stderr) for one in ended] == [(0, ""), (0, "")]
        assert ended[1].stdout == "3 tenants, 0 new, 0 changed\n"
        expected = {(name, row["id"], row["total"]) for name in sandbox for row in sandbox[name].rows("invoices")}
    with psycopg.connect(postgres.url) as connection:
        assert set(connection.execute("SELECT tenant, id, total FROM invoices").fetchall()) == expected


def test_the_deployments_run_the_commands_that_work_and_many_machines_share_the_work(postgres, tmp_path):
    nightly, deployed = (json.loads(command) for command in re.findall(r"command: (\[.*?\])", PAGE))
    worker, at_once = (commands(text)[0] for text in blocks("sh")[2:4])
    with Sandbox.in_thread(["serpi"], companies=3, records=20) as sandbox:
        file = write_accounts(sandbox, tmp_path)
        environment = {
            "SAGICC_ASYNC_DATABASE": postgres.url,
            "SAGICC_ASYNC_COORDINATOR": postgres.url,
            "SAGICC_ASYNC_ENGINE": postgres.url,
        }
        there = [str(file) if part == "/etc/mirror/accounts.toml" else part for part in deployed]
        with running(worker, tmp_path, **environment), running(there, tmp_path, **environment):
            report = json.loads(done([*at_once, "--json"], tmp_path, **environment))
        assert report["failed"] == []
        assert report["new"] + report["unchanged"] >= 3 * 20
        assert {sandbox[name].stats.overlaps for name in sandbox} == {0}

        alone = [str(file) if part == "/etc/mirror/accounts.toml" else part for part in nightly]
        begun = time.monotonic()
        said = json.loads(done([*alone, "--json"], tmp_path, SAGICC_ASYNC_DATABASE=postgres.url))
        assert (said["new"], said["changed"], said["deleted"]) == (0, 0, 0), time.monotonic() - begun


@pytest.mark.parametrize("name", ["_account", "_id", "_extra", "_changed_at", "_deleted_at", "_hash"])
def test_the_columns_are_called_as_the_page_says(name):
    from sagicc_async.sync.sql.names import ACCOUNT, CHANGED_AT, DELETED_AT, EXTRA, HASH, ID

    assert f"`{name}`" in PAGE
    assert name in {ACCOUNT, ID, EXTRA, CHANGED_AT, DELETED_AT, HASH}
