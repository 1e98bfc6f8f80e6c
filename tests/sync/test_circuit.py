"""When an account's other resources are left alone."""

from __future__ import annotations

import pytest

from sagicc_async.sync.circuit import Circuit
from sagicc_async.sync.outcome import Ending, Outcome
from sagicc_async.sync.unit import Unit


def ended(kind: str = "") -> Outcome:
    unit = Unit("fake", "a", "things")
    return Outcome(unit=unit, ending=Ending.FAILED if kind else Ending.DONE, kind=kind, error=f"{kind} happened")


def test_it_opens_after_failures_in_a_row_and_says_why():
    circuit = Circuit(3)
    for kind in ("ServerError", "NotSent", "", "ServerError", "NotSent"):
        circuit.take(ended(kind))
    assert not circuit.open
    assert circuit.reason == ""
    circuit.take(ended("ProtocolError"))
    assert circuit.open
    assert circuit.reason == "ProtocolError happened"


def test_refused_credentials_open_it_at_once():
    circuit = Circuit(3)
    circuit.take(ended("CredentialsRejected"))
    assert circuit.open


@pytest.mark.parametrize("kind", ["PermissionDenied", "NotFound", "Unsupported"])
def test_what_is_the_matter_with_one_resource_says_nothing_of_the_others(kind):
    circuit = Circuit(1)
    circuit.take(ended(kind))
    assert not circuit.open
