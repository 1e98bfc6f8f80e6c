"""Writes that must not be repeated: sent once, `OutcomeUnknown` where the answer is lost, and a way to find out."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import Any, Final

from ....errors import Absent, Found, OutcomeUnknown, SagiccAsyncError, StillOpen
from ....observe.events import LateOutcome
from ....wire.request import Deadline
from ...clock import ManualClock
from ..bench import FEW, PATIENCE, Bench, bench
from ..hurried import HurriedClock
from ..law import Violation, law, require
from ..samples import Write
from ..subject import LOOKUPS, UNSAFE_WRITES, Subject

#: How the answer to a write is lost, where the vendor may have done it or not.
_LOST: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("reset_before", {}),
    ("reset_after", {}),
    ("truncate", {}),
    ("status", {"status": 500, "done": True}),
    ("status", {"status": 502}),
    ("status", {"status": 503}),
    ("status", {"status": 504, "done": True}),
    ("garbage", {"status": 200, "done": True}),
    ("garbage", {"status": 503}),
)
_DONE: Final = {"done": True}
_NOT_DONE: Final = {"done": False}
_SAFETY: Final = "Resource.operations: Safety.UNSAFE for what must not be done twice"
_LOOKUP: Final = "the operation: `except OutcomeUnknown as error: raise error.with_lookup(...)`, and Samples.no_lookup"


@law(look=_SAFETY, needs=(UNSAFE_WRITES,))
async def a_write_is_never_sent_twice(subject: Subject) -> None:
    """A write that must not be repeated is sent once, however its answer is lost."""
    facts = await subject.facts()
    async with bench(subject, records=FEW) as opened:
        for write, (kind, options) in itertools.product(facts.once, _LOST):
            here = await opened.anew()
            here.vendor.fault(kind, **facts.routes[write].struck, **options)
            with contextlib.suppress(SagiccAsyncError):  # which one is another law's
                await here.write(write)
            sent = len(here.arrived(facts.routes[write]))
            require(
                sent == 1, f"{write.name} was sent {sent} times, although its answer was lost ({_said(kind, options)})"
            )


@law(
    look=f"{_SAFETY}; and Adapter.errors, which must not say of a failure that the vendor refused",
    needs=(UNSAFE_WRITES,),
)
async def a_lost_answer_is_outcome_unknown(subject: Subject) -> None:
    """Once a byte of such a write is out and no clear answer came, the error is `OutcomeUnknown`, with its cause."""
    facts = await subject.facts()
    async with bench(subject, records=FEW) as opened:
        for write, (kind, options) in itertools.product(facts.once, _LOST):
            here = await opened.anew()
            here.vendor.fault(kind, **facts.routes[write].struck, times=1, **options)
            error = await _error_of(here.write(write))
            _require_unknown(write, error, _said(kind, options))
    for write in facts.once:
        await _interrupted(subject, write, how="a deadline that passed")
        await _interrupted(subject, write, how="a manager that was closed")


@law(look="the operation: it must not hold CancelledError back, nor make a task of its own", needs=(UNSAFE_WRITES,))
async def a_cancelled_write_is_told_of_later(subject: Subject) -> None:
    """A caller who is cancelled leaves at once, and what became of the write comes as an event."""
    facts = await subject.facts()
    for write in facts.once:
        async with bench(subject, records=FEW, real_time=True) as here:
            task = await _in_flight(here, write, facts.routes[write].struck)
            task.cancel()
            await asyncio.wait([task], timeout=PATIENCE)
            require(task.cancelled(), f"the caller of {write.name} was cancelled, and did not leave as such")
            here.vendor.clear_faults()
            async with asyncio.timeout(PATIENCE):
                await here.vendor.until(lambda stats: stats.in_flight == 0)
            await here.sessions.close()
            late = [event.outcome for event in here.events if isinstance(event, LateOutcome)]
        require(
            late == ["ok"], f"{write.name} was done after its caller had left, and the events say {late or 'nothing'}"
        )


@law(look=_LOOKUP, needs=(UNSAFE_WRITES, LOOKUPS))
async def an_unknown_outcome_can_be_looked_up(subject: Subject) -> None:
    """`reconcile()` finds a write that took effect, and tells one that did not, by reading alone."""
    facts = await subject.facts()
    for write in facts.once:
        if write.name in subject.samples.no_lookup:
            continue
        for done in (_DONE, _NOT_DONE):
            clock = HurriedClock()
            async with bench(subject, records=FEW, clock=clock) as here:
                here.vendor.fault("reset_after", **facts.routes[write].struck, times=1, **done)
                error = await _error_of(here.write(write))
                if not isinstance(error, OutcomeUnknown):
                    continue  # another law's
                outcome = await error.reconcile()
                if isinstance(outcome, StillOpen):
                    clock.pass_by(facts.rules.settle + 1)  # the vendor must be done with it now
                    outcome = await error.reconcile()
                sent = len(here.arrived(facts.routes[write]))
            expected = Found if done is _DONE else Absent
            said = f"{write.name} {'took' if done is _DONE else 'took no'} effect, and reconcile() says"
            require(isinstance(outcome, expected), f"{said} {type(outcome).__name__}, not {expected.__name__}")
            require(sent == 1, f"reconcile() of {write.name} sent the write again")


@law(look="Samples.no_lookup, and the operation", needs=(UNSAFE_WRITES,))
async def what_cannot_be_looked_up_stays_open(subject: Subject) -> None:
    """Where nothing tells the outcome, `reconcile()` answers `StillOpen` with a reason: it never guesses."""
    facts = await subject.facts()
    for write in facts.once:
        if write.name not in subject.samples.no_lookup:
            continue
        async with bench(subject, records=FEW) as here:
            here.vendor.fault("reset_after", **facts.routes[write].struck, times=1)
            error = await _error_of(here.write(write))
            if not isinstance(error, OutcomeUnknown):
                continue  # another law's
            outcome = await error.reconcile()
        require(
            isinstance(outcome, StillOpen) and outcome.reason,
            f"{write.name} stands in Samples.no_lookup, and reconcile() says {type(outcome).__name__}",
        )


async def _interrupted(subject: Subject, write: Write, *, how: str) -> None:
    """Take a caller out of a write that is at the vendor."""
    facts = await subject.facts()
    clock = ManualClock()
    async with bench(subject, records=FEW, clock=clock) as here:
        with Deadline(600):
            task = await _in_flight(here, write, facts.routes[write].struck)
        if how.startswith("a deadline"):
            await clock.advance(601)
        else:
            await here.sessions.close(grace=0)
        error = await asyncio.wait_for(_error_of(task), PATIENCE)
        here.vendor.clear_faults()
    _require_unknown(write, error, how)


async def _in_flight(here: Bench, write: Write, struck: dict[str, str]) -> asyncio.Future[Any]:
    """A write that has arrived, and is not answered."""
    await here.ask()
    before = here.vendor.stats.requests
    here.vendor.fault("hold", **struck)
    task = asyncio.ensure_future(here.write(write))
    async with asyncio.timeout(PATIENCE):
        while not any(entry.number > before and entry.faults for entry in here.vendor.requests):
            if task.done():
                await task
                raise Violation(f"{write.name} ended before the vendor had answered")
            await asyncio.sleep(0.001)
    return task


async def _error_of(call: Any) -> BaseException | None:
    try:
        await call
    except SagiccAsyncError as error:
        return error
    return None


def _require_unknown(write: Write, error: BaseException | None, how: str) -> None:
    said = f"the answer to {write.name} was lost ({how}), and the caller got"
    require(isinstance(error, OutcomeUnknown), f"{said} {type(error).__name__ if error else 'no error'}")
    assert error is not None
    require(error.__cause__ is not None, f"{said} an OutcomeUnknown without its cause")


def _said(kind: str, options: dict[str, Any]) -> str:
    return f"HTTP {options['status']}" if kind == "status" else f"{kind} {options.get('status', '')}".strip()
