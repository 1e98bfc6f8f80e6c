"""Scripted faults: which requests are struck, and by what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

import attrs
from attrs.validators import and_, ge, instance_of, le, optional

from ..errors import ConfigError
from .effects import EFFECTS, Effect, texts
from .vendor import Call

_count = optional(and_(instance_of(int), ge(1)))


def _capitals(method: str | None) -> str | None:
    return None if method is None else method.upper()


def _pattern(path: str | None) -> re.Pattern[str] | None:
    return None if path is None else re.compile(path)


@attrs.define(kw_only=True)
class Fault:
    """
    An effect and the requests that it strikes.

    Args:
        effect: What happens; see `sagicc_async.sandbox.effects`.
        method: Only requests with this method.
        path: Only requests in whose path this regular expression is found.
        query: Only requests that have these parameters with these values.
        nth: Let the first `nth - 1` matching requests pass.
        times: Strike so many requests, then no more. Without it: for ever, or once where `nth` is given.
        probability: Strike only this share of the matching requests, chosen by the sandbox's seed.

    Attributes:
        seen: Matching requests so far.
        struck: Requests struck so far.
    """

    effect: Effect
    method: str | None = attrs.field(default=None, converter=_capitals)
    path: re.Pattern[str] | None = attrs.field(default=None, converter=_pattern)
    query: Mapping[str, str] = attrs.field(factory=dict, converter=texts)
    nth: int | None = attrs.field(default=None, validator=_count)
    times: int | None = attrs.field(default=None, validator=_count)
    probability: float = attrs.field(default=1.0, converter=float, validator=[ge(0.0), le(1.0)])
    seen: int = attrs.field(default=0, init=False)
    struck: int = attrs.field(default=0, init=False)

    def strikes(self, call: Call, random: Random) -> bool:
        """Tell whether this request is struck, and count it."""
        if not self._matches(call):
            return False
        self.seen += 1
        times = self.times or (1 if self.nth else None)
        if self.seen < (self.nth or 1) or (times is not None and self.struck >= times):
            return False
        if self.probability < 1 and random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "kind": self.effect.kind,
            "method": self.method,
            "path": self.path.pattern if self.path else None,
            "query": dict(self.query),
            "nth": self.nth,
            "times": self.times,
            "probability": self.probability,
            "seen": self.seen,
            "struck": self.struck,
        }

    def _matches(self, call: Call) -> bool:
        return (
            self.method in (None, call.method)
            and (self.path is None or self.path.search(call.path) is not None)
            and all(call.query.get(name) == value for name, value in self.query.items())
        )


_SELECTORS = frozenset(field.name for field in attrs.fields(Fault) if field.init) - {"effect"}


class Script:
    """
    The faults of one vendor, in the order in which they were scripted.

    Args:
        random: Decides for faults with a probability.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that stand."""
        return tuple(self._faults)

    def add(self, kind: str, **options: Any) -> Fault:
        """
        Add a fault.

        Args:
            kind: One of `EFFECTS`.
            options: The selectors of `Fault` and the settings of the effect.

        Raises:
            ConfigError: No such kind or option, or a value that it cannot have.
        """
        fault = make_fault(kind, **options)
        self._faults.append(fault)
        return fault

    def strike(self, call: Call) -> list[Effect]:
        """Return the effects that strike this request."""
        return [fault.effect for fault in self._faults if fault.strikes(call, self._random)]

    def clear(self, fault: Fault | None = None) -> None:
        """Remove one fault, or all; what they hold goes on."""
        for gone in self._faults if fault is None else [fault]:
            gone.effect.release()
        self._faults = [] if fault is None else [kept for kept in self._faults if kept is not fault]


def make_fault(kind: str, **options: Any) -> Fault:
    """Build a fault from its kind and options; see `Script.add`."""
    effect = EFFECTS.get(kind)
    if effect is None:
        raise ConfigError(f"there is no fault {kind!r}; there are: {', '.join(sorted(EFFECTS))}")
    settings = {field.name for field in attrs.fields(effect) if field.init}
    unknown = set(options) - settings - _SELECTORS
    if unknown:
        known = ", ".join(sorted(settings | _SELECTORS))
        raise ConfigError(f"the fault {kind!r} has no option {', '.join(sorted(unknown))}; it has: {known}")
    selectors = {name: options[name] for name in options if name in _SELECTORS}
    try:
        return Fault(effect=effect(**{name: options[name] for name in options if name in settings}), **selectors)
    except (TypeError, ValueError, AttributeError, re.error) as error:
        raise ConfigError(f"the fault {kind!r} cannot be made: {error}") from error
