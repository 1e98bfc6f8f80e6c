"""The tokens that Siigo has issued, and which of them still open the API."""

from __future__ import annotations

from random import Random
from typing import Final

import attrs

from sagicc_async.sandbox import Company, invent

_MEMORY: Final = "tokens"


@attrs.frozen(kw_only=True)
class Token:
    """
    A token.

    Args:
        owner: The set of credentials that obtained it, itself and not a copy: it may get another access key.
        expires: When it ends, in seconds of the sandbox's clock.
    """

    owner: dict[str, str] = attrs.field(repr=False, eq=False)
    expires: float


@attrs.define
class Issued:
    """All tokens of a company that were not ended."""

    _tokens: dict[str, Token] = attrs.field(factory=dict, init=False, repr=False)
    _number: int = attrs.field(default=0, init=False)

    def issue(self, owner: dict[str, str], *, now: float, lifetime: int) -> str:
        """Make a token; the same ones for the same seed and the same requests."""
        self._number += 1
        access = _like_jwt(Random(f"{owner['access_key']}/{self._number}"))  # noqa: S311
        self._tokens[access] = Token(owner=owner, expires=now + lifetime)
        return access

    def valid(self, access: str | None, company: Company, now: float) -> bool:
        """Tell whether a token opens the API: it is not expired, and its credentials were not replaced."""
        token = self._tokens.get(access or "")
        return token is not None and now < token.expires and any(token.owner is one for one in company.credentials)

    def end_all(self) -> None:
        """End every token."""
        self._tokens.clear()


def issued_by(company: Company) -> Issued:
    """Return what a company has issued since the sandbox began anew."""
    issued: Issued = company.memory.setdefault(_MEMORY, Issued())
    return issued


def _like_jwt(random: Random) -> str:
    # {"alg":"RS256","typ":"JWT"} is its head; the rest only looks like one, and makes it about as long as the vendor's.
    return f"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{invent.token(random, 1020)}.{invent.token(random, 342)}"
