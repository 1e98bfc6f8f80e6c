"""Logins: `/auth` gives a token of 24 hours for a user name and an access key, one pair a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs
import msgspec

from sagicc_async import ConfigError, Credentials, Login, ProtocolError, Request, Secret, Token

#: Where Siigo shows, and regenerates, the credentials: both routes show the same pair.
SCREEN: Final = (
    "Configuración > Más configuraciones > API / Integraciones > Autenticación > Credenciales usuario API, or "
    "Alianzas > Mi credencial API (role Administrador)"
)

_PARTNER_ID: Final = re.compile(r"[A-Za-z0-9]{3,100}")


@attrs.frozen(kw_only=True)
class SiigoCredentials(Credentials):
    """
    What Siigo's screen "Credenciales usuario API" shows: one pair a company, of which a regeneration ends the old one.

    Args:
        username: "Usuario API".
        access_key: "Access Key".
    """

    vendor: ClassVar[str] = "siigo"
    username: str
    access_key: Secret = attrs.field(converter=Secret)


def check_partner_id(partner_id: str | None) -> str:
    """
    The name of the software that is integrated, as Siigo takes it on every call but the login.

    Raises:
        ConfigError: It is missing, or not 3 to 100 letters and digits. Siigo's login does not look at it, so a wrong one
            would fail at the first call after it.

    Source: Siigo, "Partner-Id".
    """
    if partner_id is None:
        raise ConfigError(
            "Siigo asks every client for a Partner-Id, the name of your software: open(..., partner_id='MyProduct'), "
            "SessionManager(settings={'siigo': {'partner_id': 'MyProduct'}}) for all accounts, or SIIGO_PARTNER_ID"
        )
    if not _PARTNER_ID.fullmatch(partner_id):
        raise ConfigError(
            "partner_id is 3 to 100 letters and digits, without blanks, hyphens or other signs: Siigo refuses others, "
            "and blocks users who send false ones"
        )
    return partner_id


class _Answer(msgspec.Struct):
    """The answer to a login."""

    access_token: str
    expires_in: Any = None


_read = msgspec.json.Decoder(_Answer).decode


@attrs.frozen
class SiigoAuth:
    """
    How Siigo's credentials become authorised requests.

    Args:
        partner_id: The name of the software that is integrated; empty where nothing is sent.
    """

    hint: str = attrs.field(
        default=f"compare username and access_key with {SCREEN}; a user whose requests fail too often is blocked too",
        init=False,
    )
    partner_id: str = ""

    def identity(self, credentials: SiigoCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The user: Siigo has no rule about the use of one token, and each company has one user."""
        return (credentials.username,)

    def company(self, credentials: SiigoCredentials) -> tuple[str | Secret, ...]:
        """One pair of credentials opens one company; neither the login nor any answer names it."""
        return (credentials.username,)

    async def issue(self, credentials: SiigoCredentials, login: Login, spent: Token | None) -> Token:
        """
        Log in. Siigo has no refresh token, so a spent one is replaced by another login.

        Raises:
            CredentialsRejected: Siigo refuses the pair, or has blocked the user.
            ProtocolError: The answer holds no token.

        Source: Siigo, "Autenticación/Generar Token".
        """
        response = await login(_request(credentials))
        token = _token(response.body)
        if token is None:
            raise ProtocolError(
                "the answer to the login holds no access token",
                status=response.status,
                hint="check base_url; a proxy or another application may have answered",
            )
        return token

    def headers(self, credentials: SiigoCredentials, token: Token) -> Mapping[str, str]:
        """The token with the word `Bearer`, which Siigo's page leaves out and its service asks for."""
        return {"Authorization": f"Bearer {token.value.reveal()}", "Partner-Id": self.partner_id}


def _request(credentials: SiigoCredentials) -> Request:
    """The login; made here, so that no frame that an error passes through has a revealed secret in its variables."""
    body = {"username": credentials.username, "access_key": credentials.access_key.reveal()}
    return Request(method="POST", path="auth", body=msgspec.json.encode(body))


def _token(body: bytes) -> Token | None:
    """The token in an answer; `None` if it holds none, without the error that would quote what it holds."""
    try:
        answer = _read(body)
        return Token(Secret(answer.access_token), _seconds(answer.expires_in))
    except (msgspec.MsgspecError, UnicodeDecodeError, ConfigError):
        return None


def _seconds(lives: Any) -> float | None:
    """The token's life. Siigo's page says milliseconds; 86400 is a day in seconds, as its text says elsewhere."""
    return float(lives) if isinstance(lives, int | float) and not isinstance(lives, bool) and lives > 0 else None
