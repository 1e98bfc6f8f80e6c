"""A small vendor that issues tokens, and a slot that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest

from sagicc_async.errors import CredentialsRejected
from sagicc_async.secrets import Secret, digest
from sagicc_async.tokens.rules import TokenRules
from sagicc_async.tokens.slot import Token, TokenSlot
from sagicc_async.tokens.source import CredentialSource


@attrs.frozen
class Login:
    user: str
    password: Secret = attrs.field(converter=Secret)


@attrs.define(eq=False)
class Vendor:
    """
    An issuer of tokens.

    Args:
        lives: Seconds that a token lives.
        static: Whether the token is the password itself, handed over instead of issued.
        refuses: Passwords that are not (or no more) good.
        fails: Errors that the next issues end with; `None` for one that succeeds.
        open: Issues wait for it.
        spent: The tokens that issues were told to replace.
    """

    lives: float | None = 100.0
    static: bool = False
    refuses: set[str] = attrs.field(factory=set)
    fails: list[Exception | None] = attrs.field(factory=list)
    open: asyncio.Event = attrs.field(factory=asyncio.Event)
    issued: int = 0
    finished: int = 0
    spent: list[Token | None] = attrs.field(factory=list)

    async def issue(self, credentials: Login, spent: Token | None) -> Token:
        self.issued += 1
        self.spent.append(spent)
        number = self.issued
        if not self.static:
            await self.open.wait()
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error
        password = credentials.password.reveal()
        if self.static:
            return Token(credentials.password)
        if password in self.refuses:
            raise CredentialsRejected("the vendor refuses the login")
        self.finished += 1
        return Token(Secret(f"token-{number}-for-{password}"), self.lives)

    def identify(self, credentials: Login, token: Token) -> str:
        return digest("lease", token.value if self.static else credentials.user)

    def rejected(self, reason: str) -> CredentialsRejected:
        return CredentialsRejected(reason, hint="look at the vendor's screen")


@pytest.fixture
async def vendor() -> Vendor:
    vendor = Vendor()
    vendor.open.set()
    return vendor


@attrs.define(eq=False)
class Owner:
    """Who starts the slot's tasks, and ends them."""

    clock: Any
    tasks: set[asyncio.Task[Any]] = attrs.field(factory=set)
    renewed: list[Any] = attrs.field(factory=list)

    def slot(self, vendor: Vendor, given: Any = None, **rules: float) -> TokenSlot[Login]:
        return TokenSlot(
            source=CredentialSource(given or Login("ana", "first"), Login),
            issuer=vendor,
            rules=TokenRules(**{"soft_expiry": 0.8, "leeway": 10.0, "cool_down": 5.0, **rules}),
            clock=self.clock,
            spawn=self.spawn,
            on_renewed=self.renewed.append,
        )

    def spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        while self.tasks:
            await asyncio.wait(tuple(self.tasks))


@pytest.fixture
async def owner(manual_clock) -> AsyncIterator[Owner]:
    owner = Owner(manual_clock)
    yield owner
    await owner.close()


@pytest.fixture
async def slot(owner, vendor) -> TokenSlot[Login]:
    return owner.slot(vendor)


@pytest.fixture
def credentials() -> Callable[[str], Login]:
    return lambda password: Login("ana", password)
