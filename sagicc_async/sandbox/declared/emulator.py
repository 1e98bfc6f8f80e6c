"""
A vendor on this machine, as a resource file describes it.

What the file says is enforced. Where it is silent - statuses and texts of errors, order, what is kept of a write - the
choice is the sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

import attrs
from attrs.validators import ge, in_, instance_of

from ...declared import Declaration, DeclarationSource, read
from ...declared.declaration import LinkEntry, ParamEntry, ResourceEntry
from ...declared.pointers import steps
from ..store import Store, Table, from_json, to_json
from ..vendor import Action, Call, Company, Refusal, Reply
from .bodies import body
from .pages import next_link, page_of, parameters, told
from .tokens import Gatekeeper
from .values import Kind
from .windows import seconds_to_wait

_PLACEHOLDER: Final = re.compile(r"\{([^{}/]+)\}")


class _Refused(Exception):
    """A request that gets no further; carries status and message. `rejected` is one that a rule of use turns away."""

    def __init__(self, status: int, message: str, *, rejected: bool = False, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.headers, self.rejected = status, message, headers, rejected


@attrs.frozen(kw_only=True)
class _Route:
    """A declared operation, and what its path matches."""

    name: str
    entry: ResourceEntry
    operation: str
    method: str
    pattern: re.Pattern[str]
    places: tuple[str, ...]
    params: Mapping[str, ParamEntry]

    @property
    def id(self) -> str:
        """The field that tells records apart."""
        return self.entry.id or "id"


@attrs.frozen(eq=False)
class DeclaredSandbox:
    """
    The emulator of a declared vendor.

    Args:
        declaration: The resource file: its path, its text, a mapping or a `Declaration`.
        paging: Whether lists are cut as asked (`honoured`), begin anew on each page (`ignored`), or have fewer records
            on a page than asked for (`capped`).
        cap: Most records on a page where they are capped.
        envelope: Which of the declared pointers the records of a list stand at; the first one if not said.
        zero_dates: Whether one date in five is blank: zeros in all places.
        echo: Whether errors repeat the token that they refuse, as it is (`plain`) or as a URL has it (`encoded`).
        actions: What can happen at the vendor's screen.
    """

    declaration: DeclarationSource
    paging: Literal["honoured", "ignored", "capped"] = attrs.field(
        default="honoured", validator=in_(("honoured", "ignored", "capped")), kw_only=True
    )
    cap: int = attrs.field(default=7, validator=[instance_of(int), ge(1)], kw_only=True)
    envelope: str | None = attrs.field(default=None, kw_only=True)
    zero_dates: bool = attrs.field(default=True, kw_only=True)
    echo: Literal["off", "plain", "encoded"] = attrs.field(
        default="off", validator=in_(("off", "plain", "encoded")), kw_only=True
    )
    actions: Mapping[str, Action] = attrs.field(factory=dict, kw_only=True)
    _read: Declaration = attrs.field(init=False, repr=False)
    _gate: Gatekeeper = attrs.field(init=False, repr=False)
    _routes: tuple[_Route, ...] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        declared = read(self.declaration)
        base_path = urlsplit(declared.base_url or "").path.rstrip("/")
        known = {pointer for entry in declared.resources.values() for pointer in declared.records_of(entry)}
        if self.envelope is not None and self.envelope not in known:
            raise ValueError(f"envelope must be one of the declared pointers {sorted(known)}, not {self.envelope!r}")
        for name, value in {
            "_read": declared,
            "_gate": Gatekeeper(declared, base_path),
            "_routes": tuple(_routes(declared, base_path)),
        }.items():
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self._read.vendor

    @property
    def base_path(self) -> str:
        """What the declared base URL has behind its host."""
        return self._gate.base_path

    @property
    def secret_names(self) -> frozenset[str]:
        """Where the declared authentication has its secrets."""
        return self._gate.secret_names

    @property
    def rows_at(self) -> str:
        """Where lists have their records."""
        return ".".join(steps(self._records_at(next(iter(self._read.resources.values())))))

    @property
    def overlap(self) -> str:
        """Overlaps are looked at where the file forbids them."""
        return "off" if self._read.tokens.max_in_flight is None else "record"

    @property
    def client_settings(self) -> Mapping[str, Any]:
        """The resource file, for a client that has none of its own."""
        return {"declaration": self.declaration}

    def tables(self) -> Sequence[Table]:
        """Return a table for each resource; rows are found by their id."""
        return [Table(name, (entry.id or "id",)) for name, entry in self._read.resources.items()]

    def issue(self, random: Random) -> dict[str, str]:
        """Make up credentials of the declared kind."""
        return self._gate.issue(random)

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """Invent as many records of each resource."""
        for name, entry in self._read.resources.items():
            random = Random(f"{seed}/{self.name}/{name}")  # noqa: S311 - invented data
            store.fill(name, (self._invented(entry, number, random) for number in range(1, records + 1)))

    def add(self, company: Company, resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a record as it is, with the declared fields that it lacks."""
        number = company.store.next_position(resource)  # its error names the resources that there are
        entry = self._read.resources[resource]
        name = entry.id or "id"
        blank = {
            name: self._id(entry, number),
            **dict.fromkeys((field for field in entry.fields if field != name), None),
        }
        kept = {**blank, **record}
        company.store.insert(resource, kept)
        return kept

    def token(self, call: Call) -> str | None:
        """Return the token, where the declaration says that it stands."""
        return self._gate.token(call)

    def answer(self, call: Call, company: Company) -> Reply:
        """Check who asks, then do what is asked."""
        try:
            self._count(call, company)
            if call.path == self._gate.login_path:
                return self._log_in(call, company)
            self._authenticate(call, company)
            route, inside = self._route(call)
            return getattr(self, f"_{route.operation}")(call, route, inside, company.store)  # type: ignore[no-any-return]
        except _Refused as refused:
            reply = self._failure(call, refused.status, refused.message)
            return attrs.evolve(reply, headers={**reply.headers, **refused.headers}, rejected=refused.rejected)

    def refuse(self, call: Call, reason: Refusal) -> Reply:
        """Answer for the framework: the token is in use, or no longer valid."""
        if reason == "revoked":
            return self._failure(call, 401, "the token is not valid any more")
        status = next(iter(self._read.errors.busy), 409)
        return attrs.evolve(self._failure(call, status, "the token is in use"), rejected=True)

    def _count(self, call: Call, company: Company) -> None:
        wait = seconds_to_wait(self._read.windows, call, company, self.token(call))
        if wait:
            status = next(iter(self._read.errors.limit), 429)
            raise _Refused(status, "too many requests", rejected=True, **{"Retry-After": str(wait)})

    def _authenticate(self, call: Call, company: Company) -> None:
        if not self._gate.admits(call, company):
            raise _Refused(401, "the token is missing, or not valid")

    def _log_in(self, call: Call, company: Company) -> Reply:
        given = self._gate.log_in(call, company)
        if given is None:
            raise _Refused(401, "the credentials are not valid")
        return Reply(body=given, login=True)

    def _route(self, call: Call) -> tuple[_Route, dict[str, str]]:
        found = [(route, match) for route in self._routes if (match := route.pattern.fullmatch(call.path))]
        if not found:
            raise _Refused(404, "there is nothing at this address")
        for route, match in found:
            if route.method == call.method:
                inside = dict(zip(route.places, match.groups(), strict=True))
                self._check_query(call, route, inside)
                return route, inside
        raise _Refused(405, "the method is not allowed here", Allow=", ".join(sorted({one.method for one, _ in found})))

    def _check_query(self, call: Call, route: _Route, inside: Mapping[str, str]) -> None:
        wire = {self._wire_name(name, entry): entry for name, entry in route.params.items() if name not in inside}
        allowed = {*wire, self._read.auth.placement.parameter}
        if route.operation == "list":
            allowed |= parameters(self._read.paging_of(route.entry))
        unknown = sorted(set(call.query) - allowed)
        missing = [name for name, entry in wire.items() if entry.required and name not in call.query]
        wrong = [
            name
            for name, entry in wire.items()
            if name in call.query
            and not all(Kind.of(self._read, entry).reads(text) for text in self._texts(call, name, entry))
        ]
        for names, what in ((unknown, "unknown"), (missing, "missing"), (wrong, "not of their type")):
            if names:
                raise _Refused(400, f"parameters that are {what}: {', '.join(names)}")

    def _list(self, call: Call, route: _Route, inside: Mapping[str, str], store: Store) -> Reply:
        paging = self._read.paging_of(route.entry)
        ignored, cap = self.paging == "ignored", self.cap if self.paging == "capped" else None
        try:
            page = page_of(paging, call.query, ignored=ignored, cap=cap)
        except ValueError as error:
            raise _Refused(400, str(error)) from None
        where, values = self._condition(call, route, inside)
        total = store.count_where(route.name, where, values)
        limit = total if page.size is None else page.size
        if where:
            rows = store.select(route.name, where=where, values=values, limit=limit, offset=page.offset)
        else:
            rows = store.page(route.name, limit=limit, offset=page.offset)
        address = f"{call.base_url}{call.path.removeprefix(self.base_path)}"
        further = told(paging, page, total, address, call.query)
        records = (self._records_at(route.entry), [from_json(row) for row in rows])
        headers = {}
        if isinstance(paging, LinkEntry) and paging.next is None:
            link = next_link(page, total, address, call.query)
            headers = {} if link is None else {"Link": f'<{link}>; rel="next"'}
        return Reply(body=body([records, *further]), headers=headers)

    def _get(self, call: Call, route: _Route, inside: Mapping[str, str], store: Store) -> Reply:
        return self._one(route, self._found(route, inside.get("id"), store)[1])

    def _create(self, call: Call, route: _Route, inside: Mapping[str, str], store: Store) -> Reply:
        sent = self._record(call, route)
        number = store.next_position(route.name)
        made = {**dict.fromkeys(route.entry.fields, None), **sent, route.id: self._id(route.entry, number)}
        store.insert(route.name, made)
        return self._one(route, made, status=201)

    def _update(self, call: Call, route: _Route, inside: Mapping[str, str], store: Store) -> Reply:
        sent = self._record(call, route)
        position, record = self._found(route, inside.get("id", sent.get(route.id)), store)
        changed = {**record, **sent, route.id: record[route.id]}
        store.replace(route.name, position, changed)
        return self._one(route, changed)

    def _delete(self, call: Call, route: _Route, inside: Mapping[str, str], store: Store) -> Reply:
        position, record = self._found(route, inside.get("id"), store)
        store.delete(route.name, position)
        return self._one(route, record)

    def _found(self, route: _Route, identifier: Any, store: Store) -> tuple[int, dict[str, Any]]:
        row = None if identifier is None else store.find(route.name, route.id, identifier)
        if row is None:
            raise _Refused(404, "there is no such record")
        return row.position, row.record

    def _record(self, call: Call, route: _Route) -> dict[str, Any]:
        try:
            sent = from_json(call.body)
        except ValueError:
            raise _Refused(400, "the body is not JSON") from None
        if not isinstance(sent, dict):
            raise _Refused(400, "the body must be a JSON object")
        fields = route.entry.fields
        wrong = [name for name in sent if name in fields and not Kind.of(self._read, fields[name]).holds(sent[name])]
        if wrong:
            raise _Refused(400, f"fields that are not of their type: {', '.join(wrong)}")
        return sent

    def _one(self, route: _Route, record: dict[str, Any], status: int = 200) -> Reply:
        return Reply(status=status, body=body([(self._read.record_of(route.entry)[0], record)]))

    def _records_at(self, entry: ResourceEntry) -> str:
        pointers = self._read.records_of(entry)
        return self.envelope if self.envelope in pointers else self._fitting(entry, pointers)

    def _fitting(self, entry: ResourceEntry, pointers: Sequence[str]) -> str:
        """A bare list has no room for a total or a cursor beside it."""
        paging = self._read.paging_of(entry)
        further = any(getattr(paging, name, None) is not None for name in ("total", "next", "last"))
        return next((pointer for pointer in pointers if pointer or not further), pointers[0])

    def _filters(self, entry: ResourceEntry) -> list[str]:
        return [name for name in (entry.list.params if entry.list else {}) if name.removesuffix("[]") in entry.fields]

    def _condition(self, call: Call, route: _Route, inside: Mapping[str, str]) -> tuple[str, list[Any]]:
        """A parameter that is named as a field selects by it: the sandbox's own choice, as no file says what one does."""
        terms, values = [], []
        for name in self._filters(route.entry):
            wire = self._wire_name(name, route.params[name])
            if wire in call.query or name in inside:
                texts = [inside[name]] if name in inside else self._texts(call, wire, route.params[name])
                terms.append(Store.among(Store.text(name.removesuffix("[]"))))
                values.append(to_json([Store.fold(text) for text in texts]).decode())
        return " AND ".join(terms), values

    def _wire_name(self, name: str, entry: ParamEntry) -> str:
        brackets = entry.array and self._read.arrays == "brackets" and not name.endswith("[]")
        return f"{name}[]" if brackets else name

    def _texts(self, call: Call, name: str, entry: ParamEntry) -> list[str]:
        if entry.array and self._read.arrays == "comma":
            return call.query[name].split(",")
        every = getattr(call.query, "getall", None)  # a request's own query keeps repeated names
        return [call.query[name]] if every is None else list(every(name))

    def _id(self, entry: ResourceEntry, number: int) -> Any:
        declared = entry.fields.get(entry.id or "id")
        return f"r{number}" if declared is not None and declared.type == "text" else number

    def _invented(self, entry: ResourceEntry, number: int, random: Random) -> dict[str, Any]:
        name = entry.id or "id"
        record = {name: self._id(entry, number)}
        for field, declared in entry.fields.items():
            if field != name:
                record[field] = Kind.of(self._read, declared).invented(random, blank_dates=self.zero_dates)
        return record

    def _failure(self, call: Call, status: int, message: str) -> Reply:
        token = self._gate.token(call)
        if token is not None and self.echo != "off":
            message = f"{message}: {token if self.echo == 'plain' else quote(token, safe='')}"
        errors = self._read.errors
        places = [
            (errors.code[0] if errors.code else None, str(status)),
            (next(iter(errors.message), "/message"), message),
        ]
        return Reply(status=status, body=body(places))


def _routes(declaration: Declaration, base_path: str) -> list[_Route]:
    """The declared operations; those whose paths say more come first, so that `/things/new` is no id."""
    found = [
        (len(_PLACEHOLDER.findall(operation.path)), name, entry, done, operation)
        for name, entry in declaration.resources.items()
        for done, operation in entry.operations.items()
    ]
    return [
        _Route(
            name=name,
            entry=entry,
            operation=done,
            method=operation.method,
            pattern=_pattern(f"{base_path}{operation.path}"),
            places=tuple(_PLACEHOLDER.findall(operation.path)),
            params=operation.params,
        )
        for _, name, entry, done, operation in sorted(found, key=lambda one: one[0])
    ]


def _pattern(path: str) -> re.Pattern[str]:
    """What a path with placeholders matches."""
    texts = _PLACEHOLDER.split(path)[::2]  # the names of the placeholders stand between them
    return re.compile("([^/]+)".join(map(re.escape, texts)))
