"""What a resource file may say of tokens: where they stand in a request, and how they are obtained."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from .keys import ADDRESS, HEADER, POINTER, PREFIX, WIRE_NAME, key
from .provenance import Provenance, said_by


@attrs.frozen(kw_only=True)
class Placement:
    """
    Where a token stands in a request: in a header, or in a parameter of the query.

    Args:
        header: Name of the header; `None` if it is a parameter.
        prefix: What stands before the token in the header.
        parameter: Name of the parameter; `None` if it is a header.
    """

    header: str | None = None
    prefix: str = ""
    parameter: str | None = None


@attrs.frozen(kw_only=True)
class HeaderAuth:
    """The account's token stands in a header of every request."""

    kind: Literal["header"]
    header: str = key("Name of the header.", form=HEADER)
    prefix: str = key('What stands before the token, such as "Bearer ".', default="", form=PREFIX)
    hint: str = key("Where a person looks when the vendor refuses the token.", default="")
    provenance: Provenance | None = said_by()

    @property
    def placement(self) -> Placement:
        """In the header."""
        return Placement(header=self.header, prefix=self.prefix)


@attrs.frozen(kw_only=True)
class QueryAuth:
    """The account's token stands in the query of every request."""

    kind: Literal["query"]
    parameter: str = key("Name of the parameter.", form=WIRE_NAME)
    hint: str = key("Where a person looks when the vendor refuses the token.", default="")
    provenance: Provenance | None = said_by()

    @property
    def placement(self) -> Placement:
        """In the query."""
        return Placement(parameter=self.parameter)


@attrs.frozen(kw_only=True)
class Login:
    """The request that buys a token for the account's own."""

    method: Literal["GET", "POST"] = key("Its method.", default="POST")
    path: str = key("Its path.", form=ADDRESS)
    token_in: Literal["query", "header", "body"] = key("Where the account's token stands in it.")
    token_name: str = key("Name of the parameter, header or field.", form=WIRE_NAME)
    token_prefix: str = key("What stands before it in a header.", default="", form=PREFIX)
    token_at: str = key("Where the new token stands in the answer.", form=POINTER)
    expires_at: str | None = key("Where the moment stands at which it ends.", default=None, form=POINTER)
    expires_in: str | None = key("Where the seconds stand for which it lives.", default=None, form=POINTER)
    lifetime: float | None = key("Seconds for which it lives, where the answer does not say.", default=None, least=1)
    cache: bool | None = key(
        "Whether a token cache may keep it; if left out, where its life is known. Else it stays in memory.",
        default=None,
    )


@attrs.frozen(kw_only=True)
class ExchangeAuth:
    """The account's token buys another one, which stands in every request."""

    kind: Literal["exchange"]
    login: Login = key("The request that buys it.")
    header: str | None = key("Header of the bought token.", default=None, form=HEADER)
    prefix: str = key("What stands before it in the header.", default="", form=PREFIX)
    parameter: str | None = key(
        "Query parameter of the bought token, instead of a header.", default=None, form=WIRE_NAME
    )
    relogin_on: tuple[int, ...] = key("Statuses that mean: buy another one, once.", default=(401,), least=400)
    hint: str = key("Where a person looks when the vendor refuses the account's token.", default="")
    provenance: Provenance | None = said_by()

    @property
    def placement(self) -> Placement:
        """Where the bought token stands."""
        return Placement(header=self.header, prefix=self.prefix, parameter=self.parameter)


@attrs.frozen(kw_only=True)
class _OAuth:
    """What both grants have in common."""

    token_url: str = key("Where to log in.", form=ADDRESS)
    scope: str | None = key("What to ask for.", default=None)
    encoding: Literal["form", "json"] = key("How the login is written.", default="form")
    header: str = key("Header of the token.", default="Authorization", form=HEADER)
    prefix: str = key("What stands before it.", default="Bearer ", form=PREFIX)
    relogin_on: tuple[int, ...] = key("Statuses that mean: log in again, once.", default=(401,), least=400)
    hint: str = key("Where a person looks when the vendor refuses the credentials.", default="")
    provenance: Provenance | None = said_by()

    @property
    def placement(self) -> Placement:
        """In the header."""
        return Placement(header=self.header, prefix=self.prefix)


@attrs.frozen(kw_only=True)
class PasswordAuth(_OAuth):
    """OAuth 2.0, password grant: user name and password, and the client's id and secret if there are any."""

    kind: Literal["oauth_password"]


@attrs.frozen(kw_only=True)
class ClientAuth(_OAuth):
    """OAuth 2.0, client credentials grant: the client's id and secret."""

    kind: Literal["oauth_client_credentials"]


AuthEntry: TypeAlias = HeaderAuth | QueryAuth | ExchangeAuth | PasswordAuth | ClientAuth
