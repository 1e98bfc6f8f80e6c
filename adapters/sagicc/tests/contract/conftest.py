"""Sagicc under each of the contract's configurations, with a client that is told what it cannot find out by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sagicc_async import RetryPolicy

from .pairs import SWITCHES, Configuration, configurations, label

#: Of the client, which must speak what its instance speaks; all other switches are the vendor's alone.
SPOKEN = ("relations_style", "generation", "token_body")
#: So few requests a minute that every scenario of some length meets the throttle.
FEW = 6


@pytest.fixture(params=configurations(SWITCHES), ids=label)
def switches(request) -> Configuration:
    return request.param


@pytest.fixture
def contract(switches, local, hurried_clock) -> Callable[..., Any]:
    """Open a Sagicc under one configuration; whoever is throttled waits a minute, which passes at once."""
    sandbox = {name: value for name, value in switches.items() if name != "token_body"}
    spoken = {name: switches[name] for name in SPOKEN}
    retry = RetryPolicy(attempts=12, base=60, factor=1, cap=60)

    def opened(*, account: dict[str, Any] | None = None, **options: Any) -> Any:
        return local(
            clock=hurried_clock,
            account={**spoken, **(account or {})},
            manager={"retry": retry},
            throttle_limit=FEW,
            **{**sandbox, **options},
        )

    return opened


@pytest.fixture
def as_sent(switches) -> Callable[[Any], Any]:
    """Give rows of the vendor's tables as this configuration sends them: whole numbers may leave as text."""

    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: convert(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [convert(inner) for inner in value]
        return str(value) if switches["text_ids"] and isinstance(value, int) else value

    return convert
