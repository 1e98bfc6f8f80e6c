"""
What a resource file may say: the classes that it is read into.

They are the one description of the file. Its keys are their fields, so reading it, its errors and `schema.json` follow
from the annotations and from what `key` adds to them (`keys.py`). Nothing here does anything; `adapter.py` makes an adapter of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Final, Literal, TypeAlias

import attrs

from .authentication import AuthEntry
from .keys import HEADER, IDENTIFIER, PATH, POINTER, URL, VENDOR, WIRE_NAME, key
from .provenance import Provenance, said_by

FieldType: TypeAlias = Literal[
    "text", "int", "decimal", "money", "date", "datetime", "duration", "flag", "object", "list"
]
ParamType: TypeAlias = Literal["text", "int", "decimal", "money", "date", "datetime", "duration", "flag"]


@attrs.frozen(kw_only=True)
class Source:
    """Where the file's author has it from."""

    kind: str = key("What was read: account-documentation, openapi, ...", default="")
    read_by: str = key("Who read it.", default="")
    read_on: datetime.date | None = key("When.", default=None)
    note: str = key("Anything else.", default="")


@attrs.frozen(kw_only=True)
class TokenEntry:
    """How a token may be used."""

    max_in_flight: int | None = key(
        "Requests that may be at work on it at once; no limit if left out.", default=None, least=1
    )
    settle: float = key(
        "Seconds in which the vendor is done with a request that was lost sight of.", default=0.0, least=0
    )


@attrs.frozen(kw_only=True)
class WindowEntry:
    """A limit of requests."""

    limit: int = key("Requests.", least=1)
    per: float = key("Seconds.", least=0.001)
    scope: Literal["company", "token"] = key("What they are counted by.", default="company")


@attrs.frozen(kw_only=True)
class ErrorsEntry:
    """How the vendor says what went wrong, where HTTP's statuses do not say enough."""

    code: tuple[str, ...] = key(
        "Where the vendor's code may stand in an error; the first that is there counts.", default=(), form=POINTER
    )
    message: tuple[str, ...] = key("Where its message may stand.", default=(), form=POINTER)
    busy: tuple[int, ...] = key("Statuses that mean that the token is in use.", default=(), least=300)
    limit: tuple[int, ...] = key("Statuses that mean: slow down.", default=(), least=300)
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class NoPaging:
    """The whole list in one answer."""

    kind: Literal["none"]
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class _Paged:
    """What all lists in pages have in common."""

    page_size: int = key("Records to ask for on a page.", default=100, least=1)
    max_pages: int = key("Pages after which a list that does not end is an error.", default=100_000, least=1)
    total: str | None = key("Where the number of all records stands in the answer.", default=None, form=POINTER)
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class NumberEntry(_Paged):
    """Pages have numbers."""

    kind: Literal["number"]
    number: str = key("Parameter of the page's number.", form=WIRE_NAME)
    size: str | None = key("Parameter of the page's size.", default=None, form=WIRE_NAME)
    first: int = key("Number of the first page.", default=1, least=0)
    last: str | None = key("Where the number of the last page stands in the answer.", default=None, form=POINTER)


@attrs.frozen(kw_only=True)
class OffsetEntry(_Paged):
    """Pages begin at an offset."""

    kind: Literal["offset"]
    offset: str = key("Parameter of the offset.", form=WIRE_NAME)
    limit: str | None = key("Parameter of the page's size.", default=None, form=WIRE_NAME)


@attrs.frozen(kw_only=True)
class _Chained(_Paged):
    """What all lists have in common whose pages name the next one."""

    max_empty: int = key(
        "Empty pages in a row, each of which names a next one, after which the list is an error.", default=10, least=1
    )


@attrs.frozen(kw_only=True)
class CursorEntry(_Chained):
    """Each page gives the text that asks for the next one."""

    kind: Literal["cursor"]
    cursor: str = key("Parameter of that text.", form=WIRE_NAME)
    next: str = key("Where it stands in the answer.", form=POINTER)
    size: str | None = key("Parameter of the page's size.", default=None, form=WIRE_NAME)


@attrs.frozen(kw_only=True)
class LinkEntry(_Chained):
    """Each page has the address of the next one."""

    kind: Literal["link"]
    next: str | None = key("Where it stands in the answer; the Link header if left out.", default=None, form=POINTER)
    size: str | None = key("Parameter of the page's size, on the first page.", default=None, form=WIRE_NAME)


PagingEntry: TypeAlias = NoPaging | NumberEntry | OffsetEntry | CursorEntry | LinkEntry


@attrs.frozen(kw_only=True)
class Formats:
    """How the vendor writes values, where a field or parameter does not say itself."""

    money: Literal["1.234,56", "1234.56"] | None = key("Amounts.", default=None)
    date: str | None = key("Days, in the letters of strptime; 2026-01-31 if left out.", default=None)
    datetime: str | None = key("Moments, in the letters of strptime; ISO 8601 if left out.", default=None)
    duration: Literal["minutes", "HH:MM"] | None = key("Durations.", default=None)
    flag: str | None = key('The words for yes and no, such as "S/N"; true and false if left out.', default=None)


@attrs.frozen(kw_only=True)
class ParamEntry:
    """A parameter of a request, which is a keyword of the operation."""

    #: A text alone is the value of this key.
    short: ClassVar[str] = "type"

    type: ParamType = key("What it holds.", default="text")
    required: bool = key("Whether the vendor wants it.", default=False)
    array: bool = key("Whether it holds several values.", default=False)
    default: str | int | bool | None = key(
        "What is sent where a call does not say, as the vendor writes it.", default=None
    )
    format: str | None = key("How it is written, where it is not as in [formats].", default=None)
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class _Operation:
    """What all operations have in common."""

    short: ClassVar[str] = "path"

    path: str = key("Its path. A {name} in it is a parameter; {id} is the record's id.", form=PATH)
    params: Mapping[str, ParamEntry] = key("Its parameters, by the vendor's names.", factory=dict, names=WIRE_NAME)
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class ReadEntry(_Operation):
    """A list, or a single record."""

    method: Literal["GET"] = key("Its method.", default="GET")


@attrs.frozen(kw_only=True)
class _Write(_Operation):
    """What changes something at the vendor."""

    repeatable: bool = key("Whether the vendor says that sending it twice does it once.", default=False)


@attrs.frozen(kw_only=True)
class CreateEntry(_Write):
    """A new record."""

    method: Literal["POST", "PUT"] = key("Its method.", default="POST")


@attrs.frozen(kw_only=True)
class UpdateEntry(_Write):
    """Another content of a record."""

    method: Literal["PUT", "PATCH", "POST"] = key("Its method.", default="PUT")


@attrs.frozen(kw_only=True)
class DeleteEntry(_Write):
    """The end of a record."""

    method: Literal["DELETE", "POST"] = key("Its method.", default="DELETE")


@attrs.frozen(kw_only=True)
class FieldEntry:
    """A field of a record."""

    short: ClassVar[str] = "type"

    type: FieldType = key("What it holds.")
    format: str | None = key("How it is written, where it is not as in [formats].", default=None)
    name: str | None = key("Its name in Python, if not the vendor's in snake_case.", default=None, form=IDENTIFIER)
    unit: str | None = key("What it counts, such as BRL; for people.", default=None)
    provenance: Provenance | None = said_by()


@attrs.frozen(kw_only=True)
class ResourceEntry:
    """A kind of record."""

    id: str | None = key("The field that tells records apart.", default=None, form=WIRE_NAME)
    updated: str | None = key("The field with the moment of the last change.", default=None, form=WIRE_NAME)
    updated_filter: str | None = key(
        "The parameter of list that asks for changes since a moment.", default=None, form=WIRE_NAME
    )
    deleted: str | None = key("The field that says that a record is deleted.", default=None, form=WIRE_NAME)
    fields: Mapping[str, FieldEntry] = key(
        "Its fields, by the vendor's names; others are kept as they come.", factory=dict, names=WIRE_NAME
    )
    list: ReadEntry | None = key("The list.", default=None)
    get: ReadEntry | None = key("One record, by its id.", default=None)
    create: CreateEntry | None = key("A new record; needs allow_write=True.", default=None)
    update: UpdateEntry | None = key("Another content; needs allow_write=True.", default=None)
    delete: DeleteEntry | None = key("The end of a record; needs allow_write=True.", default=None)
    records: tuple[str, ...] | None = key(
        "Where the records of its list stand, if not as above.", default=None, form=POINTER
    )
    record: tuple[str, ...] | None = key("Where a single record stands, if not as above.", default=None, form=POINTER)
    paging: PagingEntry | None = key("How its list is cut, if not as above.", default=None)
    provenance: Provenance | None = said_by()

    @property
    def operations(self) -> Mapping[str, ReadEntry | CreateEntry | UpdateEntry | DeleteEntry]:
        """What can be done with it, by name."""
        found = {name: getattr(self, name) for name in OPERATIONS}
        return {name: operation for name, operation in found.items() if operation is not None}


OPERATIONS: Final = ("list", "get", "create", "update", "delete")


@attrs.frozen(kw_only=True, eq=False)
class Declaration:
    """
    A vendor's API as a resource file describes it.

    Equal texts are read into one object (see `read`), so that two are the same or differ.
    """

    vendor: str = key("The vendor's name: of its environment variables, in logs and errors.", form=VENDOR)
    title: str = key("The vendor's name for people.", default="")
    source: Source = key("Where this is known from.", factory=Source)
    provenance: Provenance = key("Who says so, where an entry does not say itself.", default="user-declared")
    base_url: str | None = key("Where the vendor is; https.", default=None, form=URL)
    time_zone: str | None = key("Zone of moments without an offset, such as America/Sao_Paulo.", default=None)
    auth: AuthEntry = key("How requests are authorised. The secrets themselves never stand in this file.")
    tokens: TokenEntry = key("How a token may be used.", factory=TokenEntry)
    windows: tuple[WindowEntry, ...] = key("Limits of requests.", default=())
    errors: ErrorsEntry = key("How errors are told.", factory=ErrorsEntry)
    records: tuple[str, ...] = key(
        "Where the records of a list stand; the first that is there counts.", default=("",), form=POINTER
    )
    record: tuple[str, ...] = key("Where a single record stands.", default=("",), form=POINTER)
    paging: PagingEntry = key("How lists are cut.", factory=lambda: NoPaging(kind="none"))
    arrays: Literal["brackets", "repeat", "comma"] = key(
        "How several values of a parameter are written: a[]=1&a[]=2, a=1&a=2 or a=1,2.", default="repeat"
    )
    formats: Formats = key("How values are written.", factory=Formats)
    idempotency_header: str | None = key("The header that makes a write happen once.", default=None, form=HEADER)
    resources: Mapping[str, ResourceEntry] = key(
        "The kinds of records, by names of your own.", factory=dict, names=IDENTIFIER
    )

    def paging_of(self, resource: ResourceEntry) -> PagingEntry:
        """How the list of a resource is cut."""
        return self.paging if resource.paging is None else resource.paging

    def records_of(self, resource: ResourceEntry) -> tuple[str, ...]:
        """Where the records of its list stand."""
        return self.records if resource.records is None else resource.records

    def record_of(self, resource: ResourceEntry) -> tuple[str, ...]:
        """Where a single one of its records stands."""
        return self.record if resource.record is None else resource.record

    def format_of(self, entry: FieldEntry | ParamEntry) -> str | None:
        """How the values of a field or parameter are written; `None` for JSON's and ISO's own way."""
        return entry.format if entry.format is not None else getattr(self.formats, entry.type, None)
