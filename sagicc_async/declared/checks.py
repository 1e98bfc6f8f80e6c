"""What has to fit together in a declaration whose entries fit one by one."""

from __future__ import annotations

import keyword
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args
from urllib.parse import urlsplit

import attrs

from ..records.shape import TAKEN
from .authentication import ClientAuth, ExchangeAuth, PasswordAuth
from .declaration import (
    CursorEntry,
    Declaration,
    FieldEntry,
    Formats,
    LinkEntry,
    NumberEntry,
    OffsetEntry,
    ParamEntry,
    ReadEntry,
    ResourceEntry,
)
from .fields import own_names
from .forms import flaw_of, is_utc, says_offset
from .lines import Path
from .problems import Problem, unknown

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
#: The operations on one record, whose id stands in the path.
_OF_ONE: Final = frozenset({"get", "update", "delete"})
#: Types that say when; their format is free text of strptime.
_BY_LETTERS: Final = frozenset({"date", "datetime"})
#: What the field of a role may hold: when a record was changed, whether or when it was deleted.
_ROLES: Final[Mapping[str, frozenset[str]]] = {"updated": _BY_LETTERS, "deleted": _BY_LETTERS | {"flag"}}
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
_WORDS: Final = re.compile(r"[^/\s]+/[^/\s]+")


def placeholders(path: str) -> list[str]:
    """The names in braces in a path."""
    return _PLACEHOLDER.findall(path)


def problems_of(declaration: Declaration) -> list[Problem]:
    """All that contradicts itself."""
    found = list(_of_the_whole(declaration))
    for name, resource in declaration.resources.items():
        found += _of_resource(declaration, resource, ("resources", name))
    return found


def _of_the_whole(declaration: Declaration) -> Iterator[Problem]:
    yield from _of_auth(declaration)
    if declaration.time_zone is not None and not _is_zone(declaration.time_zone):
        yield Problem(("time_zone",), "there is no such time zone; name one like America/Sao_Paulo")
    for field in attrs.fields(Formats):
        form = getattr(declaration.formats, field.name)
        if form is not None:
            yield from _of_format(field.name, form, ("formats", field.name))


def _of_auth(declaration: Declaration) -> Iterator[Problem]:
    auth = declaration.auth
    if isinstance(auth, PasswordAuth | ClientAuth):
        yield from _of_address(declaration, auth.token_url, ("auth", "token_url"))
    if not isinstance(auth, ExchangeAuth):
        return
    login = auth.login
    yield from _of_address(declaration, login.path, ("auth", "login", "path"))
    if (auth.header is None) == (auth.parameter is None):
        yield Problem(("auth",), "say where the bought token goes: header or parameter, one of them")
    if login.expires_at is not None and login.expires_in is not None:
        yield Problem(("auth", "login"), "say once how long the token lives: expires_at or expires_in, one of them")
    if login.method == "GET" and login.token_in == "body":
        yield Problem(
            ("auth", "login"), "a GET has no body; the token stands in query or header, or the method is POST"
        )


def _of_address(declaration: Declaration, address: str, path: Path) -> Iterator[Problem]:
    """Credentials are sent to the vendor's own origin, and nowhere else."""
    if declaration.base_url is None or address.startswith("/"):
        return
    if _origin(address) != _origin(declaration.base_url):
        yield Problem(path, "it lies in another origin than base_url, where credentials are never sent")


def _origin(address: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port; `None` if there is no such address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # a port that is no number, half an IPv6 address
        return None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def _of_resource(declaration: Declaration, resource: ResourceEntry, path: Path) -> Iterator[Problem]:
    if not resource.operations:
        yield Problem(path, "it has no operation; declare list, get, create, update or delete")
    for name, operation in resource.operations.items():
        yield from _of_operation(declaration, name, operation, (*path, name))
    yield from _of_roles(resource, path)
    yield from _of_names(resource, (*path, "fields"))
    if resource.list is not None:
        yield from _of_paging(declaration, resource, resource.list, path)
    for wire, entry in resource.fields.items():
        yield from _of_entry(declaration, entry, (*path, "fields", wire))


def _of_roles(resource: ResourceEntry, path: Path) -> Iterator[Problem]:
    for role, fitting in _ROLES.items():
        field = getattr(resource, role)
        if field is None:
            continue
        if field not in resource.fields:
            yield Problem((*path, role), "it names none of the resource's fields")
        elif resource.fields[field].type not in fitting:
            yield Problem((*path, role), f"its field is one of {', '.join(sorted(fitting))}")
    if resource.updated_filter is None:
        return
    params = {} if resource.list is None else resource.list.params
    asked = params.get(resource.updated_filter)
    if asked is None:
        yield unknown((*path, "updated_filter"), resource.updated_filter, params, "parameter of list")
    elif asked.type not in _BY_LETTERS or asked.array:
        yield Problem((*path, "updated_filter"), "its parameter is a date or a datetime, and a single one")


def _of_names(resource: ResourceEntry, path: Path) -> Iterator[Problem]:
    """A name that the file gives is taken as it is, so it must be free."""
    whose: dict[str, str] = {}
    for wire, name in own_names(resource).items():
        whose.setdefault(name, wire)
    for wire, entry in resource.fields.items():
        if entry.name is None:
            continue
        place = (*path, wire, "name")
        if keyword.iskeyword(entry.name):
            yield Problem(place, "no field can have this name, which is a word of Python's own")
        elif entry.name in TAKEN:
            yield Problem(place, "no field can have this name, which records use for something else")
        elif whose.setdefault(entry.name, wire) != wire:
            yield Problem(place, f"the field {whose[entry.name]!r} has this name already")


def _of_operation(declaration: Declaration, name: str, operation: Any, path: Path) -> Iterator[Problem]:
    named = placeholders(operation.path)
    if operation.path.count("{") != len(named) or operation.path.count("}") != len(named):
        yield Problem((*path, "path"), "its braces do not match")
    if name in _OF_ONE and "id" not in named:
        yield Problem((*path, "path"), "it needs {id} where the record's id goes")
    for place in named:
        entry = operation.params.get(place)
        if (place != "id" or name not in _OF_ONE) and (entry is None or not entry.required or entry.array):
            yield Problem((*path, "path"), f"declare {{{place}}} among params, required and no array")
    for wire, entry in operation.params.items():
        yield from _of_entry(declaration, entry, (*path, "params", wire))


def _of_paging(declaration: Declaration, resource: ResourceEntry, read: ReadEntry, path: Path) -> Iterator[Problem]:
    paging = declaration.paging_of(resource)
    for taken in _paging_parameters(paging):
        if taken in read.params:
            yield Problem((*path, "list", "params", taken), "pages are asked for by it, so it is no parameter of calls")


def _paging_parameters(paging: object) -> list[str]:
    match paging:
        case NumberEntry():
            names = [paging.number, paging.size]
        case OffsetEntry():
            names = [paging.offset, paging.limit]
        case CursorEntry():
            names = [paging.cursor, paging.size]
        case LinkEntry():
            names = [paging.size]
        case _:
            names = []
    return [name for name in names if name is not None]


def _of_entry(declaration: Declaration, entry: FieldEntry | ParamEntry, path: Path) -> Iterator[Problem]:
    if entry.format is not None:
        yield from _of_format(entry.type, entry.format, (*path, "format"))
    if isinstance(entry, FieldEntry) and entry.type == "datetime" and declaration.time_zone is None:
        form = declaration.format_of(entry)
        if form is None or not (says_offset(form) or is_utc(form)):
            yield Problem(path, "a datetime needs time_zone at the top: where moments without an offset were written")


def _of_format(kind: str, form: str, path: Path) -> Iterator[Problem]:
    if kind in _BY_LETTERS:
        if (flaw := flaw_of(kind, form)) is not None:
            yield Problem(path, flaw)
    elif kind == "flag":
        if not _WORDS.fullmatch(form):
            yield Problem(path, 'expected the words for yes and no, such as "S/N"')
    elif (choices := _choices(kind)) is None:
        yield Problem(path, f"a value of type {kind} has no format")
    elif form not in choices:
        yield Problem(path, f"expected one of {', '.join(choices)}")


def _choices(kind: str) -> tuple[str, ...] | None:
    """The formats of a type that has a few."""
    field = attrs.fields_dict(attrs.resolve_types(Formats)).get(kind)
    if field is None:
        return None
    return tuple(choice for option in get_args(field.type) for choice in get_args(option))


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
