"""Real processes: what only a kill, a signal or a pipe can show."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE

import pytest
from pyarrow import parquet

from sagicc_async.sandbox import Sandbox

PROGRAM = (sys.executable, "-c", "from sagicc_async.cli import main; raise SystemExit(main())")


async def start(*arguments, **options):
    return await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=PIPE, stderr=PIPE, **options)


def environment_for(vendor):
    fields = {"base_url": vendor.base_url, **vendor.credentials}
    return {**os.environ, **{f"SERPI_{name.upper()}": value for name, value in fields.items()}}


async def requests_arrive(vendor, count):
    enough = vendor.stats.requests + count
    await vendor.until(lambda stats: stats.requests >= enough)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_sandbox_says_one_line_when_it_is_ready_and_ends_in_order(number, tmp_path):
    sandbox = await start("sandbox", "serpi", "--records", "5", cwd=tmp_path)
    line = await sandbox.stdout.readline()
    vendor = json.loads(line)["vendors"]["serpi"]
    variables = {"base_url": vendor["base_url"], **vendor["credentials"]}
    environment = {**os.environ, **{f"SERPI_{name.upper()}": value for name, value in variables.items()}}

    export = await start("export", "serpi", "centro_costo", "-o", "-", cwd=tmp_path, env=environment)
    out, _ = await export.communicate()
    sandbox.send_signal(number)
    rest, hints = await sandbox.communicate()

    assert len(out.splitlines()) == 5
    assert (rest, sandbox.returncode) == (b"", 0)
    assert b"sagicc-async export serpi centro_costo" in hints
    assert b"Traceback" not in hints


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
async def test_an_export_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path, suffix):
    chance = random.Random(suffix)
    sidecar = tmp_path / f"cut.{suffix}.part.checkpoint"
    async with Sandbox(["serpi"], records=60 * 250, settings={"serpi": {"work": 0}}) as sandbox:
        vendor = sandbox["serpi"]

        async def export(name, *arguments):
            options = ("--page-size", "250", "-o", name, *arguments)
            return await start("export", "serpi", "centro_costo", *options, env=environment_for(vendor), cwd=tmp_path)

        vendor.fault("latency", seconds=0.06)
        for _ in range(2):
            process = await export(f"cut.{suffix}", "--resume")
            await requests_arrive(vendor, chance.randint(24, 28))
            process.kill()
            await process.communicate()
            assert sidecar.exists()  # so that there is something to go on with
        vendor.clear_faults()
        last, whole = await export(f"cut.{suffix}", "--resume"), await export(f"whole.{suffix}")
        errors = [(await process.communicate())[1] for process in (last, whole)]

    assert (last.returncode, whole.returncode) == (0, 0), errors
    assert b"of them from an earlier run" in errors[0]
    cut, uncut = tmp_path / f"cut.{suffix}", tmp_path / f"whole.{suffix}"
    if suffix == "parquet":
        assert parquet.read_table(cut).equals(parquet.read_table(uncut))
    else:
        assert cut.read_bytes() == uncut.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"cut.{suffix}", f"whole.{suffix}"]


async def test_sigterm_leaves_a_part_and_says_how_to_go_on(tmp_path):
    async with Sandbox(["serpi"], records=1000, settings={"serpi": {"work": 0}}) as sandbox:
        vendor = sandbox["serpi"]
        vendor.fault("hold", query={"pagina": "6"})
        process = await start(
            "export", "serpi", "centro_costo", "-o", "a.jsonl", env=environment_for(vendor), cwd=tmp_path
        )
        await vendor.until(lambda stats: stats.requests == 6)
        process.terminate()
        _, error = await process.communicate()

    assert process.returncode == 130
    assert b"records are safe in a.jsonl.part" in error


async def test_a_reader_that_has_enough_ends_it_quietly(tmp_path):
    async with Sandbox(["serpi"], records=1000, settings={"serpi": {"work": 0}}) as sandbox:
        vendor = sandbox["serpi"]
        process = await start("export", "serpi", "centro_costo", "-o", "-", env=environment_for(vendor), cwd=tmp_path)
        vendor.fault("hold", query={"pagina": "3"})
        await process.stdout.readline()
        process.stdout._transport.close()
        vendor.clear_faults()
        error = await process.stderr.read()
        await process.wait()

    assert (process.returncode, error) == (0, b"")


async def test_a_reader_that_has_enough_leaves_the_token_to_the_next_command(tmp_path):
    """The page that was asked for ahead is awaited: if it were cut, the token would rest for `settle`, 30 seconds."""
    shared = ("--coordinator", f"file:{tmp_path / 'shared'}")
    async with Sandbox(["serpi"], records=1000, settings={"serpi": {"work": 0}}) as sandbox:
        vendor = sandbox["serpi"]
        vendor.fault("latency", seconds=0.2)
        options = {"env": environment_for(vendor), "cwd": tmp_path}
        process = await start("export", "serpi", "centro_costo", "-o", "-", *shared, **options)
        await process.stdout.readline()
        process.stdout._transport.close()
        await process.communicate()

        following = await start("export", "serpi", "bodega", "--limit", "1", "-o", "b.jsonl", *shared, **options)
        async with asyncio.timeout(20):
            _, error = await following.communicate()

    assert (process.returncode, following.returncode) == (0, 0), error
