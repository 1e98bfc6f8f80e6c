"""How a declared vendor authenticates: who may log in, which tokens it has issued, and which one a request carries."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import attrs

from ...declared.authentication import ClientAuth, ExchangeAuth, PasswordAuth
from ...declared.declaration import Declaration
from .. import invent
from ..store import from_json
from ..vendor import Call, Company
from .bodies import body

#: The key of `Company.memory` under which the tokens stand that a login has given: token -> (whose, until).
_ISSUED: Final = "issued"
#: Seconds that a token lives where the file says that its end is told, but not when it is: the sandbox's own choice.
_LIFETIME: Final = 3600.0


@attrs.frozen
class Gatekeeper:
    """
    The authentication that a declaration describes.

    Args:
        declaration: The vendor.
        base_path: What its base URL has behind the host.
    """

    declaration: Declaration
    base_path: str

    @property
    def secret_names(self) -> frozenset[str]:
        """Where secrets stand in requests."""
        auth, placement = self.declaration.auth, self.declaration.auth.placement
        names = {"password", "client_secret", placement.header, placement.parameter}
        if isinstance(auth, ExchangeAuth):
            names.add(auth.login.token_name)
        return frozenset(name for name in names if name is not None)

    @property
    def login_path(self) -> str | None:
        """Where tokens are given; `None` where the account's own is used."""
        auth = self.declaration.auth
        if isinstance(auth, ExchangeAuth):
            address = auth.login.path
        elif isinstance(auth, PasswordAuth | ClientAuth):
            address = auth.token_url
        else:
            return None
        return urlsplit(address).path if "://" in address else f"{self.base_path}{address}"

    def issue(self, random: Random) -> dict[str, str]:
        """Make up the credentials of a customer."""
        client = {"client_id": invent.token(random, 16), "client_secret": invent.token(random, 40)}
        if isinstance(self.declaration.auth, ClientAuth):
            return client
        if isinstance(self.declaration.auth, PasswordAuth):
            user = f"user-{invent.base36(random.randrange(36**4), 4).lower()}"
            return {"username": user, "password": invent.token(random, 24), **client}
        return {"token": invent.token(random, 64)}

    def token(self, call: Call) -> str | None:
        """Return the token that a request carries; a login carries none yet."""
        placement = self.declaration.auth.placement
        if call.path == self.login_path:
            return None
        if placement.parameter is not None:
            return call.query.get(placement.parameter)
        text = call.headers.get(placement.header or "")
        if text is None or not text.startswith(placement.prefix):
            return None
        return text.removeprefix(placement.prefix)

    def admits(self, call: Call, company: Company) -> bool:
        """Tell whether the token of a request is good."""
        token = self.token(call)
        if token is None:
            return False
        if self.login_path is None:
            return _owner(token, company) is not None
        owner, until = company.memory.get(_ISSUED, {}).get(token, (None, 0.0))
        return call.now < until and owner in company.credentials and owner.get("token") not in company.revoked

    def log_in(self, call: Call, company: Company) -> bytes | None:
        """Return the answer that gives a token; `None` for credentials that are not good."""
        auth = self.declaration.auth
        owner = self._buyer(call, company) if isinstance(auth, ExchangeAuth) else self._grantee(call, company)
        if owner is None:
            return None
        lives = _LIFETIME
        if isinstance(auth, ExchangeAuth) and not (auth.login.expires_at or auth.login.expires_in):
            lives = auth.login.lifetime or float("inf")
        token = self._given(owner, call.now + lives, company)
        if not isinstance(auth, ExchangeAuth):
            return body([("/access_token", token), ("/token_type", "bearer"), ("/expires_in", int(lives))])
        ends = datetime.fromtimestamp(call.wall + lives, UTC).isoformat() if auth.login.expires_at else None
        login = auth.login
        return body([(login.token_at, token), (login.expires_in, lives), (login.expires_at, ends)])

    def _given(self, owner: dict[str, str], until: float, company: Company) -> str:
        issued: dict[str, Any] = company.memory.setdefault(_ISSUED, {})
        text = f"{len(issued)}/{sorted(owner.items())}"
        token = hashlib.sha256(text.encode()).hexdigest()
        issued[token] = (owner, until)
        return token

    def _buyer(self, call: Call, company: Company) -> dict[str, str] | None:
        auth = self.declaration.auth
        assert isinstance(auth, ExchangeAuth)
        login = auth.login
        if login.token_in == "body":
            sent = _fields(call).get(login.token_name, "")
        elif login.token_in == "query":
            sent = call.query.get(login.token_name, "")
        else:
            sent = call.headers.get(login.token_name, "").removeprefix(login.token_prefix)
        return _owner(sent, company)

    def _grantee(self, call: Call, company: Company) -> dict[str, str] | None:
        given = {**_basic(call), **_fields(call)}
        wanted = "password" if isinstance(self.declaration.auth, PasswordAuth) else "client_credentials"
        if given.get("grant_type") != wanted:
            return None
        return next((known for known in company.credentials if known.items() <= given.items()), None)


def _owner(token: str, company: Company) -> dict[str, str] | None:
    """Whose token it is; nobody's, once it does not work any more."""
    return None if token in company.revoked else company.credentials_with("token", token)


def _fields(call: Call) -> dict[str, str]:
    """The fields of a JSON body or of a form."""
    try:
        read = from_json(call.body)
    except ValueError:
        return dict(parse_qsl(call.body.decode(errors="replace")))
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}


def _basic(call: Call) -> dict[str, str]:
    scheme, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}
