"""From a declared resource to a class of the core's: lists, single records, and writes where both sides allow them."""

from __future__ import annotations

import datetime
import inspect
import types
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urljoin

import attrs

from ..errors import ConfigError, OutcomeUnknown, ProtocolError, Unsupported
from ..records.convert import read_record
from ..records.ids import Identity
from ..records.stream import Stream
from ..records.writing import to_wire
from ..resource import Resource
from ..wire.request import Deadline, Priority, Request, Response, Safety
from .bodies import body_of
from .declaration import Declaration, NoPaging, ParamEntry, ResourceEntry
from .fields import attribute_names, model_of
from .moments import since
from .paging import Guarded, paging_of
from .parameters import TYPES, UPDATED_SINCE, address_of, keywords_of
from .provenance_report import provenance_of
from .readers import DeclaredEnvelope, find_record

if TYPE_CHECKING:
    from .adapter import DeclaredAdapter


class DeclaredResource(Resource[Any]):
    """What all declared resources have in common."""

    _adapter: DeclaredAdapter

    declaration: ClassVar[Declaration]
    entry: ClassVar[ResourceEntry]
    guarded: ClassVar[Guarded]
    #: The Python names of the fields, by the vendor's.
    attributes: ClassVar[Mapping[str, str]]
    items: ClassVar[str | None] = None
    forms: ClassVar[frozenset[str]] = frozenset({"page_size"})

    def _stream(self, params: Mapping[str, Any], **options: Any) -> Stream[Any]:
        base_url = self._adapter.account.terms.base_url
        path = options.get("path") or self.path
        page = path if "://" in path else f"{base_url.rstrip('/')}/{path.lstrip('/')}"
        paging = attrs.evolve(self.guarded, page=urljoin(base_url, page))
        readers = DeclaredEnvelope(self.declaration.records_of(self.entry), paging.meta)
        return self._stream_as(self.model, params, paging=paging, readers=readers, **options)

    def is_deleted(self, record: Any) -> bool | None:
        """
        Whether a record says of itself that it is deleted, in the field that the file declares for that.

        Args:
            record: Of this resource, as its list gives it.

        Returns:
            `None` if it does not say: no field is declared, or the record lacks it.
        """
        wire = self.entry.deleted
        if wire is None:
            return None
        value = getattr(record, self.attributes[wire])
        if isinstance(value, bool):
            return value
        if value is None:  # an empty moment of deletion says no; an empty flag says nothing
            return False if self.entry.fields[wire].type != "flag" and wire in record.extra else None
        return True

    def updated_at(self, record: Any) -> datetime.date | None:
        """
        When a record says that it was last changed, in the field that the file declares for that.

        Args:
            record: Of this resource, as its list gives it.

        Returns:
            A day or a moment, as declared; `None` if no field is declared, or the record has none.
        """
        wire = self.entry.updated
        moment: datetime.date | None = None if wire is None else getattr(record, self.attributes[wire])
        return moment

    def changes(self, since: datetime.datetime) -> Sequence[Stream[Any]] | None:
        """
        The list of what was changed since a moment; see `Resource.changes`.

        Returns:
            `None` where the file names no parameter that asks for it, whatever its parameters are called.
        """
        return None if self.entry.updated_filter is None else super().changes(since)

    def resume(self, checkpoint: Any, **options: Any) -> Stream[Any]:
        """
        Go on where an earlier stream stopped; see `Resource.resume`.

        Raises:
            CheckpointMismatch: The checkpoint belongs to another adapter or resource.
        """
        query = checkpoint.query
        size = int(query.get("size", self._page_size()))
        path = str(query.get("path", self.path))
        return self._stream(dict(query.get("params", {})), path=path, size=size, resume=checkpoint, **options)

    def _list(
        self,
        *,
        page_size: int | None = None,
        params: Mapping[str, Any] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **filters: Any,
    ) -> Stream[Any]:
        """
        Stream the list.

        Args:
            page_size: Records to ask for on a page.
            params: Query parameters that the file does not declare, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.
            filters: The parameters that the file declares.

        Raises:
            ConfigError: A parameter is unknown, missing, or of another type.
        """
        place = address_of(
            self.declaration,
            f"{self.name}.list",
            self.entry.list,
            self._with_filter(filters),
            updated_filter=self.entry.updated_filter,
        )
        return self._stream(
            {**place.params, **(params or {})}, path=place.path, size=page_size, deadline=deadline, priority=priority
        )

    def _with_filter(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """`updated_since`, as all adapters call it, under the vendor's own name."""
        if self.entry.updated_filter is None or UPDATED_SINCE not in filters:
            return filters
        assert self.entry.list is not None
        names = {wire: name for name, wire in _keywords_of_list(self.entry).items()}
        own = names[self.entry.updated_filter]
        others = {name: value for name, value in filters.items() if name != UPDATED_SINCE}
        if filters[UPDATED_SINCE] is None:
            return others
        if others.get(own) is not None:
            raise ConfigError(f"{own}= and updated_since= exclude each other")
        parameter = self.entry.list.params[self.entry.updated_filter]
        return {**others, own: since(self.declaration, parameter, filters[UPDATED_SINCE])}

    async def _get(
        self,
        id: str | int,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **params: Any,
    ) -> Any:
        """
        Read one record.

        Args:
            id: The record's.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.
            params: The parameters that the file declares.

        Raises:
            NotFound: There is none.
        """
        place = address_of(self.declaration, f"{self.name}.get", self.entry.get, params, id)
        request = Request(method="GET", path=place.path, params=place.params)
        return self._read("get", await self._send("get", request, deadline=deadline, priority=priority))

    async def _create(
        self,
        record: Any,
        *,
        key: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **params: Any,
    ) -> Any:
        """
        Make a record.

        Args:
            record: A record, or a mapping with the vendor's names: what a field holds is written as the file says, and
                a text as it stands.
            key: Any text that names what is asked for, where the file declares a header for keys.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.
            params: The parameters that the file declares.

        Returns:
            The record of the answer; `None` if it has none.

        Raises:
            ConfigError: A value is of another type than its field.
            Unsupported: The account was opened without `allow_write=True`.
            OutcomeUnknown: The answer was lost; it is not sent again.
        """
        return await self._write("create", None, record, key=key, deadline=deadline, priority=priority, params=params)

    async def _update(
        self,
        id: str | int,  # noqa: A002 - the vendor's word
        record: Any,
        *,
        key: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **params: Any,
    ) -> Any:
        """Give a record another content; see `create`."""
        return await self._write("update", id, record, key=key, deadline=deadline, priority=priority, params=params)

    async def _delete(
        self,
        id: str | int,  # noqa: A002 - the vendor's word
        *,
        key: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **params: Any,
    ) -> Any:
        """Delete a record; see `create`."""
        return await self._write("delete", id, None, key=key, deadline=deadline, priority=priority, params=params)

    async def _write(
        self,
        operation: str,
        id: str | int | None,  # noqa: A002
        record: Any,
        *,
        key: str | None,
        deadline: Deadline | float | None,
        priority: Priority | None,
        params: Mapping[str, Any],
    ) -> Any:
        if not self._adapter.settings.allow_write:
            raise Unsupported(
                f"{self._adapter.vendor} {self.name}.{operation} changes something at the vendor; "
                "open(..., allow_write=True) allows it"
            )
        entry, called = self.entry.operations[operation], f"{self.name}.{operation}"
        place = address_of(self.declaration, called, entry, params, id)
        body = None if record is None else to_wire(body_of(self.declaration, called, self.entry, record))
        with self._adapter.together(deadline):
            headers = {} if key is None else await self._adapter.key_headers(f"{entry.method} {place.path}", key)
            request = Request(
                method=entry.method,
                path=place.path,
                params=place.params,
                headers=headers,
                body=body,
            )
            safety = self.operations[operation] if key is None else Safety.KEYED
            response = await self._send(operation, request, safety=safety, priority=priority)
        return self._answer(operation, response)

    def _answer(self, operation: str, response: Response) -> Any:
        """The record that a write is answered with, if there is one; the vendor has done it in any case."""
        if not response.body.strip():
            return None
        try:
            return self._read(operation, response)
        except ProtocolError as error:
            unread = error
        raise OutcomeUnknown(
            "the vendor accepted the request, but its answer could not be read",
            vendor=unread.vendor,
            account=unread.account,
            operation=unread.operation,
            status=unread.status,
            hint="declare where the record stands (record = [...]), and look whether it took effect",
        ) from unread

    def _read(self, operation: str, response: Response) -> Any:
        terms = self._adapter.account.terms
        try:
            found = find_record(response.body, self.declaration.record_of(self.entry))
            return read_record(self.model, found, zone=terms.zone)
        except ProtocolError as error:
            error.vendor, error.account = terms.vendor, terms.label
            error.operation, error.status = f"{self.name}.{operation}", response.status
            self._adapter.account.scrub(error)
            raise


#: The methods of declared operations, by their names.
_METHODS: Final[Mapping[str, Any]] = {
    "get": DeclaredResource._get,
    "create": DeclaredResource._create,
    "update": DeclaredResource._update,
    "delete": DeclaredResource._delete,
}


def resource_of(declaration: Declaration, name: str) -> type[DeclaredResource]:
    """The class of a declared resource; it has the methods of the operations that are declared, and no others."""
    entry = declaration.resources[name]
    guarded, attributes = paging_of(declaration, name, entry), attribute_names(entry)
    paging = declaration.paging_of(entry)
    namespace: dict[str, Any] = {
        "__doc__": f"The resource {name} of the resource file.",
        "__module__": __name__,
        "declaration": declaration,
        "entry": entry,
        "guarded": guarded,
        "attributes": attributes,
        "name": name,
        "path": next(iter(entry.operations.values())).path,
        "model": model_of(declaration, name, entry),
        "paging": guarded,
        "page_size": 1 if isinstance(paging, NoPaging) else paging.page_size,
        "operations": {operation: _safety(operation, one) for operation, one in entry.operations.items()},
        "identity": None if entry.id is None else Identity(attributes[entry.id], entry.id),
        "provenance": provenance_of(declaration, name),
        "evidence": entry.provenance or declaration.provenance,
        "list": _list_of(entry),
        **{operation: _METHODS[operation] for operation in entry.operations if operation in _METHODS},
    }
    return type("".join(word.capitalize() for word in name.split("_")) + "Resource", (DeclaredResource,), namespace)


def _safety(operation: str, entry: Any) -> Safety:
    if operation in ("list", "get") or entry.repeatable:
        return Safety.REPEATABLE
    return Safety.UNSAFE


def _list_of(entry: ResourceEntry) -> Any:
    """The method `list`, with the declared parameters as keywords: commands and editors read them from it."""
    if entry.list is None:

        def unable(self: DeclaredResource) -> Any:
            raise Unsupported(
                f"{self._adapter.vendor} declares no list of {self.name}; it has {', '.join(self.operations)}"
            )

        return unable

    def listed(self: DeclaredResource, **options: Any) -> Stream[Any]:
        return self._list(**options)

    hints = {name: _hint(entry.list.params[wire]) for name, wire in _keywords_of_list(entry).items()}
    if entry.updated_filter is not None:
        hints[UPDATED_SINCE] = datetime.date | datetime.datetime | None
    common = inspect.signature(DeclaredResource._list).parameters.values()
    keywords = [one for one in common if one.kind is not inspect.Parameter.VAR_KEYWORD]
    listed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            keywords[0],
            *(
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
                for name, hint in hints.items()
            ),
            *keywords[1:],
        ]
    )
    listed.__annotations__ = hints
    listed.__name__, listed.__doc__ = "list", _explained(entry)
    return listed


def _explained(entry: ResourceEntry) -> str:
    """The docstring of a list, with a line for each parameter that the file declares."""
    assert entry.list is not None
    lines = {
        name: f"    {name}: The parameter `{wire}`, of type {entry.list.params[wire].type}."
        for name, wire in _keywords_of_list(entry).items()
    }
    if entry.updated_filter is not None:
        asks = f"What was changed since a day or an aware moment: `{entry.updated_filter}`."
        lines[UPDATED_SINCE] = f"    {UPDATED_SINCE}: {asks}"
    told = inspect.getdoc(DeclaredResource._list) or ""
    return told.replace("    filters: The parameters that the file declares.", "\n".join(lines.values()))


def _keywords_of_list(entry: ResourceEntry) -> dict[str, str]:
    """The keywords of the parameters of a list that is declared: keyword -> the vendor's name."""
    assert entry.list is not None
    return keywords_of(entry.list.params, entry.updated_filter)


def _hint(entry: ParamEntry) -> Any:
    one = TYPES[entry.type]
    return (types.GenericAlias(list, (one,)) if entry.array else one) | None
