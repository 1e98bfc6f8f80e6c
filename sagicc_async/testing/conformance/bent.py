"""An adapter's own sandbox whose requests or answers are changed on the way, for what it cannot provoke itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...sandbox import Call, Company, Reply, from_json

#: A token is longer than this; words of an answer to a login that are shorter (`Bearer`) are none.
_SHORTEST_TOKEN = 16


class Bent:
    """
    A vendor's emulator that is asked, or answers, a little differently. It notes every token that it sees.

    Args:
        emulator: The adapter's own.
        before: Changes a request before the emulator sees it.
        after: Changes the answer.
    """

    def __init__(
        self,
        emulator: Any,
        *,
        before: Callable[[Call], Call] | None = None,
        after: Callable[[Call, Reply], Reply] | None = None,
    ) -> None:
        self._emulator = emulator
        self._before = before
        self.after = after
        self.tokens: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    def token(self, call: Call) -> str | None:
        """Return the token that a request uses."""
        token: str | None = self._emulator.token(call)
        if token is not None:
            self.tokens.add(token)
        return token

    def answer(self, call: Call, company: Company) -> Reply:
        """Let the emulator answer."""
        reply: Reply = self._emulator.answer(call if self._before is None else self._before(call), company)
        if self.after is not None:
            reply = self.after(call, reply)
        if reply.login:
            self.tokens.update(word for word in _words(reply.body) if len(word) > _SHORTEST_TOKEN)
        return reply


def _words(body: bytes) -> Iterator[str]:
    try:
        waiting = [from_json(body)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
