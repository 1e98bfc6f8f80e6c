"""Every planted fault is caught by the checks that are for it, and by no other: `planted.toml` has the table."""

from __future__ import annotations

import asyncio
import logging
import tomllib
from pathlib import Path

import pytest

from sagicc_async.testing.conformance import NotApplicable, Violation, checks, examine

from .faults import FAULTS
from .subjects import subject

PLANTED = tomllib.loads((Path(__file__).parent / "planted.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def nothing_warns_of_late_outcomes(caplog):
    caplog.set_level(logging.ERROR, logger="sagicc_async")


async def caught(adapter) -> dict[str, str]:
    """The checks that an adapter does not pass, and what they say."""
    told, examined = {}, subject(adapter)
    for check in checks():
        try:
            await examine(check, examined)
        except NotApplicable:
            pass
        except Violation as violation:
            told[check.name] = str(violation)
    return told


def quiet_loop() -> asyncio.AbstractEventLoop:
    """A loop of a fault's own: what it leaves behind is no affair of the test's."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    return loop


@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught_by_the_checks_that_are_for_it_and_by_no_other(name):
    with asyncio.Runner(loop_factory=quiet_loop) as runner:
        told = runner.run(caught(FAULTS[name]()))

    assert sorted(told) == sorted(PLANTED[name]["caught_by"]), told
    assert all("The law: " in said and "Look at: " in said for said in told.values())


def test_the_table_has_every_fault():
    assert PLANTED.keys() == FAULTS.keys()
    assert all(entry["does"] for entry in PLANTED.values())


def test_every_check_catches_a_fault():
    assert {name for entry in PLANTED.values() for name in entry["caught_by"]} == {check.name for check in checks()}
