"""
Sagicc's API on this machine.

What the vendor documents is enforced as documented. It documents no answer, no error and no limit: there a setting of
`SagiccSandbox` chooses, or a comment says that the choice is the sandbox's own. Where the API looks like a stock
Laravel application with Passport, it does what such a one does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Final, Literal

import attrs
from attrs.validators import ge, in_, instance_of, optional

from sagicc_async.sandbox import Action, Call, Company, Refusal, Reply, Store, Table, from_json, invent

from . import data, interaction, screen, select, writes
from .envelopes import Envelope, EnvelopeName, Page
from .failures import Refused, message, missing, no_route, wrong_method
from .oauth import TokenEndpoint, Version
from .parameters import Generation, Reader, RelationsStyle
from .relations import EmptyRelations, Loader, RelationKeys
from .schema import MODELS, Model, joined_by
from .throttle import Throttle, ThrottleMode
from .tokens import issued_by

_BASE_PATH: Final = "/api"
_LOGIN: Final = "/login"
_TOKEN: Final = "/oauth/token"
_UNTHROTTLED: Final = 60_000


def _one_of(default: Any, *others: Any) -> Any:
    return attrs.field(default=default, validator=in_((default, *others)))


def _count(default: int | None) -> Any:
    """A whole number from 1, or `None`."""
    return attrs.field(default=default, validator=optional([instance_of(int), ge(1)]))


def _flag(*, default: bool) -> Any:
    return attrs.field(default=default, validator=instance_of(bool))


@attrs.frozen(kw_only=True)
class SagiccSandbox:
    """
    Sagicc's emulator.

    Of the invented rows of each model one in fifty is disabled: a list shows it only on request. One in a hundred more
    is deleted, and never shown. So `records=1000` are 1,000 cases, of which a list shows 980.

    Args:
        envelope: What stands around rows; `envelopes.py` has the table.
        relation_keys: How relations are spelt in rows: `dato_contactos`, as Eloquent does unless it is told otherwise,
            or `datoContactos`, as documented.
        page_cap: Most rows on a page; a larger `sizePerPage` is cut to it without a word. `None` for no such limit.
        oauth: The major version of oauth2-server whose errors the token endpoint sends.
        throttle: Whether too many requests a minute on one token are refused: not at all, with the headers that say
            how long to wait, or without them.
        throttle_limit: How many are too many; the token endpoint counts its own.
        relations_style: How `relations` is written with `tree` and `lineal`: the older documentation's keys, or the
            newer one's with `complexRelations` around them.
        generation: Which parameters choose disabled and deleted rows: `disabled`, or `enabled` and `deleted`.
        delete_body: Whether the body of a DELETE arrives; some proxies drop it.
        issued_tokens: Whether "Refrescar" ends the tokens that the old secret obtained.
        expires_in: Seconds that a token lives, as its answer says; `None` leaves that out, and the token lives a year.
        text_ids: Whole numbers of rows leave as text.
        empty_relations: What stands for a to-one relation without a row: null, or PHP's empty array.
        refresh_tokens: Whether a token comes with a refresh token.
    """

    name: ClassVar[str] = "sagicc"
    base_path: ClassVar[str] = _BASE_PATH
    secret_names: ClassVar[frozenset[str]] = frozenset(
        {"Authorization", "client_secret", "password", "refresh_token", "access_token"}
    )
    #: No rule is documented, and a stock application has none: requests on one token may overlap.
    overlap: ClassVar[str] = "off"

    envelope: EnvelopeName = _one_of("paginator", "paginator_old", "grid", "bare", "resource", "simple", "wrapper")
    relation_keys: RelationKeys = _one_of("snake", "camel")
    page_cap: int | None = _count(None)
    oauth: Version = _one_of(8, 7, 9)
    throttle: ThrottleMode = _one_of("off", "retry_after", "bare")
    throttle_limit: int = attrs.field(default=60, validator=[instance_of(int), ge(1)])
    relations_style: RelationsStyle = _one_of("flat", "wrapped")
    generation: Generation = _one_of("current", "legacy")
    delete_body: Literal["kept", "dropped"] = _one_of("kept", "dropped")
    issued_tokens: Literal["live", "die"] = _one_of("live", "die")
    expires_in: int | None = _count(31_536_000)
    text_ids: bool = _flag(default=False)
    empty_relations: EmptyRelations = _one_of("null", "list")
    refresh_tokens: bool = _flag(default=True)

    @property
    def rows_at(self) -> str:
        """Where the rows of a list stand, for faults that spoil rows."""
        return self._envelope.rows_at

    @property
    def actions(self) -> Mapping[str, Action]:
        """What an administrator does in the module "Credenciales de la API"."""
        return {
            "mostrar": screen.show,
            "refrescar": lambda company, options: screen.refresh(
                company, options, end_tokens=self.issued_tokens == "die"
            ),
        }

    @property
    def client_settings(self) -> Mapping[str, Any]:
        """A client's default pace is for the vendor's machines; this one needs none but its own throttle's."""
        return {"requests_per_minute": _UNTHROTTLED if self.throttle == "off" else self.throttle_limit}

    def tables(self) -> Sequence[Table]:
        """Return a table for each model, and one for messages."""
        marks = ("disabled", "deleted")
        models = [
            Table(model.name, ("id",), numbers=("id", *joined_by(model)), hidden=marks) for model in MODELS.values()
        ]
        return [*models, Table(interaction.TABLE)]

    def issue(self, random: Random) -> dict[str, str]:
        """Make up an API user and a key; 2 is the id that Passport gives its password client."""
        return {
            "client_id": "2",
            "client_secret": invent.token(random, 40),
            "username": f"api.{invent.token(random, 6).lower()}@acme.example",
            "password": invent.token(random, 16),
        }

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Invent `records` cases, and of the rest what goes with them."""
        data.populate(store, records=records, seed=seed)

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a row, with the columns that it lacks; `disabled` and `deleted` mark it."""
        marks = {mark: 1 for mark in ("disabled", "deleted") if record.get(mark)}
        rest = {column: value for column, value in record.items() if column not in ("disabled", "deleted")}
        if resource in MODELS:
            return writes.insert(company.store, MODELS[resource], rest, marks=marks)
        # The store's own error names the tables that there are.
        kept = {"id": company.store.next_position(resource), **rest}
        company.store.insert(resource, kept)
        return kept

    def visible(self, store: Store, resource: str) -> list[dict[str, Any]]:
        """Return the rows that a list shows, neither disabled nor deleted."""
        where = select.visible(resource) if resource in MODELS else ""
        return [from_json(body) for body in store.select(resource, where=where)]

    def token(self, call: Call) -> str | None:
        """Return the bearer token; the token endpoint uses none, whatever is sent to it."""
        if call.path == _TOKEN:
            return None
        found = re.fullmatch(r"bearer\s+(\S+)", call.headers.get("Authorization", "").strip(), re.IGNORECASE)
        return found[1] if found else None

    def answer(self, call: Call, company: Company) -> Reply:
        """Find what is asked, check who asks, do it."""
        try:
            if call.path == _TOKEN:
                return self._token(call, company)
            if call.path == _LOGIN:
                return _login_page()
            if not issued_by(company).valid(self.token(call), company, call.now):
                return _unauthenticated(call)
            headers = self._throttle.admit(call, company, self.token(call) or "")
            reply = self._answered(call, company.store)
            return attrs.evolve(reply, headers={**reply.headers, **headers})
        except Refused as refused:
            return refused.reply

    def refuse(self, call: Call, reason: Refusal) -> Reply:
        """Answer for the framework: the token is no longer valid, or its user asked for overlaps to be refused."""
        if reason == "revoked":
            return _unauthenticated(call)
        return attrs.evolve(message(409, "The token is in use."), rejected=True)

    # The parts that the settings make.

    @property
    def _envelope(self) -> Envelope:
        return Envelope(self.envelope)

    @property
    def _throttle(self) -> Throttle:
        return Throttle(mode=self.throttle, limit=self.throttle_limit)

    @property
    def _reader(self) -> Reader:
        return Reader(generation=self.generation, relations_style=self.relations_style, page_cap=self.page_cap)

    # What is served.

    def _token(self, call: Call, company: Company) -> Reply:
        if call.method != "POST":
            raise wrong_method(call.method, ("POST",))
        headers = self._throttle.admit(call, company, _TOKEN)
        endpoint = TokenEndpoint(version=self.oauth, lifetime=self.expires_in, refresh=self.refresh_tokens)
        reply = endpoint.answer(call, company)
        return attrs.evolve(reply, headers={**reply.headers, **headers})

    def _answered(self, call: Call, store: Store) -> Reply:
        try:
            return self._served(call, store)
        except Refused as refused:
            return refused.reply

    def _served(self, call: Call, store: Store) -> Reply:
        path = call.path.removeprefix(f"{_BASE_PATH}/") if call.path.startswith(f"{_BASE_PATH}/") else ""
        if path.endswith("/") and call.method != "GET":
            # Some web servers redirect so, and a client that follows makes a GET of its POST.
            return Reply(status=301, headers={"Location": f"{call.base_url}/{path.rstrip('/')}"}, content_type=None)
        segments = path.removesuffix("/").split("/")
        if segments == ["interaction", "send"]:
            return _only("POST", call, lambda: interaction.send(call, store))
        model = MODELS.get(segments[0])
        if model is None or not model.served or len(segments) > 2:
            raise no_route()
        if len(segments) == 1:
            return self._collection(call, model, store)
        return self._record(call, model, store, segments[1])

    def _collection(self, call: Call, model: Model, store: Store) -> Reply:
        if call.method == "GET":
            return self._list(call, model, store)
        if call.method == "POST":
            rows = writes.create(call, model, store)
            return self._envelope.written(self._sent(rows), status=201, message="Registros creados")
        if call.method == "PUT":
            rows = writes.change(call, model, store, None)
            return self._envelope.written(self._sent(rows), status=200, message="Registros actualizados")
        if call.method == "DELETE":
            writes.delete(self._as_it_arrives(call), model, store, None)
            return self._envelope.deleted("Registros eliminados")
        raise wrong_method(call.method, ("GET", "POST", "PUT", "DELETE"))

    def _record(self, call: Call, model: Model, store: Store, segment: str) -> Reply:
        if call.method not in ("GET", "PUT", "DELETE"):
            raise wrong_method(call.method, ("GET", "PUT", "DELETE"))
        if not re.fullmatch(r"[0-9]{1,18}", segment):
            raise missing(model, [segment])
        identifier = int(segment)
        if call.method == "GET":
            return self._one(call, model, store, identifier)
        if call.method == "PUT":
            rows = writes.change(call, model, store, identifier)
            return self._envelope.written(self._sent(rows), status=200, message="Registro actualizado")
        writes.delete(call, model, store, identifier)
        return self._envelope.deleted("Registro eliminado")

    def _list(self, call: Call, model: Model, store: Store) -> Reply:
        parameters = self._reader.many(call.query, model)
        query = select.listing(parameters)
        page = Page(
            rows=self._sent(select.read(query, parameters, store, self._loader(store))),
            total=store.size(query),
            number=parameters.page,
            size=parameters.size,
            path=f"{call.base_url}/{model.name}",
        )
        return self._envelope.page(page)

    def _one(self, call: Call, model: Model, store: Store, identifier: int) -> Reply:
        parameters = self._reader.one(call.query, model)
        rows = select.read(select.single(parameters, identifier), parameters, store, self._loader(store))
        if not rows:
            raise missing(model, [identifier])
        # With `normal` a to-many relation repeats the row; the first stands for it (the sandbox's own choice).
        return self._envelope.one(self._sent(rows)[0])

    def _loader(self, store: Store) -> Loader:
        return Loader(store=store, keys=self.relation_keys, empty=self.empty_relations)

    def _as_it_arrives(self, call: Call) -> Call:
        return attrs.evolve(call, body=b"") if self.delete_body == "dropped" else call

    def _sent(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_with_text(row) for row in rows] if self.text_ids else rows


def _only(method: str, call: Call, serve: Callable[[], Reply]) -> Reply:
    if call.method != method:
        raise wrong_method(call.method, (method,))
    return serve()


def _unauthenticated(call: Call) -> Reply:
    """Laravel sends browsers to its login page; only who asks for JSON is told."""
    if "application/json" in call.headers.get("Accept", "").lower():
        return message(401, "Unauthenticated.")
    login = call.base_url.removesuffix(_BASE_PATH) + _LOGIN
    return Reply(status=302, headers={"Location": login}, content_type=None)


def _login_page() -> Reply:
    page = "<!DOCTYPE html><html><head><title>Sagicc</title></head><body><form>Usuario, contraseña</form></body></html>"
    return Reply(body=page.encode(), content_type="text/html; charset=utf-8")


def _with_text(value: Any) -> Any:
    """Write every whole number as text."""
    if isinstance(value, dict):
        return {name: _with_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_text(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
