"""The tokens that Sagicc has issued, and which of them still open the API."""

from __future__ import annotations

from random import Random

import attrs

from sagicc_async.sandbox import Company, invent

#: Passport's own lifetime, for tokens whose answer does not say one.
_YEAR = 31_536_000


@attrs.frozen(kw_only=True)
class Token:
    """
    An access token.

    Args:
        access: What the client sends.
        refresh: What it may send once for a new pair; `None` if it was given none.
        owner: The set of credentials that obtained it, itself and not a copy: it may get another secret.
        expires: When it ends, in seconds of the sandbox's clock.
    """

    access: str = attrs.field(repr=False)
    refresh: str | None = attrs.field(repr=False)
    owner: dict[str, str] = attrs.field(repr=False, eq=False)
    expires: float


@attrs.define
class Issued:
    """All tokens of a company that were not revoked."""

    _by_access: dict[str, Token] = attrs.field(factory=dict, init=False, repr=False)
    _by_refresh: dict[str, Token] = attrs.field(factory=dict, init=False, repr=False)
    _number: int = attrs.field(default=0, init=False)

    def issue(self, owner: dict[str, str], *, now: float, lifetime: int | None, refresh: bool) -> Token:
        """Make a pair of tokens; the same ones for the same seed and the same requests."""
        self._number += 1
        random = Random(f"{owner['client_secret']}/{owner['password']}/{self._number}")  # noqa: S311
        token = Token(
            access=_like_jwt(random),
            refresh=f"def50200{invent.token(random, 200)}" if refresh else None,
            owner=owner,
            expires=now + (_YEAR if lifetime is None else lifetime),
        )
        self._by_access[token.access] = token
        if token.refresh is not None:
            self._by_refresh[token.refresh] = token
        return token

    def valid(self, access: str | None, company: Company, now: float) -> bool:
        """Tell whether a token opens the API: it is not expired, and its credentials were not replaced."""
        token = self._by_access.get(access or "")
        return token is not None and now < token.expires and any(token.owner is one for one in company.credentials)

    def to_refresh(self, refresh: str) -> Token | None:
        """Return the token whose refresh token this is."""
        return self._by_refresh.get(refresh)

    def revoke(self, token: Token) -> None:
        """End a pair."""
        self._by_access.pop(token.access, None)
        self._by_refresh.pop(token.refresh or "", None)

    def revoke_all_of(self, owner: dict[str, str]) -> None:
        """End every token that these credentials obtained."""
        for token in list(self._by_access.values()):
            if token.owner is owner:
                self.revoke(token)


def issued_by(company: Company) -> Issued:
    """Return what a company has issued since the sandbox began anew."""
    issued: Issued = company.memory.setdefault("tokens", Issued())
    return issued


def _like_jwt(random: Random) -> str:
    # The head of every Passport token, {"typ":"JWT","alg":"RS256"}; the rest only looks like one.
    return f"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.{invent.token(random, 180)}.{invent.token(random, 342)}"
