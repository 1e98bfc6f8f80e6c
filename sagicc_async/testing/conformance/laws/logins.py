"""Tokens and credentials: one login for all callers, fresh tokens are kept, replaced credentials are read again."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import attrs

from ....errors import CredentialsRejected, SagiccAsyncError
from ....sandbox import LocalVendor
from ....secrets import Secret
from ....tokens.slot import Token
from ...clock import ManualClock
from ..bench import Bench, bench
from ..law import Violation, law, require
from ..subject import EXPIRES, LOGIN, SHARED, Subject, secret_fields

_CALLERS: Final = 50
_REFUSAL: Final = "Adapter.errors: what the vendor answers to a refused token must be Action.REAUTHENTICATE"


@law(look="Auth.identity and Auth.company")
async def identities_are_lasting(subject: Subject) -> None:
    """Equal credentials are the same identity and the same company each time: what is shared is found by them."""
    async with bench(subject) as here:
        auth = subject.adapter.auth_for(here.account.settings)
        one, other = (subject.adapter.credentials(**here.vendor.credentials) for _ in range(2))
        token = Token(Secret("a-token"))
        for parts in (
            (auth.identity(one, token), auth.identity(other, token)),
            (auth.company(one), auth.company(other)),
        ):
            require(parts[0] == parts[1], "equal credentials are two different identities or companies")
            require(parts[0], "credentials give no identity or no company: all accounts would be one")


@law(look="Auth.issue, and Auth.identity, which must be the same for the same credentials", needs=(LOGIN,))
async def callers_share_one_login(subject: Subject) -> None:
    """Many calls at once cause one login."""
    async with bench(subject, real_time=True) as here:
        accounts = (here.account, here.open(account="other label"))
        await asyncio.gather(*(here.ask(accounts[number % 2]) for number in range(_CALLERS)))
        logins = here.vendor.stats.logins
        require(logins == 1, f"{_CALLERS} calls at once caused {logins} logins")


@law(look="Auth.issue: the life of the Token, in seconds", needs=(LOGIN, EXPIRES))
async def a_token_lives_as_long_as_it_is_said_to(subject: Subject) -> None:
    """A token is renewed before it ends, and not used after: the vendor never has to refuse an old one."""
    facts = await subject.facts()
    lives = facts.lives or 0.0
    clock = ManualClock()
    async with bench(subject, clock=clock) as here:
        await here.ask()
        for share in (0.75, 0.2, 0.1):  # before the soft expiry, behind it, and past the end
            clock.set(now=clock.now() + lives * share)
            await here.ask()
        refused = here.vendor.stats.by_status[401] + here.vendor.stats.by_status[403]
        require(
            not refused, f"the vendor refused a token that the adapter took for good; it reads a life of {lives:g} s"
        )
        logins = here.vendor.stats.logins
        require(logins > 1, f"no new login in {lives * 1.05:g} s, although a token lives {lives:g} s")


@law(look=_REFUSAL)
async def a_refused_token_is_replaced(subject: Subject) -> None:
    """A token that the vendor refuses is replaced, by a login or by reading the credentials again, and the call goes on."""
    facts = await subject.facts()
    async with bench(subject, credentials=lambda vendor: vendor.credentials) as here:
        await here.ask()
        before = len(here.arrived(facts.listing))
        if not facts.login:
            here.vendor.rotate()
        here.vendor.fault("revoke", times=1)
        try:
            await here.ask()
        except SagiccAsyncError as error:
            raise Violation(f"the call failed with {type(error).__name__}") from error
        asked = len(here.arrived(facts.listing)) - before
        require(
            asked == 2, f"the list was asked for {asked} times: once with the refused token and once with a new one"
        )


@law(look=_REFUSAL, needs=(LOGIN, SHARED))
async def a_late_refusal_keeps_the_fresh_token(subject: Subject) -> None:
    """A refusal that comes late, of a token that was replaced meanwhile, does not throw away the fresh one."""
    facts = await subject.facts()
    async with bench(subject) as here:
        await here.ask()
        held = here.vendor.fault("hold", **facts.listing.struck, times=1)
        slow = asyncio.ensure_future(here.ask())
        await here.until_in_flight(1)
        here.vendor.fault("revoke", **facts.listing.struck, times=1)
        await here.ask()
        here.vendor.clear_faults(held)
        await slow
        logins = here.vendor.stats.logins
        require(logins == 2, f"{logins} logins, where the second token was good for both callers")


@law(look=_REFUSAL)
async def replaced_credentials_are_read_again_once(subject: Subject) -> None:
    """Where somebody replaced the credentials, their source is read again, once, and everybody's call goes on."""
    async with bench(subject, real_time=True, credentials=(source := _Source())) as here:
        await here.ask()
        here.vendor.rotate()
        here.vendor.fault("revoke", times=1)
        try:
            await asyncio.gather(*(here.ask() for _ in range(5)))
        except SagiccAsyncError as error:
            raise Violation(f"the call failed with {type(error).__name__}") from error
        require(source.read == 2, f"the source of the credentials was read {source.read} times, not twice")


@law(look="Auth.hint, and the hint of verdicts about credentials in Adapter.errors")
async def refused_credentials_say_where_to_look(subject: Subject) -> None:
    """Credentials that stay refused are `CredentialsRejected` with a hint at the vendor's screen, and asked for no more."""
    async with bench(subject, credentials=(source := _Source())) as here:
        await here.ask()
        source.frozen = here.vendor.credentials
        here.vendor.rotate()
        here.vendor.fault("revoke", times=1)
        await _require_rejected(here)
        require(source.read == 2, f"the source of the credentials was read {source.read} times, not twice")
        before = here.vendor.stats.requests
        await _require_rejected(here)
        again = here.vendor.stats.requests - before
        require(
            again == 0, f"the same credentials were tried again {again} times at once: the vendor may block the user"
        )


@law(look="Auth.hint, and how Adapter.errors reads the answer to a login")
async def wrong_credentials_are_rejected(subject: Subject) -> None:
    """Credentials that were never right are `CredentialsRejected` with a hint at the vendor's screen."""
    async with bench(subject, credentials=_mistyped(subject)) as here:
        await _require_rejected(here)


@attrs.define
class _Source:
    """
    Where credentials come from.

    Attributes:
        frozen: What it gives, if not what the vendor has now.
        read: How often it was asked.
    """

    frozen: Any = None
    read: int = 0

    def __call__(self, vendor: LocalVendor) -> Any:
        self.read += 1
        return self.frozen or vendor.credentials


def _mistyped(subject: Subject) -> Any:
    """The vendor's credentials, with another last character in each secret."""

    def give(vendor: LocalVendor) -> dict[str, Any]:
        secret = secret_fields(subject.adapter, vendor.credentials, subject.secret_names)
        return {name: _other(value) if name in secret else value for name, value in vendor.credentials.items()}

    return give


def _other(text: str) -> str:
    return f"{text[:-1]}{'y' if text.endswith('x') else 'x'}"


async def _require_rejected(here: Bench) -> None:
    try:
        await here.ask()
    except CredentialsRejected as error:
        require(error.hint, "CredentialsRejected has no hint, which names the vendor's screen")
    except SagiccAsyncError as error:
        raise Violation(f"refused credentials are {type(error).__name__}, not CredentialsRejected") from error
    else:
        raise Violation("the vendor let in credentials that are not its own", look="the sandbox")
