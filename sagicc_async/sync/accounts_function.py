"""`accounts_from`: accounts that a function of the user's gives, such as one that asks their own database."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from ..errors import ConfigError, SagiccAsyncError
from .accounts import SyncAccount
from .entries import near


def accounts_from(name: str) -> AccountsFunction:
    """
    The accounts that a function gives.

    Args:
        name: `package.module:function`. It is called without arguments at each round, and gives `SyncAccount`s: an async
            iterator, an iterable, or an awaitable of either. One that is neither async itself is called in a thread, and
            so is what it gives read, since it may well ask a database.

    Raises:
        ConfigError: The name is not of that form, the module does not load, or has no such function.
    """
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        raise ConfigError(f"the accounts' function is named as package.module:function, not {name!r}")
    try:
        loaded = importlib.import_module(module)
    # Whatever a user's module raises while it is imported, one that wants to leave included.
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{name}: {module} does not load: {type(error).__name__}: {error}") from error
    found = getattr(loaded, function, None)
    if not callable(found):
        functions = [known for known, value in vars(loaded).items() if callable(value)]
        raise ConfigError(f"{name}: {module} has no function {function!r}{near(function, functions)}")
    return AccountsFunction(name, found)


class AccountsFunction:
    """
    The accounts that a function gives, as an `AccountSource`; see `accounts_from`.

    Args:
        name: What it is called, for errors.
        function: The function.

    Raises:
        ConfigError: When iterated: it raised something, or gave something else than accounts.
    """

    def __init__(self, name: str, function: Callable[[], Any]) -> None:
        self._name = name
        self._function = function

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        try:
            async with contextlib.aclosing(self._given()) as given:
                async for account in given:
                    yield self._checked(account)
        except SagiccAsyncError:
            raise
        except Exception as error:
            # Not its text, which may be anything, an address with a password included.
            raise ConfigError(f"{self._name} failed: an unexpected {type(error).__name__}") from error

    def __repr__(self) -> str:
        return f"<AccountsFunction {self._name}>"

    def _checked(self, account: object) -> SyncAccount:
        if isinstance(account, SyncAccount):
            return account
        raise ConfigError(f"{self._name} gives SyncAccount objects, not {type(account).__name__}")

    async def _given(self) -> AsyncGenerator[Any, None]:
        function = self._function
        is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        given = function() if is_async else await asyncio.to_thread(function)
        if inspect.isawaitable(given):
            given = await given
        if isinstance(given, AsyncIterable):
            async with contextlib.AsyncExitStack() as stack:
                if isinstance(given, AsyncGenerator):
                    stack.push_async_callback(given.aclose)
                async for account in given:
                    yield account
        elif isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
            for account in await asyncio.to_thread(list, given):
                yield account
        else:
            raise ConfigError(
                f"{self._name} gives an iterator of SyncAccount, async or not, and not {type(given).__name__}"
            )
