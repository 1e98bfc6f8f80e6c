"""A sync as a process: what a signal or a kill leaves, and how it goes on."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager, closing

import pytest

from sagicc_async.sandbox import Sandbox, write_accounts

PROGRAM = (sys.executable, "-c", "from sagicc_async.cli import main; raise SystemExit(main())")


@asynccontextmanager
async def syncing(folder, *arguments):
    """A sync of the accounts in a folder; killed if the block is left before it has ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAGICC_ASYNC_")}
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "sync", *arguments, stdout=PIPE, stderr=PIPE, cwd=folder, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def to_the_end(folder, *arguments):
    async with syncing(folder, *arguments) as process:
        out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


@asynccontextmanager
async def companies(folder, count=2, records=300):
    async with Sandbox(["serpi"], companies=count, records=records, seed=7, settings={"serpi": {"work": 0}}) as sandbox:
        file = write_accounts(sandbox, folder)
        # Rows are committed page by page, so that there is a middle to be stopped in; a lost request is done at once.
        text = file.read_text().replace("[sync]\n", '[sync]\nbatch = 1\nresources.serpi = ["centro_costo"]\n')
        file.write_text(f"{text}\n[settings.serpi]\nsettle = 0\npage_size = 50\n")
        yield sandbox


def rows(folder):
    with closing(sqlite3.connect(folder / "mirror.db")) as connection:
        return connection.execute("SELECT _account, _id, _hash FROM serpi_centro_costo ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_sync_says_how_to_go_on_and_goes_on(tmp_path, number):
    async with companies(tmp_path) as sandbox:
        held = sandbox["serpi-2"].fault("hold", query={"pagina": "5"})
        async with syncing(tmp_path, "--once") as process:
            await sandbox["serpi-2"].until(lambda stats: stats.requests == 5)
            process.send_signal(number)
            _, error = await process.communicate()
        between = rows(tmp_path)
        sandbox["serpi-2"].clear_faults(held)
        await sandbox["serpi-2"].until(lambda stats: stats.in_flight == 0)
        status, _, _ = await to_the_end(tmp_path, "--once")

    told = error.decode().splitlines()[-1]
    assert process.returncode == 130
    assert told == "interrupted - what was committed stands; go on from there with: sagicc-async sync --once"
    assert b"Traceback" not in error
    assert 0 < len([account for account, *_ in between if account == "serpi-2"]) < 300
    assert (status, len(rows(tmp_path))) == (0, 600)
    assert sandbox["serpi-2"].stats.overlaps == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_sync_that_follows_ends_in_order_when_it_is_told_to(tmp_path, number):
    async with companies(tmp_path) as sandbox, syncing(tmp_path, "--json") as process:
        ended = [await process.stderr.readline() for _ in range(2)]
        process.send_signal(number)
        out, error = await process.communicate()

    assert sorted(line.split()[:2] for line in ended) == [[b"done", b"serpi"], [b"done", b"serpi-2"]]
    assert process.returncode == 0
    assert error.decode() == "stopped - what was committed stands; the same command goes on from there\n"
    assert json.loads(out)["new"] == 600
    assert {name: sandbox[name].stats.overlaps for name in sandbox} == {"serpi": 0, "serpi-2": 0}


@pytest.mark.parametrize("ended", ["a full disk", "a reader that left"])
async def test_nobody_who_hears_what_is_said_beside_it_ends_a_sync(tmp_path, ended):
    reading, writing = os.pipe()
    if ended == "a full disk":
        os.close(writing)
        writing = os.open("/dev/full", os.O_WRONLY)
    os.close(reading)
    async with companies(tmp_path) as sandbox:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, "sync", "--once", "--json", stdout=PIPE, stderr=writing, cwd=tmp_path
        )
        os.close(writing)
        out, _ = await process.communicate()

    assert process.returncode == 0
    assert json.loads(out)["new"] == 600
    assert sandbox["serpi"].stats.overlaps == 0


async def test_a_sync_without_a_stdout_ends_well(tmp_path):
    async with companies(tmp_path):
        closing_it = (
            sys.executable,
            "-c",
            f"import os; os.close(1); os.execv({sys.executable!r}, {list(PROGRAM)!r} + ['sync', '--once', '--json'])",
        )
        process = await asyncio.create_subprocess_exec(*closing_it, stderr=PIPE, cwd=tmp_path)
        _, error = await process.communicate()

    assert (process.returncode, b"unexpected" in error) == (0, False)


async def test_a_sync_that_follows_meets_tenants_that_come_without_a_restart(tmp_path):
    async with companies(tmp_path, count=3):
        file = tmp_path / "accounts.toml"
        before, third, after = re.split(r"(?ms)^(\[serpi-3\].*?)(?=^\[settings)", file.read_text())
        often = '[serpi.sync]\nevery = "1s"\n'  # so that the file is looked at as often
        file.write_text(f"{before}{often}{after}")
        async with syncing(tmp_path) as process:
            lines = [await process.stderr.readline() for _ in range(2)]
            file.write_text(f"{before}{often}{third}{after}")
            while not lines[-1].startswith(b"done serpi-3"):
                lines.append(await process.stderr.readline())
            process.terminate()
            await process.communicate()

    assert process.returncode == 0
    assert len(rows(tmp_path)) == 900


async def test_a_sync_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path):
    async with companies(tmp_path, records=900) as sandbox:
        for enough in (3, 6, 4):
            wanted = sandbox["serpi"].stats.requests + enough
            sandbox["serpi"].fault("latency", seconds=0.05)
            async with syncing(tmp_path, "--once") as process:
                await sandbox["serpi"].until(lambda stats, wanted=wanted: stats.requests >= wanted)
                process.kill()
                await process.communicate()
            sandbox["serpi"].clear_faults()
        status, out, _ = await to_the_end(tmp_path, "--once", "--json")

    assert (status, json.loads(out)["failed"]) == (0, [])
    identified = [(account, number) for account, number, _ in rows(tmp_path)]
    assert len(identified) == len(set(identified)) == 1800
