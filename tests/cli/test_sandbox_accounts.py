"""`sagicc-async sandbox --companies N --accounts FOLDER`, as processes."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tomllib
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest

PROGRAM = (sys.executable, "-c", "from sagicc_async.cli import main; raise SystemExit(main())")


@attrs.frozen
class Running:
    """A sandbox's process, what it said first, and how it is ended."""

    process: asyncio.subprocess.Process
    line: dict

    async def end(self):
        """Press Ctrl-C; give what else it printed, and how it ended."""
        self.process.send_signal(signal.SIGINT)
        out, hints = await self.process.communicate()
        return out, hints.decode(), self.process.returncode


async def start(*arguments, cwd):
    return await asyncio.create_subprocess_exec(*PROGRAM, *map(str, arguments), cwd=cwd, stdout=PIPE, stderr=PIPE)


@asynccontextmanager
async def sandbox(*arguments, cwd) -> AsyncIterator[Running]:
    process = await start("sandbox", *arguments, cwd=cwd)
    try:
        yield Running(process, json.loads(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_accounts_that_a_sandbox_wrote_are_at_once_of_use(tmp_path):
    folder = tmp_path / "demo"
    async with sandbox("serpi", "--companies", 3, "--records", 5, "--accounts", "demo", cwd=tmp_path) as running:
        file = folder / "accounts.toml"
        assert running.line == {"accounts": str(file), "url": running.line["url"]}
        export = await start(
            "export", "serpi", "centro_costo", "--account", "serpi-3", "--config", file, "-o", "-", cwd=tmp_path
        )
        rows, _ = await export.communicate()
        out, hints, status = await running.end()

    tables = tomllib.loads(file.read_text())
    assert list(tables) == ["sync", "serpi", "serpi-2", "serpi-3"]
    assert tables["serpi-2"]["base_url"].startswith(f"{running.line['url']}/serpi-2/")
    assert len(rows.splitlines()) == 5
    assert (out, status) == (b"", 0)
    assert "Running: serpi, 3 companies each (5 records in the main list)" in hints
    assert f"  sagicc-async sync {file}\n" in hints
    assert "--account serpi-3" in hints


async def test_no_secret_is_printed_where_it_was_written_into_a_file(tmp_path):
    async with sandbox("serpi", "siigo", "--companies", 2, "--records", 1, "--accounts", "x", cwd=tmp_path) as running:
        _, hints, _ = await running.end()
    secrets = [file.read_text().strip() for file in (tmp_path / "x" / "secrets").glob("s*")]
    assert len(secrets) == 6
    assert not any(secret in hints + str(running.line) for secret in secrets)


async def test_without_accounts_all_companies_are_described_and_the_first_ones_explained(tmp_path):
    async with sandbox("serpi", "--companies", 3, "--records", 1, cwd=tmp_path) as running:
        _, hints, _ = await running.end()
    assert list(running.line["vendors"]) == ["serpi", "serpi-2", "serpi-3"]
    assert running.line["vendors"]["serpi-2"]["vendor"] == "serpi"
    assert hints.count("export SERPI_BASE_URL") == 1
    assert "--accounts FOLDER writes a file that has them all" in hints


async def test_a_sandbox_of_one_company_each_says_nothing_of_companies(tmp_path):
    async with sandbox("serpi", "--records", 1, cwd=tmp_path) as running:
        _, hints, _ = await running.end()
    assert "compan" not in hints
    assert "--accounts" not in hints


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_can_be_ended_while_it_is_still_inventing(number, tmp_path):
    process = await start("sandbox", "serpi", "--companies", 100_000, cwd=tmp_path)
    await process.stderr.readuntil(b"Inventing the data of 100000 companies of each vendor")
    process.send_signal(number)
    out, hints = await process.communicate()
    assert (out, process.returncode) == (b"", 0)
    assert hints.rstrip().endswith(b"stopped")


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("--companies", 0), 2, "Must be >= 1"),
        (("--accounts", "taken"), 1, "taken/accounts.toml was not written by a sandbox; name another folder"),
        (("--accounts", "taken/accounts.toml"), 1, "taken/accounts.toml cannot be written"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(arguments, status, complaint, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "accounts.toml").write_text("[mine]\n")
    process = await start("sandbox", "serpi", "--records", 1, *arguments, cwd=tmp_path)
    out, error = await process.communicate()
    assert (out, process.returncode) == (b"", status)
    assert complaint in error.decode()
    assert error.count(b"\n") == 1
    assert (tmp_path / "taken" / "accounts.toml").read_text() == "[mine]\n"
