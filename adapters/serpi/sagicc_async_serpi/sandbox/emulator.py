"""
SERPI's API on this machine.

What the wiki documents is enforced as documented. Where it is silent, a setting of `SerpiSandbox` chooses, or a
comment says that the choice is the sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Literal

import attrs
from attrs.validators import ge, in_, instance_of, optional

from sagicc_async.sandbox import Call, Company, Refusal, Reply, Store, Table, from_json, invent, to_json

from . import data
from .resources import RESOURCES, Resource
from .validation import field_errors, id_errors

_BASE_PATH = "/api/v1"
_BY_PATH = {f"{_BASE_PATH}/{resource.path}": resource for resource in RESOURCES}
_BY_NAME = {resource.name: resource for resource in RESOURCES}
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def _one_of(*values: str) -> Any:
    return attrs.field(default=values[0], validator=in_(values))


class _Refused(Exception):
    """A request that gets no further; carries the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@attrs.frozen(kw_only=True)
class SerpiSandbox:
    """
    SERPI's emulator.

    The vendor documents bodies and a table of HTTP statuses, but not which status goes with which body; it documents
    that a token must not be used twice at once, but not what happens then. Hence these settings.

    Args:
        http_status: `mirror` sends the body's `code` as HTTP status; `always200` sends every documented body with 200.
        no_content: With `mirror`, what becomes of a body with `code` 204, which HTTP cannot send under its own
            status: the body with HTTP 200 (`body`), or HTTP 204 without it (`bare`).
        empty_style: The reply without rows of the resources where it is not known: as cost centres have it (`201`,
            an empty `result`) or as document types have it (`204`, no `result`).
        overlap_status: HTTP status of a request that is refused because its token is in use.
        default_limite: Rows on a page if `limite` is not given.
        max_limite: Most rows on a page; a larger `limite` is cut to it without a word. `None` for no such limit.
        ignore_pagina: Answer every page with the first one, as servers do that do not know the parameter.
        message_count: The number in `N registro(s) encontrados`: the rows of this page, or all that match.
        bearer_without_space: Take `Bearer<token>` as well, as the wiki's code samples write it.
    """

    name: ClassVar[str] = "serpi"
    base_path: ClassVar[str] = _BASE_PATH
    secret_names: ClassVar[frozenset[str]] = frozenset({"secretkey"})
    rows_at: ClassVar[str] = "result"

    http_status: Literal["mirror", "always200"] = _one_of("mirror", "always200")
    no_content: Literal["body", "bare"] = _one_of("body", "bare")
    empty_style: Literal["201", "204"] = _one_of("201", "204")
    overlap_status: int = attrs.field(default=409, validator=[instance_of(int), ge(400)])
    default_limite: int = attrs.field(default=50, validator=[instance_of(int), ge(1)])
    max_limite: int | None = attrs.field(default=None, validator=optional([instance_of(int), ge(1)]))
    ignore_pagina: bool = False
    message_count: Literal["page", "total"] = _one_of("page", "total")
    bearer_without_space: bool = False

    def tables(self) -> Sequence[Table]:
        """Return a table for each resource."""
        return [
            Table(resource.name, tuple(dict.fromkeys(("id", *resource.rules, *resource.filters.values()))))
            for resource in RESOURCES
        ]

    def issue(self, random: Random) -> dict[str, str]:
        """Make up a token and a secretkey."""
        return {"token": invent.token(random, 120), "secretkey": invent.token(random, 32)}

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Invent `records` cost centres and articles, and fewer of the rest."""
        data.populate(store, records=records, seed=seed)

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a record as it is, with the fields that it lacks."""
        # The store's own error names the tables that there are.
        identifier = record.get("id") or _next_id(company.store, resource)
        completed = _BY_NAME[resource].complete(record, identifier)
        company.store.insert(resource, completed)
        return completed

    def token(self, call: Call) -> str | None:
        """Return the bearer token."""
        separator = r"\s*" if self.bearer_without_space else r"\s+"
        found = re.fullmatch(rf"bearer{separator}(\S+)", call.headers.get("Authorization", "").strip(), re.IGNORECASE)
        return found[1] if found else None

    def answer(self, call: Call, company: Company) -> Reply:
        """Check who asks, then do what is asked."""
        try:
            self._authenticate(call, company)
            resource = self._resource(call)
            if call.method == "GET":
                return self._list(call, resource, company.store)
            record = self._record(call)
            if call.method == "POST":
                return self._create(resource, record, company.store)
            return self._modify(resource, record, company.store)
        except _Refused as refused:
            return refused.reply

    def refuse(self, call: Call, reason: Refusal) -> Reply:
        """Answer for the framework: the token is in use, or no longer valid."""
        if reason == "revoked":
            return _failure(401, "El token de autorizacion no es valido")
        # What SERPI does is not documented; neither status nor text are its own.
        reply = _failure(self.overlap_status, "El token esta siendo consumido por otra peticion")
        return attrs.evolve(reply, rejected=True)

    def _authenticate(self, call: Call, company: Company) -> None:
        """401 and 403 are documented as statuses only: which applies when, and the bodies, are the sandbox's choice."""
        token = self.token(call)
        issued = None if token is None else company.credentials_with("token", token)
        if issued is None:
            raise _Refused(_failure(401, "El token de autorizacion falta o no es valido"))
        if call.headers.get("secretkey") != issued["secretkey"]:
            raise _Refused(_failure(403, "El secretkey falta o no corresponde al token"))

    def _resource(self, call: Call) -> Resource:
        resource = _BY_PATH.get(call.path)
        if resource is None:
            raise _Refused(_failure(404, "El recurso solicitado no existe"))
        allowed = ("GET", "POST", "PUT") if resource.writable else ("GET",)
        if call.method not in allowed:
            reply = _failure(405, f"El metodo {call.method} no esta permitido")
            raise _Refused(attrs.evolve(reply, headers={"Allow": ", ".join(allowed)}))
        return resource

    def _list(self, call: Call, resource: Resource, store: Store) -> Reply:
        # Order, defaults and unusable values are not documented: insertion order, 50 a page, and a 400 that says why.
        errors: list[str] = []
        limite = _positive(call, "limite", self.default_limite, errors)
        pagina = _positive(call, "pagina", 1, errors)
        where = {field: call.query[name] for name, field in resource.filters.items() if name in call.query}
        errors += [
            f"El parametro {name} debe ser un numero entero"
            for name in sorted(resource.numeric_filters & call.query.keys())
            if not _INTEGER.fullmatch(call.query[name])
        ]
        if errors:
            return self._send(400, {"errors": errors, "message": "Problemas con los parametros de la consulta"})
        if self.max_limite is not None:
            limite = min(limite, self.max_limite)
        offset = 0 if self.ignore_pagina else (pagina - 1) * limite
        rows = store.page(resource.name, limit=limite, offset=offset, where=where)
        if not rows:
            return self._nothing(resource)
        count = store.count(resource.name, where) if self.message_count == "total" else len(rows)
        errors_key = b'"errors":null,' if resource.errors_key else b""
        head = b'{"success":true,"code":200,%b"message":"%d registro(s) encontrados","result":[' % (errors_key, count)
        return Reply(body=b"%b%b]}" % (head, b",".join(rows)))

    def _nothing(self, resource: Resource) -> Reply:
        code = resource.empty or int(self.empty_style)
        rows: dict[str, Any] = {} if code == 204 else {"result": []}
        return self._send(code, {"message": "No se encontraron registros", **rows}, success=True)

    def _record(self, call: Call) -> dict[str, Any]:
        content_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise _Refused(self._unreadable("El cuerpo debe enviarse como application/json"))
        try:
            record = from_json(call.body)
        except ValueError:
            raise _Refused(self._unreadable("El cuerpo no es JSON valido")) from None
        if not isinstance(record, dict):
            raise _Refused(self._unreadable("El cuerpo debe ser un objeto JSON"))
        return record

    def _create(self, resource: Resource, record: dict[str, Any], store: Store) -> Reply:
        errors = field_errors(resource, record, store, own_id=None)
        if errors:
            message = "Problemas de validaciones. Se presentaron errores al crear el registro"
            return self._send(400, {"errors": errors, "message": message})
        identifier = _next_id(store, resource.name)
        store.insert(resource.name, resource.complete(self._kept(resource, record), identifier))
        message = "Validaciones exitosas. Registro creado exitosamente"
        return self._send(201, {"errors": [], "message": message}, success=True)

    def _modify(self, resource: Resource, record: dict[str, Any], store: Store) -> Reply:
        identifier = record.get("id")
        errors = id_errors(identifier)
        found = None if errors else store.find(resource.name, "id", identifier)
        if found is None and not errors:
            # Not documented: an unknown id is said before any other complaint.
            return self._send(204, {"errors": None, "message": f"No se encontraron registros con el id {identifier}"})
        errors += field_errors(resource, record, store, own_id=found.record["id"] if found else 0)
        if errors or found is None:
            message = "Problemas de validaciones. Se presentaron errores al modificar el registro"
            return self._send(400, {"errors": errors, "message": message})
        # Of cost centres every field is required, so that PUT replaces them. Elsewhere a field that is left out stays as it
        # was, which is the sandbox's own choice: PUT is documented for cost centres alone.
        kept = {**found.record, **self._kept(resource, record)}
        store.replace(resource.name, found.position, resource.complete(kept, found.record["id"]))
        message = "Validaciones exitosas. Registro modificado exitosamente"
        return self._send(200, {"errors": [], "message": message}, success=True)

    def _kept(self, resource: Resource, record: dict[str, Any]) -> dict[str, Any]:
        """Where all fields are documented, others are dropped; elsewhere everything that is written is kept."""
        return {name: record[name] for name in resource.rules} if resource.rules else record

    def _unreadable(self, error: str) -> Reply:
        return self._send(400, {"errors": [error], "message": "Problemas con el cuerpo de la peticion"})

    def _send(self, code: int, rest: dict[str, Any], *, success: bool = False) -> Reply:
        body = to_json({"success": success, "code": code, **rest})
        if self.http_status == "always200":
            return Reply(body=body)
        if code != 204:
            return Reply(status=code, body=body)
        return Reply(body=body) if self.no_content == "body" else Reply(status=204, content_type=None)


def _next_id(store: Store, table: str) -> int:
    identifier = store.next_position(table)
    while store.find(table, "id", identifier):
        identifier += 1
    return identifier


def _positive(call: Call, name: str, default: int, errors: list[str]) -> int:
    value = call.query.get(name)
    if value is None:
        return default
    if _INTEGER.fullmatch(value) and int(value) >= 1:
        return int(value)
    errors.append(f"El parametro {name} debe ser un numero entero mayor que 0")
    return default


def _failure(status: int, message: str) -> Reply:
    """Fill the envelope for a status whose body is not documented."""
    return Reply(status=status, body=to_json({"success": False, "code": status, "errors": None, "message": message}))
