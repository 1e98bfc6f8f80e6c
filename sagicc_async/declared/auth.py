"""How the credentials of a declared vendor become authorised requests."""

from __future__ import annotations

import datetime
import urllib.parse
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from ..auth import Login as SendLogin
from ..errors import ConfigError, CredentialsRejected, ProtocolError, RequestError
from ..secrets import Secret
from ..tokens.slot import Token
from ..wire.request import Request, Response
from .authentication import ClientAuth, ExchangeAuth, PasswordAuth
from .authentication import Login as LoginEntry
from .declaration import Declaration
from .pointers import value_at

C = TypeVar("C")

#: Statuses with which a login says that the credentials are wrong.
_REFUSED: Final = frozenset({400, 401, 403})
_decode = msgspec.json.Decoder().decode


@attrs.frozen(kw_only=True)
class TokenCredentials:
    """
    The token that the vendor handed over.

    Args:
        token: It.
    """

    token: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class ClientCredentials:
    """
    What the client credentials grant asks for.

    Args:
        client_id: The client's id.
        client_secret: Its secret.
    """

    client_id: str
    client_secret: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class PasswordCredentials:
    """
    What the password grant asks for.

    Args:
        username: The user.
        password: The user's password.
        client_id: The client's id; empty if the vendor asks for none.
        client_secret: Its secret.
    """

    username: str
    password: Secret = attrs.field(converter=Secret)
    client_id: str = ""
    client_secret: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))


def credentials_of(declaration: Declaration) -> type:
    """The class of the credentials that a declaration asks for."""
    if isinstance(declaration.auth, PasswordAuth):
        return PasswordCredentials
    return ClientCredentials if isinstance(declaration.auth, ClientAuth) else TokenCredentials


def auth_of(declaration: Declaration, hint: str) -> PlacedToken[Any]:
    """
    The authentication of a declaration.

    Args:
        declaration: It says how.
        hint: Where a person looks when the credentials are refused, if the file does not say.
    """
    told = declaration.auth.hint or hint
    match declaration.auth:
        case ExchangeAuth():
            return ExchangedToken(declaration=declaration, hint=told)
        case PasswordAuth() | ClientAuth():
            return GrantedToken(declaration=declaration, hint=told)
        case _:
            return StaticToken(declaration=declaration, hint=told)


@attrs.frozen(kw_only=True)
class PlacedToken(Generic[C]):
    """
    What all ways have in common: the token goes where the file says.

    Args:
        declaration: The resource file.
        hint: Where a person looks when the credentials are refused.
    """

    declaration: Declaration
    hint: str

    def headers(self, credentials: C, token: Token) -> Mapping[str, str]:
        """The token in its header, if it goes into one."""
        placement = self.declaration.auth.placement
        if placement.header is None:
            return {}
        return {placement.header: f"{placement.prefix}{token.value.reveal()}"}

    def params(self, credentials: C, token: Token) -> Mapping[str, str]:
        """The token in the query, if it goes there."""
        parameter = self.declaration.auth.placement.parameter
        return {} if parameter is None else {parameter: token.value.reveal()}

    async def _log_in(self, login: SendLogin, request: Request) -> Response:
        """
        Send a login.

        Raises:
            CredentialsRejected: The vendor refuses the credentials, in whichever words.
        """
        try:
            return await login(request)
        except CredentialsRejected:
            raise
        except RequestError as error:
            if error.status not in _REFUSED:
                raise
            refused = error
        raise CredentialsRejected(
            "the vendor refuses the login",
            vendor=refused.vendor,
            account=refused.account,
            operation="login",
            status=refused.status,
            code=refused.code,
            request_id=refused.request_id,
            attempts=refused.attempts,
            hint=self.hint,
            errors=refused.errors,
        )


@attrs.frozen(kw_only=True)
class StaticToken(PlacedToken[TokenCredentials]):
    """The vendor's token is used as it is."""

    def identity(self, credentials: TokenCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The token."""
        return (token.value,)

    def company(self, credentials: TokenCredentials) -> tuple[str | Secret, ...]:
        """The token stands for the company: nothing else is known of it."""
        return (credentials.token,)

    async def issue(self, credentials: TokenCredentials, login: SendLogin, spent: Token | None) -> Token:
        """It is part of the credentials."""
        return Token(credentials.token)


@attrs.frozen(kw_only=True)
class ExchangedToken(PlacedToken[TokenCredentials]):
    """The vendor's token buys another one."""

    def identity(self, credentials: TokenCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The token that buys: the bought ones are its doing."""
        return (credentials.token,)

    def company(self, credentials: TokenCredentials) -> tuple[str | Secret, ...]:
        """The token stands for the company: nothing else is known of it."""
        return (credentials.token,)

    async def issue(self, credentials: TokenCredentials, login: SendLogin, spent: Token | None) -> Token:
        """
        Buy a token.

        Raises:
            CredentialsRejected: The vendor refuses the token that buys.
            ProtocolError: There is none in the answer.
        """
        auth = self.declaration.auth
        assert isinstance(auth, ExchangeAuth)
        response = await self._log_in(login, _exchange(auth.login, credentials))
        token = bought_token(auth.login, response.body, response.date)
        if token is None:
            raise ProtocolError(
                "the answer to the login holds no token where token_at of the resource file says",
                status=response.status,
                hint="check token_at and base_url",
            )
        return token


@attrs.frozen(kw_only=True)
class GrantedToken(PlacedToken[Any]):
    """OAuth 2.0: a token for a user, or for a client."""

    def identity(self, credentials: Any, token: Token) -> tuple[str | Secret, ...]:
        """Who logs in."""
        return (credentials.client_id, getattr(credentials, "username", ""))

    def company(self, credentials: Any) -> tuple[str | Secret, ...]:
        """Who logs in stands for the company: nothing else is known of it."""
        return (credentials.client_id, getattr(credentials, "username", ""))

    async def issue(self, credentials: Any, login: SendLogin, spent: Token | None) -> Token:
        """
        Log in.

        Raises:
            CredentialsRejected: The vendor refuses the credentials.
            ProtocolError: There is no token in the answer.
        """
        auth = self.declaration.auth
        assert isinstance(auth, PasswordAuth | ClientAuth)
        response = await self._log_in(login, _grant(auth, credentials))
        body = _decoded(response.body)
        token = _secret(value_at(body, "/access_token"))
        if token is None:
            raise ProtocolError(
                "the answer to the login holds no access_token",
                status=response.status,
                hint="check token_url and base_url",
            )
        return Token(token, _seconds(value_at(body, "/expires_in")))


def bought_token(login: LoginEntry, body: bytes, now: datetime.datetime | None) -> Token | None:
    """
    Read the answer to an exchange; `None` if it holds no token.

    Args:
        login: It says where the token and its end stand.
        body: The answer.
        now: The vendor's clock.
    """
    found = _decoded(body)
    value = _secret(value_at(found, login.token_at))
    if value is None:
        return None
    lives = None if login.expires_in is None else _seconds(value_at(found, login.expires_in))
    if lives is None and login.expires_at is not None:
        lives = _until(value_at(found, login.expires_at), now)
    if lives is None:
        lives = login.lifetime
    ends = lives is not None and lives > 0
    return Token(value, lives, cacheable=ends if login.cache is None else login.cache)


def _exchange(login: LoginEntry, credentials: TokenCredentials) -> Request:
    """Made here, so that no frame that an error passes through has a revealed secret in its variables."""
    token = credentials.token.reveal()
    if login.token_in == "query":
        return Request(method=login.method, path=login.path, params={login.token_name: token})
    if login.token_in == "header":
        return Request(method=login.method, path=login.path, headers={login.token_name: f"{login.token_prefix}{token}"})
    return Request(method=login.method, path=login.path, body=msgspec.json.encode({login.token_name: token}))


def _grant(auth: PasswordAuth | ClientAuth, credentials: Any) -> Request:
    """Made here, for the same reason."""
    fields = {
        "grant_type": "password" if isinstance(auth, PasswordAuth) else "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret.reveal() if credentials.client_secret is not None else "",
        "scope": auth.scope or "",
    }
    if isinstance(credentials, PasswordCredentials):
        fields |= {"username": credentials.username, "password": credentials.password.reveal()}
    given = {name: value for name, value in fields.items() if value}
    if auth.encoding == "json":
        return Request(method="POST", path=auth.token_url, body=msgspec.json.encode(given))
    return Request(
        method="POST",
        path=auth.token_url,
        body=urllib.parse.urlencode(given).encode(),
        content_type="application/x-www-form-urlencoded",
    )


def _decoded(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _secret(value: Any) -> Secret | None:
    try:
        return Secret(value) if isinstance(value, str) else None
    except ConfigError:
        return None


def _seconds(value: Any) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def _until(value: Any, now: datetime.datetime | None) -> float | None:
    """Seconds to a moment: one with an offset, or seconds since 1970. Without one nobody knows which zone it is of."""
    now = datetime.datetime.now(datetime.UTC) if now is None else now
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(0.0, value - now.timestamp())
    try:
        moment = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else max(0.0, (moment - now).total_seconds())
