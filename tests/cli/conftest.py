"""The command line in this process, against a sandbox in a thread."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from sagicc_async.cli import main
from sagicc_async.sandbox import LocalVendor, Sandbox


@attrs.frozen
class Outcome:
    """What a command left."""

    status: int
    out: str
    err: str


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalVendor]:
    """SERPI with 230 cost centres; its credentials stand in the environment, and we in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with Sandbox.in_thread(["serpi"], records=230, seed=7, settings={"serpi": {"work": 0}}) as sandbox:
        vendor = sandbox["serpi"]
        monkeypatch.setenv("SERPI_BASE_URL", vendor.base_url)
        for name, value in vendor.credentials.items():
            monkeypatch.setenv(f"SERPI_{name.upper()}", value)
        yield vendor


@pytest.fixture
def impatient(vendor: LocalVendor) -> tuple[str, ...]:
    """Arguments for an account that takes the vendor to be done at once with what we lost sight of."""
    Path("accounts.toml").write_text(
        f'[acme]\nvendor = "serpi"\nbase_url = "{vendor.base_url}"\ntoken = "env:SERPI_TOKEN"\n'
        'secretkey = "env:SERPI_SECRETKEY"\n[acme.settings]\nsettle = 0\n'
    )
    return ("--account", "acme")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Outcome]]:
    logger, tokens = logging.getLogger("sagicc_async"), logging.getLogger("sagicc_async.tokens")
    before = logger.handlers[:], logger.level, logger.propagate, tokens.level

    def call(*arguments: Any) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["sagicc-async", *map(str, arguments)])
        capsys.readouterr()
        status = main()
        return Outcome(status, *capsys.readouterr())

    yield call
    logger.handlers[:], logger.level, logger.propagate, tokens.level = before
    logger.setLevel(before[1])  # also forgets what was cached of it


@pytest.fixture
def fails(run, vendor):
    """Run a command that must fail with one line, and give that line."""

    def call(*arguments):
        secrets = list(vendor.credentials.values())
        outcome = run(*arguments)
        assert outcome.status == 1, outcome
        assert outcome.err.startswith("error: ")
        assert outcome.err.count("\n") == 1
        assert "Traceback" not in outcome.out + outcome.err
        assert not any(secret in outcome.out + outcome.err for secret in [*secrets, "mistaken"])
        return outcome.err

    return call
