"""How a vendor's credentials become authorised requests: what an adapter says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar, runtime_checkable

from .secrets import Secret
from .tokens.slot import Token
from .wire.request import Request, Response

C_contra = TypeVar("C_contra", contravariant=True)


class Login(Protocol):
    """Sends a login: a request without a token, through the same gate and windows."""

    @property
    def base_url(self) -> str:
        """Where the account's vendor is; a login may lie beside the API, at an address that is derived from this."""

    async def __call__(self, request: Request) -> Response:
        """
        Send the login.

        Raises:
            CredentialsRejected: The vendor refuses the credentials.
            RequestError: See `errors`.
        """


class Auth(Protocol[C_contra]):
    """How a vendor's credentials become authorised requests: an adapter's part of authentication."""

    @property
    def hint(self) -> str:
        """Where a person looks when the vendor refuses the credentials: the vendor's own screen."""

    def identity(self, credentials: C_contra, token: Token) -> tuple[str | Secret, ...]:
        """What the vendor forbids to use twice at once: the static token, or who logs in."""

    def company(self, credentials: C_contra) -> tuple[str | Secret, ...]:
        """
        Whom the vendor counts by: requests in windows, and errors.

        Idempotency keys are made of it too, so what a rotation of the credentials changes does not belong into it.
        """

    async def issue(self, credentials: C_contra, login: Login, spent: Token | None) -> Token:
        """
        Get a token: by a login, or out of the credentials where the vendor hands it over.

        Args:
            credentials: The account's.
            login: Sends what asks for the token.
            spent: The token that the new one replaces, expired or refused, whose `refresh` may be used; `None` for the
                first.

        Raises:
            CredentialsRejected: The vendor refuses the credentials.
        """

    def headers(self, credentials: C_contra, token: Token) -> Mapping[str, str]:
        """What authorises a request."""


@runtime_checkable
class QueryAuth(Protocol[C_contra]):
    """What an `Auth` has besides, whose vendor takes the token in the query."""

    def params(self, credentials: C_contra, token: Token) -> Mapping[str, str]:
        """What authorises a request, as query parameters."""


@runtime_checkable
class VariantAuth(Protocol):
    """What an `Auth` has besides, where a setting decides what a login gives, such as an OAuth scope."""

    @property
    def variant(self) -> tuple[str, ...]:
        """What tells its tokens from others of the same credentials, which are not used in their place; empty for the usual."""
