"""
Siigo's API on this machine.

What the vendor documents, or what was seen at it, is done alike. Where nothing is known, a setting of `SiigoSandbox`
chooses, or a comment says that the choice is the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Final

import attrs

from sagicc_async.sandbox import Action, Call, Company, Refusal, Reply, Store, Table

from . import credentials, data, deliveries, failures, gates, login, rows, screen, stock, window
from .context import Context, Route
from .failures import Refused
from .resources import ROUTES, TABLES
from .settings import Settings

#: Any will do that is alphanumeric; a real one is the name of the software that asks.
_PARTNER_ID: Final = "SagiccAsyncSandbox"


@attrs.frozen(kw_only=True)
class SiigoSandbox(Settings):
    """
    Siigo's emulator; `Settings` says what can be chosen.

    `records=1000` are 1,000 third parties, products and invoices, and a tenth of the other documents. Catalogues are
    always the same.
    """

    name: ClassVar[str] = "siigo"
    base_path: ClassVar[str] = ""
    secret_names: ClassVar[frozenset[str]] = frozenset({"Authorization", "access_key", "access_token"})
    rows_at: ClassVar[str] = "results"
    #: No rule is documented: requests on one token may overlap.
    overlap: ClassVar[str] = "off"

    @property
    def actions(self) -> Mapping[str, Action]:
        """What an administrator does at the vendor's screens, and what the sandbox has sent by itself."""
        return {
            "mostrar": screen.show,
            "regenerar": lambda company, options: screen.regenerate(
                company, options, end_tokens=self.issued_tokens == "die"
            ),
            "existencias": lambda company, options: stock.adjust(company, options, stamps=self.stamps),
            "entregas": deliveries.show,
        }

    @property
    def client_settings(self) -> Mapping[str, Any]:
        """Who asks, and this window in place of the vendor's."""
        return {
            "partner_id": _PARTNER_ID,
            "test_company": self.test_company,
            "requests": self.limit,
            "window": self.window,
            "burst": self.ahead,
        }

    def tables(self) -> Sequence[Table]:
        """Return a table for each resource, and those that the documents need besides."""
        return TABLES

    def issue(self, random: Random) -> dict[str, str]:
        """Make up an API user and an access key."""
        return credentials.issue(random)

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Invent a company."""
        data.populate(store, records=records, seed=seed, stamps=self.stamps)

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a record, with the id, the fields and the metadata that it lacks."""
        return rows.add(company.store, resource, record, self.stamps)

    def visible(self, store: Store, resource: str) -> list[dict[str, Any]]:
        """Return the records of a resource in the order of its list, and only active third parties."""
        return rows.visible(store, resource)

    def token(self, call: Call) -> str | None:
        """Return the bearer token; a login uses none, whatever is sent to it."""
        return None if call.path == login.PATH else gates.bearer(call.headers)

    def answer(self, call: Call, company: Company) -> Reply:
        """Find what is asked, check who asks, do it."""
        try:
            return self._login(call, company) if call.path == login.PATH else self._answered(call, company)
        except Refused as refused:
            return refused.reply(self.error_casing)

    def refuse(self, call: Call, reason: Refusal) -> Reply:
        """Answer for the framework: the token is no longer valid, or its user asked for overlaps to be refused."""
        if reason == "revoked":
            return Refused(failures.unauthorized()).reply(self.error_casing)
        return Refused(failures.token_in_use(), rejected=True).reply(self.error_casing)

    def _login(self, call: Call, company: Company) -> Reply:
        if call.method != "POST":
            raise Refused(failures.no_route(call.method, call.path))
        gates.take_json_only(call)
        return login.answer(call, company, self)

    def _answered(self, call: Call, company: Company) -> Reply:
        route, names = _route(call)
        gates.take_json_only(call)
        gates.authorize(call, company)
        gates.identify_partner(call)
        window.admit(company, self, call.now)
        context = Context(
            company=company,
            settings=self,
            call=call,
            idempotency_key=gates.idempotency_key(call, route),
            body=gates.body(call),
        )
        return route.handler(context, **names)


def _route(call: Call) -> tuple[Route, dict[str, str]]:
    for route in ROUTES:
        if route.method == call.method and (found := route.expression.fullmatch(call.path)):
            return route, found.groupdict()
    raise Refused(failures.no_route(call.method, call.path))
