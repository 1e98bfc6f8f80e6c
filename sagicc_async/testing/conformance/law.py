"""What a check is: a law that an adapter keeps, when it applies, and what is said if it is broken."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from .subject import Facts, Subject

Verify: TypeAlias = "Callable[[Subject], Awaitable[None]]"


class Violation(AssertionError):
    """
    An adapter breaks a law.

    Args:
        wrong: What was seen, and what should have been.
        look: Where the mistake is to be sought, if elsewhere than the check says.
    """

    def __init__(self, wrong: str, *, look: str = "") -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.look = look


class NotApplicable(Exception):
    """The law says nothing about this adapter; the message says why."""


@attrs.frozen
class Need:
    """
    What an adapter must have for a law to apply to it.

    Args:
        reason: Why the law does not apply where it is missing: `it has no login`.
        met: Tells whether the adapter has it.
    """

    reason: str
    met: Callable[[Facts], bool] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Check:
    """
    One law, and how it is checked.

    Args:
        name: In snake_case; the name of its test.
        theme: What it is about: the module in which it stands.
        law: The law, for a person.
        look: Where the author looks for the mistake.
        needs: What the adapter must have for it to apply.
        blind: Whether it is made although nothing could be learned of the adapter, which no other check is.
        verify: Raises `Violation`.
    """

    name: str
    theme: str
    law: str
    look: str
    needs: tuple[Need, ...] = ()
    blind: bool = False
    verify: Verify = attrs.field(repr=False)

    def __str__(self) -> str:
        return self.name

    def missing(self, facts: Facts) -> str | None:
        """Why this check does not apply; `None` if it does."""
        return next((need.reason for need in self.needs if not need.met(facts)), None)

    def broken(self, violation: Violation, vendor: str) -> str:
        """What the author of the adapter is told."""
        look = violation.look or self.look
        return f"{vendor} breaks {self.name}: {violation.wrong}\n  The law: {self.law}\n  Look at: {look}"


#: All checks, in the order in which they are declared.
CHECKS: Final[list[Check]] = []


def law(*, look: str, needs: tuple[Need, ...] = (), blind: bool = False) -> Callable[[Verify], Verify]:
    """
    Declare a check: an async function whose docstring says the law.

    Args:
        look: Where the author of an adapter that breaks it looks.
        needs: What the adapter must have for it to apply.
        blind: See `Check`.
    """

    def declare(verify: Verify) -> Verify:
        name, module = verify.__name__, verify.__module__
        text = " ".join((inspect.getdoc(verify) or "").split())
        CHECKS.append(
            Check(
                name=name, theme=module.rpartition(".")[2], law=text, look=look, needs=needs, blind=blind, verify=verify
            )
        )
        return verify

    return declare


def require(condition: object, wrong: str, *, look: str = "") -> None:
    """
    Raise `Violation` unless the condition holds.

    Args:
        condition: What must be.
        wrong: What is said if it is not.
        look: See `Violation`.
    """
    if not condition:
        raise Violation(wrong, look=look)
