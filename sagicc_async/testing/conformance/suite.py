"""`Conformance`: the checks as the tests of a class; and the same without pytest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from ...adapter import Adapter
from ...errors import SagiccAsyncError
from . import laws  # noqa: F401 - declares them
from .law import CHECKS, Check, NotApplicable, Violation
from .samples import Samples
from .subject import Subject

#: Seconds of real time in which a check must have ended: one that waits for something forever is told as such.
_LIMIT: Final = 60.0


def checks() -> Sequence[Check]:
    """All checks, in order, for `pytest.mark.parametrize` or a program: `await examine(check, subject)`."""
    return tuple(CHECKS)


async def examine(check: Check, subject: Subject) -> None:
    """
    Make one check.

    Args:
        check: Which.
        subject: Of which adapter.

    Raises:
        Violation: The adapter breaks the law; the message says what is wrong and where to look.
        NotApplicable: The law says nothing about this adapter; the message says why.
    """
    reason = None if check.blind else await _missing(check, subject)
    if reason is not None:
        raise NotApplicable(f"{check.name} does not apply to {subject.adapter.vendor}: {reason}")
    limit = asyncio.timeout(_LIMIT)
    try:
        async with limit:
            await check.verify(subject)
    except Violation as violation:
        wrong = violation
    except SagiccAsyncError as error:  # a deadline of the adapter's own as well, which is a TimeoutError too
        wrong = Violation(f"{type(error).__name__}: {error}")
        wrong.__cause__ = error
    except TimeoutError:
        waited = (
            f"the check did not end in {_LIMIT:g} s" if limit.expired() else "what should come at once did not come"
        )
        wrong = Violation(f"{waited}: something waits for what never comes")
    except Exception as error:
        error.add_note(f"raised while {check.name} was checked: {check.law} Look at: {check.look}")
        raise
    else:
        return
    raise Violation(check.broken(wrong, subject.adapter.vendor)) from wrong.__cause__


async def _missing(check: Check, subject: Subject) -> str | None:
    try:
        return check.missing(await subject.facts())
    except Exception:  # noqa: BLE001 - the blind check shows it
        return "its list cannot be read, as another check shows"


async def not_applicable(subject: Subject) -> dict[str, str]:
    """The checks that do not apply to an adapter, and why."""
    facts = await subject.facts()
    reasons = {check.name: check.missing(facts) for check in CHECKS}
    return {name: reason for name, reason in reasons.items() if reason is not None}


class Conformance:
    """
    The conformance suite: subclass it, say which adapter, and let pytest collect it.

        class TestAcme(Conformance):
            adapter = Acme
            sandbox = AcmeSandbox
            samples = Samples(list="invoices", writes=[Write("invoices", "create", {"number": "A-1"})])

    Each check is a test of its own, at a sandbox of its own, on an event loop of its own: no plugin for async tests is
    needed. What does not apply to the adapter is skipped, with the reason.

    Attributes:
        adapter: The adapter's class.
        sandbox: Its emulator's class, or what makes one, given settings as keywords.
        samples: What the suite may read and write.
    """

    adapter: ClassVar[type[Adapter]]
    sandbox: ClassVar[Callable[..., Any]]
    samples: ClassVar[Samples]
    _subject: ClassVar[Subject | None] = None

    @classmethod
    def subject(cls) -> Subject:
        """The adapter under examination; rehearsed once a class."""
        if cls.__dict__.get("_subject") is None:
            cls._subject = Subject(cls.adapter, _as_written(cls, "sandbox"), cls.samples)
        assert cls._subject is not None
        return cls._subject


def _as_written(cls: type, name: str) -> Any:
    """A class attribute as it was written, also where it is a function."""
    return next(vars(base)[name] for base in cls.__mro__ if name in vars(base))


def _test(check: Check) -> Callable[[Conformance], None]:
    def test(self: Conformance) -> None:
        import pytest  # noqa: PLC0415 - an extra, imported where it is used

        subject = type(self).subject()
        try:
            # With a factory the runner leaves alone which loop is the thread's: that is somebody else's.
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(examine(check, subject))
        except NotApplicable as reason:
            pytest.skip(str(reason))
        except Violation as violation:
            told = str(violation)
            cause = violation.__cause__
        else:
            return
        pytest.fail(
            told if cause is None else f"{told}\n  It began with: {type(cause).__name__}: {cause}", pytrace=False
        )

    test.__name__ = f"test_{check.name}"
    test.__qualname__ = f"Conformance.{test.__name__}"
    test.__doc__ = check.law
    return test


for _check in CHECKS:
    setattr(Conformance, f"test_{_check.name}", _test(_check))
