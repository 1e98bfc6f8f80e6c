"""`sagicc-async worker` as processes, and `sagicc-async sync --engine` that gives them work."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from sagicc_async.sandbox import Sandbox, write_accounts

PROGRAM = (
    sys.executable,
    "-c",
    """
from sagicc_async.cli import main
from sagicc_async.cli.app import app
from sagicc_async.cli.worker import worker

if "worker" not in {*app}:
    app.command(worker)
raise SystemExit(main())
""",
)


@pytest.fixture
def start(tmp_path):
    """Start a command in an empty folder; with variables of its own."""
    ours = ("SAGICC_ASYNC_COORDINATOR", "SAGICC_ASYNC_ENGINE", "SAGICC_ASYNC_DATABASE")
    environment = {name: value for name, value in os.environ.items() if name not in ours}

    async def begin(*arguments, **variables):
        return await asyncio.create_subprocess_exec(
            *PROGRAM, *map(str, arguments), cwd=tmp_path, env={**environment, **variables}, stdout=PIPE, stderr=PIPE
        )

    return begin


@pytest.fixture
def mirror(tmp_path):
    """A file that says where the mirror is."""
    file = tmp_path / "accounts.toml"
    file.write_text('[sync]\ndatabase = "sqlite:///mirror.db"\n')
    return file


async def finished(process):
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_workers_do_what_a_sync_asks_for_until_they_are_told_to_end(postgres, tmp_path, start):
    async with Sandbox(["serpi"], companies=3, records=20, settings={"serpi": {"work": 0}}) as sandbox:
        file = write_accounts(sandbox, tmp_path)
        common = (file, "--engine", postgres.url, "--database", postgres.url)
        workers = [await start("worker", *common, "--no-schedule", "--concurrency", 2) for _ in range(2)]
        for worker in workers:
            await worker.stderr.readline()
        status, out, err = await finished(await start("sync", *common, "--once", "--json"))
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        ended = [await finished(worker) for worker in workers]
        overlaps = {sandbox[name].stats.overlaps for name in sandbox}

    assert status == 0, err
    report = json.loads(out)
    assert len(report["accounts"]) == 3
    assert report["failed"] == []
    assert report["new"] > 0
    said = "".join(err for _, _, err in ended)
    assert [status for status, _, _ in ended] == [0, 0]
    assert said.count("stopped - what was under way is in the queue again\n") == 2
    for company in ("serpi", "serpi-2", "serpi-3"):
        assert f"done {company} (serpi) centro_costo: 20 rows, 20 written, " in said
    assert "Traceback" not in said
    assert overlaps == {0}


async def test_a_worker_begins_rounds_by_itself(postgres, tmp_path, start):
    async with Sandbox(["serpi"], records=5, settings={"serpi": {"work": 0}}) as sandbox:
        file = write_accounts(sandbox, tmp_path)
        worker = await start("worker", file, SAGICC_ASYNC_ENGINE=postgres.url, SAGICC_ASYNC_DATABASE=postgres.url)
        async with asyncio.timeout(30):
            lines = [await worker.stderr.readline() for _ in range(4)]
        worker.send_signal(signal.SIGINT)
        status, out, _ = await finished(worker)
    assert lines[0].startswith(b"working, 32 resources at once, into postgresql://127.0.0.1:")
    assert all(line.startswith(b"done serpi (serpi) ") for line in lines[1:])
    assert (status, out) == (0, "")


SECRET = "postgresql://user:canary@127.0.0.1:1/jobs"
AWAY = "postgresql://127.0.0.1:1/jobs"


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--engine", SECRET], {}, "put an address with a password into $SAGICC_ASYNC_ENGINE"),
        (["--engine", AWAY, "--coordinator", SECRET], {}, "an address with a password into $SAGICC_ASYNC_COORDINATOR"),
        (["--engine", AWAY], {"SAGICC_ASYNC_COORDINATOR": "memory:"}, "memory: is for one process alone"),
        (["--engine", AWAY, "--coordinator", "memory:"], {}, "memory: is for one process alone"),
        (["--coordinator", "file:"], {"SAGICC_ASYNC_ENGINE": SECRET}, "the queue at postgresql://127.0.0.1:1/jobs"),
    ],
)
async def test_what_cannot_be_is_said_in_one_line_without_a_password(start, mirror, arguments, variables, said):
    code, out, err = await finished(await start("worker", mirror, *arguments, **variables))
    assert (code, out) == (1, "")
    assert said in err.splitlines()[-1]
    assert "canary" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say which queue: --engine postgresql://HOST/DATABASE, or $SAGICC_ASYNC_ENGINE"),
        (["--engine", AWAY, "--concurrency", "0"], "--concurrency"),
    ],
)
async def test_wrong_usage_is_told(start, mirror, arguments, said):
    code, _, err = await finished(await start("worker", mirror, *arguments))
    assert code == 2
    assert said in err


async def test_workers_have_to_be_told_where_their_mirror_is(start, tmp_path):
    (tmp_path / "accounts.toml").write_text("")
    code, _, err = await finished(await start("worker", "accounts.toml", "--engine", AWAY))
    assert code == 1
    assert "workers keep one mirror together: say where it is, by --database or in [sync]" in err
