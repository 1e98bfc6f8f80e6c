"""
Logins: OAuth at `/oauth/token`, beside the API.

The request's body is not documented; what is sent is Laravel Passport's password grant, which is what the vendor's
words (user, password, Client Secret, `/oauth/token`) and one public program agree on. Contract, 2.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

import attrs
import msgspec

from sagicc_async import ConfigError, Credentials, Login, ProtocolError, Request, Secret, Token

from .answers import SCREEN

API: Final = "/api"
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json; charset=utf-8"


@attrs.frozen(kw_only=True)
class SagiccCredentials(Credentials):
    """
    What the screen "Credenciales de la API" shows (side menu, role Administrador), or a token that is there already.

    Args:
        client_secret: "Client Secret", one of the Llaves; "Refrescar" replaces it.
        username: "Usuario", the API's own user of this instance.
        password: "Contraseña", generated once.
        client_id: The id of the Llave. The vendor's page names none; "2" is what a stock installation gives (inference).
        access_token: A token made elsewhere; it is used as it is, and nothing is known of its life.
        refresh_token: Renews `access_token` where there is no password. Stock servers revoke the old pair with each
            renewal, so keep the new one: `SessionManager(token_cache=FileTokenCache())`.

    Raises:
        ConfigError: Neither a way to log in nor a token is given.
    """

    vendor: ClassVar[str] = "sagicc"
    client_secret: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))
    username: str | None = None
    password: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))
    client_id: str = "2"
    access_token: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))
    refresh_token: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))

    def __attrs_post_init__(self) -> None:
        if self.access_token is None and self.client_secret is None:
            raise ConfigError(
                "SagiccCredentials needs client_secret with username and password (SAGICC_CLIENT_SECRET, SAGICC_USERNAME, "
                f"SAGICC_PASSWORD), or an access_token (SAGICC_ACCESS_TOKEN); see {SCREEN}"
            )
        if (self.username is None) != (self.password is None):
            raise ConfigError("SagiccCredentials: username and password belong together")


class _Answer(msgspec.Struct):
    """A token's answer, as Passport gives it."""

    access_token: str
    expires_in: Any = None
    refresh_token: str | None = None


_read = msgspec.json.Decoder(_Answer)


@attrs.frozen(kw_only=True)
class SagiccAuth:
    """
    How Sagicc's credentials become authorised requests.

    Args:
        grant: How to log in: as the API's user, or as the client alone.
        token_body: How the login is written: a form, as OAuth and Laravel have it, or JSON, as one public program sends.
        token_url: Where to log in, if it is not `/oauth/token`: a path from the instance's root, beside `/api`, or a whole
            URL.
        scope: OAuth scope; nothing is sent if not given.
    """

    hint: str = attrs.field(default=f"look at {SCREEN}", init=False)
    grant: Literal["password", "client_credentials"] = "password"
    token_body: Literal["form", "json"] = "form"
    token_url: str | None = None
    scope: str | None = None

    @property
    def variant(self) -> tuple[str, ...]:
        """A token is good for what it was asked for: another grant, or scope, gets one of its own."""
        grant = () if self.grant == "password" else (f"grant={self.grant}",)
        return grant if self.scope is None else (*grant, f"scope={self.scope}")

    def identity(self, credentials: SagiccCredentials, token: Token) -> tuple[str | Secret, ...]:
        """Who logs in: the password is one instance's own. A token made elsewhere stands for itself."""
        if credentials.password is not None:
            return (credentials.client_id, credentials.username or "", credentials.password)
        return (credentials.client_id, token.value)

    def company(self, credentials: SagiccCredentials) -> tuple[str | Secret, ...]:
        """Our own throttle counts an instance's user; a stock server counts users too."""
        return (credentials.client_id, credentials.username or "")

    async def issue(self, credentials: SagiccCredentials, login: Login, spent: Token | None) -> Token:
        """
        Get a token: the one that is there, or by a login.

        A password is always preferred to a refresh token: a renewal by that revokes the token that others still use.

        Raises:
            CredentialsRejected: The Client Secret, the user or password, or the refresh token is refused.
            ConfigError: The credentials do not fit the grant.
            ProtocolError: The answer holds no token.
        """
        if credentials.password is not None or (self.grant == "client_credentials" and credentials.client_secret):
            return await self._log_in(credentials, login, None)
        if credentials.access_token is None:
            raise ConfigError(
                "a login to Sagicc needs username and password; open the account with grant='client_credentials' if your "
                "instance gives tokens to the client alone"
            )
        refresh = credentials.refresh_token if spent is None else spent.refresh
        if spent is None or refresh is None:
            return Token(credentials.access_token, refresh=credentials.refresh_token)
        return await self._log_in(credentials, login, refresh)

    def headers(self, credentials: SagiccCredentials, token: Token) -> Mapping[str, str]:
        """Source: Sagicc, "Uso de la API", Acceso y Tokens."""
        return {"Authorization": f"Bearer {token.value.reveal()}"}

    def _address(self, base_url: str) -> str:
        """Where to log in: a path is taken from beside the API, not from below it as those of all other requests are."""
        given = self.token_url or "/oauth/token"
        return f"{base_url.removesuffix(API)}{given}" if given.startswith("/") else given

    def _granted(self, credentials: SagiccCredentials, refresh: Secret | None) -> dict[str, str]:
        if refresh is not None:
            return {"grant_type": "refresh_token", "refresh_token": refresh.reveal()}
        if self.grant == "client_credentials":
            return {"grant_type": "client_credentials"}
        assert credentials.username is not None
        assert credentials.password is not None
        return {
            "grant_type": "password",
            "username": credentials.username,
            "password": credentials.password.reveal(),
        }

    async def _log_in(self, credentials: SagiccCredentials, login: Login, refresh: Secret | None) -> Token:
        response = await login(self._request(credentials, login.base_url, refresh))
        token = _token(response.body)
        if token is None:
            raise ProtocolError(
                "the answer to the login holds no access token",
                status=response.status,
                hint="check instance and base_url; a proxy or another application may have answered",
            )
        return token

    def _request(self, credentials: SagiccCredentials, base_url: str, refresh: Secret | None) -> Request:
        """The login; made here, so that no frame that an error passes through has a revealed secret in its variables."""
        granted = self._granted(credentials, refresh)
        fields = {"grant_type": granted["grant_type"], "client_id": credentials.client_id}
        if credentials.client_secret is not None:
            fields["client_secret"] = credentials.client_secret.reveal()
        fields |= granted
        if self.scope is not None:
            fields["scope"] = self.scope
        form = self.token_body == "form"
        return Request(
            method="POST",
            path=self._address(base_url),
            body=urllib.parse.urlencode(fields).encode() if form else msgspec.json.encode(fields),
            content_type=_FORM if form else _JSON,
        )


def _token(body: bytes) -> Token | None:
    """The token in an answer; `None` if it holds none, without the error that would quote what it holds."""
    try:
        answer = _read.decode(body)
        refresh = None if answer.refresh_token is None else Secret(answer.refresh_token)
        return Token(Secret(answer.access_token), _seconds(answer.expires_in), refresh=refresh)
    except (msgspec.MsgspecError, UnicodeDecodeError, ConfigError):
        return None


def _seconds(lives: Any) -> float | None:
    """The life of a token, which may come as text, or not at all."""
    if isinstance(lives, str) and lives.isascii() and lives.isdecimal():
        lives = int(lives[:12])
    return float(lives) if isinstance(lives, int | float) and not isinstance(lives, bool) and lives > 0 else None
