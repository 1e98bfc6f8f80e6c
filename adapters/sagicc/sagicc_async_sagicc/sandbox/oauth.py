"""
`POST /oauth/token`: the token endpoint of Laravel Passport, on oauth2-server 7, 8 or 9.

Sagicc documents the address and nothing of request or answer. The checks come in the library's order: the grant, the
client, the scope, and last the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl

import attrs

from sagicc_async.sandbox import Call, Company, Reply, from_json, to_json

from .failures import Refused
from .tokens import Token, issued_by

#: The major version of oauth2-server; 7 is one before 7.3.3, 8 one from 8.3.2 on.
Version: TypeAlias = Literal[7, 8, 9]

_GRANTS: Final = ("password", "client_credentials", "refresh_token")
_MALFORMED: Final = (
    "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than"
    " once, or is otherwise malformed."
)


@attrs.frozen(kw_only=True)
class TokenEndpoint:
    """
    The endpoint.

    Args:
        version: Whose errors it sends.
        lifetime: Seconds that a token lives, as the answer says; `None` if it does not say.
        refresh: Whether the password grant also gives a refresh token.
    """

    version: Version
    lifetime: int | None
    refresh: bool

    def answer(self, call: Call, company: Company) -> Reply:
        """
        Issue a token.

        Raises:
            Refused: No token; with the answer.
        """
        fields = _fields(call)
        grant = fields.get("grant_type", "")
        if grant not in _GRANTS:
            raise self._refused(
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
                hint="Check that all required parameters have been provided",
            )
        client = self._client(fields, company)
        if grant == "refresh_token":
            owner = self._refreshed(fields, company)
        else:
            self._check_scope(fields)
            owner = client if grant == "client_credentials" else self._user(fields, company)
        with_refresh = self.refresh and grant != "client_credentials"
        return self._issue(owner, company, call.now, with_refresh=with_refresh)

    def _client(self, fields: Mapping[str, str], company: Company) -> dict[str, str]:
        client_id = self._required(fields, "client_id")
        for issued in company.credentials:
            if (issued["client_id"], issued["client_secret"]) == (client_id, fields.get("client_secret")):
                return issued
        raise self._refused(401, "invalid_client", "Client authentication failed")

    def _check_scope(self, fields: Mapping[str, str]) -> None:
        """No scope is documented, so there is none but Passport's `*`."""
        for scope in fields.get("scope", "").split():
            if scope != "*":
                text = "The requested scope is invalid, unknown, or malformed"
                raise self._refused(400, "invalid_scope", text, hint=f"Check the `{scope}` scope")

    def _user(self, fields: Mapping[str, str], company: Company) -> dict[str, str]:
        username, password = self._required(fields, "username"), self._required(fields, "password")
        for issued in company.credentials:
            if (issued["username"], issued["password"]) == (username, password):
                return issued
        if self.version == 7:
            raise self._refused(401, "invalid_credentials", "The user credentials were incorrect.")
        raise self._refused(400, "invalid_grant", "The user credentials were incorrect.")

    def _refreshed(self, fields: Mapping[str, str], company: Company) -> dict[str, str]:
        issued = issued_by(company)
        token = issued.to_refresh(self._required(fields, "refresh_token"))
        # A refresh token does not expire here; how long Sagicc's live is not known.
        if token is None or not any(token.owner is one for one in company.credentials):
            status, kind = (400, "invalid_grant") if self.version == 9 else (401, "invalid_request")
            raise self._refused(status, kind, "The refresh token is invalid.", hint="Token has been revoked")
        issued.revoke(token)
        return token.owner

    def _required(self, fields: Mapping[str, str], name: str) -> str:
        value = fields.get(name, "")
        if not value:
            raise self._refused(400, "invalid_request", _MALFORMED, hint=f"Check the `{name}` parameter")
        return value

    def _issue(self, owner: dict[str, str], company: Company, now: float, *, with_refresh: bool) -> Reply:
        token = issued_by(company).issue(owner, now=now, lifetime=self.lifetime, refresh=with_refresh)
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return Reply(body=to_json(self._granted(token)), headers=headers, login=True)

    def _granted(self, token: Token) -> dict[str, Any]:
        body: dict[str, Any] = {"token_type": "Bearer"}
        if self.lifetime is not None:
            body["expires_in"] = self.lifetime
        body["access_token"] = token.access
        if token.refresh is not None:
            body["refresh_token"] = token.refresh
        return body

    def _refused(self, status: int, error: str, text: str, *, hint: str | None = None) -> Refused:
        body = {"error": error}
        if self.version > 7:
            body["error_description"] = text
        if hint is not None:
            body["hint"] = hint
        if self.version < 9:
            body["message"] = text
        return Refused(Reply(status=status, body=to_json(body)))


def _fields(call: Call) -> dict[str, str]:
    """Read a form or JSON; what is neither has no fields, as in Laravel."""
    if "json" not in call.headers.get("Content-Type", "").lower():
        return dict(parse_qsl(call.body.decode(errors="replace")))
    try:
        fields = from_json(call.body)
    except ValueError:
        return {}
    return {name: str(value) for name, value in fields.items() if value is not None} if isinstance(fields, dict) else {}
