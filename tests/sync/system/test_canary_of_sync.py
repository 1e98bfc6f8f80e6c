"""Nothing that is secret, and nothing that a record says, shows in what a sync says, logs, tells or raises: well or badly."""

from __future__ import annotations

import json
import logging
import os
from typing import Final

import attrs
import pytest

from sagicc_async import Timeouts
from sagicc_async.config import secret_fields
from sagicc_async.registry import find_adapter
from sagicc_async.sandbox import Sandbox
from sagicc_async.sync import SyncEvent

from .command import sync
from .companies import change, listed
from .rig import Mirroring
from .test_failing_tenants import BROKEN

#: What a record of each list says, and the password of a database.
VALUE: Final = "k4n4r13v4lu3"
PASSWORD: Final = "k4n4r13p4ss"


@pytest.fixture
def secrets(sandbox: Sandbox) -> list[str]:
    """All that must not show: of each account what is secret of its credentials, and what its records say."""
    for company, resource in listed(sandbox):
        change(company, resource, str(company.rows(resource)[0]["id"]), VALUE)
    hidden = [
        company.credentials[field]
        for company in map(sandbox.__getitem__, sandbox)
        for field in secret_fields(find_adapter(company.vendor).credentials)
        if field in company.credentials
    ]
    assert len(hidden) >= len(list(sandbox))
    return [VALUE, PASSWORD, *hidden]


def assert_silent(text: str, secrets: list[str]) -> None:
    """Nothing of it shows; what does is named by its place in the list, not shown once more."""
    assert text
    assert [number for number, secret in enumerate(secrets) if secret in text] == []


def break_vendors(sandbox: Sandbox) -> None:
    """What goes wrong at some tenants; one more record does not fit, and says the canary too."""
    for name, (damage, _, _) in BROKEN.items():
        damage(sandbox[name])
    sandbox["siigo-2"].fault("wrong_type")
    sandbox["sagicc-2"].fault("status", status=500, body=VALUE)
    sandbox["serpi-2"].add("articulo", {"id": 10_000, "idlinea": 2**70, "descripcion": VALUE})


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, mirroring: Mirroring) -> Mirroring:
    """The mirror in each kind of database; one has a password."""
    if request.param == "sqlite":
        return mirroring
    url: str = request.getfixturevalue("postgres").url
    return attrs.evolve(mirroring, server=url.replace("postgres@", f"postgres:{PASSWORD}@", 1))


async def test_no_log_report_or_event_shows_any(
    sandbox: Sandbox, kept: Mirroring, secrets: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    events: list[SyncEvent] = []
    caplog.set_level(logging.DEBUG)
    break_vendors(sandbox)
    reports = [await kept.sync(events.append, timeouts=Timeouts(total=5, read=0.5)) for _ in range(2)]

    assert all(len(report.failed) >= len(BROKEN) for report in reports)
    assert any(VALUE in str(row) for row in kept.mirror.rows.values())  # it went through all of it
    assert_silent(repr(events), secrets)
    assert_silent(json.dumps([report.to_dict() for report in reports]), secrets)
    assert_silent(repr(kept.sink()) + kept.sink().describe(), secrets)
    assert_silent(caplog.text, secrets)


@pytest.mark.parametrize("way", ["--debug", "--json"])
async def test_no_output_of_the_command_shows_any(
    sandbox: Sandbox, kept: Mirroring, secrets: list[str], way: str
) -> None:
    break_vendors(sandbox)
    sandbox["serpi"].clear_faults()  # the command is patient with who hangs
    env = {**os.environ, **({"SAGICC_ASYNC_DATABASE": kept.server} if kept.server else {})}
    done = await sync(kept.file, way, env=env)

    assert done.status == 1
    assert_silent(done.said, secrets)


async def test_no_output_shows_the_password_of_a_database_that_is_not_there(
    mirroring: Mirroring, secrets: list[str], unused_tcp_port: int
) -> None:
    mirroring.write_accounts(patience=0)
    env = {**os.environ, "SAGICC_ASYNC_DATABASE": f"postgresql://ana:{PASSWORD}@127.0.0.1:{unused_tcp_port}/db"}
    done = await sync(mirroring.file, "--debug", env=env)

    assert done.status == 1
    assert "check that it runs, and the address" in done.said
    assert_silent(done.said, secrets)


def test_the_hunt_finds_a_canary() -> None:
    with pytest.raises(AssertionError):
        assert_silent(f"a {VALUE} b", [VALUE])
