"""A token is never used by more requests at once than the vendor bears, whatever becomes of their callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ....observe.events import RequestFinished
from ...clock import ManualClock
from ..bench import PATIENCE, Bench, Route, bench
from ..gateway import GIVEN_UP, gives_up
from ..law import Violation, law, require
from ..subject import EXCLUSIVE, Facts, Subject

#: Seconds of real time in which a request that should not start would have arrived.
_A_MOMENT: Final = 0.05
#: So much of `settle` is let pass, and works the vendor on a request whose connection broke.
_NEARLY: Final = 0.95
#: Makes so many answers to a kind of request be lost, while the vendor works on for so many seconds.
_Losing: TypeAlias = Callable[[Bench, Route, int, float], None]
#: Seconds by which time is moved while requests travel: less than their lease lasts.
_STEP: Final = 1.0
_RULES: Final = "Adapter.rules: TokenRules(max_in_flight=...), and Auth.identity"


@law(look=_RULES, needs=(EXCLUSIVE,))
async def one_token_is_not_used_at_once(subject: Subject) -> None:
    """However many ask, through however many managers, a token has no more requests in flight than the vendor bears."""
    facts = await subject.facts()
    async with bench(subject, real_time=True, work=0.005) as here:
        other = here.open(await here.manager(), account="other label")
        await asyncio.gather(*(here.ask(account) for account in (here.account, other) * 6))
        _require_no_overlap(here, facts)


@law(look="that every request goes through Resource._send, Resource._stream or Adapter.request", needs=(EXCLUSIVE,))
async def a_cancelled_caller_does_not_free_the_token(subject: Subject) -> None:
    """A caller who leaves does not free the token: the vendor is still at work, so nobody starts before it is done."""
    facts = await subject.facts()
    async with bench(subject, real_time=True) as here:
        await here.ask()  # a login, if there is one, is no use of a token
        callers = await _held(here, facts)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        after = asyncio.ensure_future(here.ask())
        await asyncio.sleep(_A_MOMENT)
        too_early = here.vendor.stats.in_flight > len(callers)
        here.vendor.clear_faults()
        await asyncio.wait_for(after, PATIENCE)
        require(not too_early, "a request started although one that was cancelled was still at work")
        _require_no_overlap(here, facts)


@law(
    look="Adapter.rules: TokenRules(settle=...), Resource.operations, and Verdict(vendors_own=...)", needs=(EXCLUSIVE,)
)
async def a_lost_answer_keeps_the_token_for_settle(subject: Subject) -> None:
    """Where an answer is lost or a gateway gives up, the token stays taken for `settle`: so long may the vendor work on."""
    facts = await subject.facts()
    settle = facts.rules.settle
    if not settle > 0:
        raise Violation("a token that is not to be used at once needs settle, more than 0 s: TokenRules(settle=...)")
    await _kept_for_settle(subject, facts, _reset, "an answer was lost")
    await _kept_for_settle(subject, facts, _give_up, f"a gateway gave up (HTTP {GIVEN_UP})")


async def _kept_for_settle(subject: Subject, facts: Facts, lose: _Losing, how: str) -> None:
    clock, most, nearly = ManualClock(), facts.most or 1, facts.rules.settle * _NEARLY
    async with bench(subject, clock=clock) as here:
        await here.ask()
        before = len(here.arrived(facts.listing))
        lost = _losses(here)
        lose(here, facts.listing, most, nearly)
        readers = [asyncio.ensure_future(here.ask()) for _ in range(most)]
        for _ in readers:
            await asyncio.wait_for(lost.acquire(), PATIENCE)
        ends = clock.now() + nearly
        while clock.now() < ends:
            await _pass(clock, min(_STEP, ends - clock.now()))
        await asyncio.sleep(_A_MOMENT)
        early = len(here.arrived(facts.listing)) - before - most
        async with asyncio.timeout(PATIENCE):
            while not all(reader.done() for reader in readers):
                await _pass(clock, _STEP)
        await asyncio.gather(*readers)
        require(early == 0, f"{early} requests started less than settle={facts.rules.settle:g} s after {how}")
        _require_no_overlap(here, facts)


def _reset(here: Bench, route: Route, times: int, seconds: float) -> None:
    """Lose answers with their connections, while the vendor works on."""
    here.vendor.fault("reset_before", **route.struck, times=times)
    here.vendor.fault("latency", **route.struck, times=times, seconds=seconds)


def _give_up(here: Bench, route: Route, times: int, seconds: float) -> None:
    """Answer in the vendor's place, while it works on."""
    here.emulator.after = gives_up(route.holds, times=times, seconds=seconds)


def _losses(here: Bench) -> asyncio.Semaphore:
    """What can be acquired as often as an exchange has ended without an answer of the vendor's."""
    lost = asyncio.Semaphore(0)

    def hear(event: Any) -> None:
        if isinstance(event, RequestFinished) and event.status in (None, GIVEN_UP):
            lost.release()

    here.sessions.on(hear)
    return lost


async def _pass(clock: ManualClock, seconds: float) -> None:
    await clock.advance(seconds)
    await asyncio.sleep(0.001)  # for the sockets, which know no other clock than the machine's


async def _held(here: Bench, facts: Facts) -> list[asyncio.Future[Any]]:
    """As many readers as the token bears, whose requests the vendor holds."""
    here.vendor.fault("hold", **facts.listing.struck)
    callers: list[asyncio.Future[Any]] = [asyncio.ensure_future(here.ask()) for _ in range(facts.most or 1)]
    await here.until_in_flight(len(callers))
    return callers


def _require_no_overlap(here: Bench, facts: Facts) -> None:
    most, seen = facts.most or 1, here.vendor.stats.max_in_flight
    require(seen <= most, f"{seen} requests were in flight on one token, which bears {most}")
