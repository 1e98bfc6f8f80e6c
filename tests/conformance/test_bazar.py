"""An adapter that keeps all laws passes all checks, and all of them apply to it."""

from __future__ import annotations

from sagicc_async.testing.conformance import Conformance, checks, not_applicable

from .bazar import Bazar, BazarSandbox
from .subjects import SAMPLES, subject


class TestBazar(Conformance):
    adapter = Bazar
    sandbox = BazarSandbox
    samples = SAMPLES


async def test_every_check_applies_to_an_adapter_that_has_everything():
    assert await not_applicable(subject()) == {}


def test_every_check_says_its_law_and_where_to_look():
    for check in checks():
        assert check.law.endswith(".")
        assert check.look
    names = [check.name for check in checks()]
    assert len(set(names)) == len(names)
