"""Keeping documents, and the two routes that all of them have: the list and one by its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply, Row

from .. import failures
from ..checks import refuse_if
from ..context import Context, Route, filled
from ..paging import listing
from .amounts import whole
from .kinds import Kind
from .numbering import take_number

_NOTHING: Final[Mapping[str, Any]] = {}


def reading(kind: Kind) -> Sequence[Route]:
    """Return the routes that read."""

    def show_all(context: Context) -> Reply:
        return listing(context, kind.table, kind.filters)

    def show(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
        context.found(kind.table, kind.noun, id)
        return context.stored(kind.table, id)

    return Route("GET", kind.path, show_all), Route("GET", f"{kind.path}/{{id}}", show)


def keep(
    context: Context,
    kind: Kind,
    document_type: dict[str, Any],
    fields: dict[str, Any],
    *,
    empty: Mapping[str, Any] = _NOTHING,
) -> dict[str, Any]:
    """
    Keep a new document.

    Args:
        context: The request.
        kind: Of which kind it is.
        document_type: Of which type.
        fields: What its answer has besides id, number, name and metadata.
        empty: What of it is shown although it is empty.

    Returns:
        The answer.
    """
    number = take_number(context, kind, document_type, context.body.get("number"))
    head = {
        "id": context.new_id(kind.table),
        "document": {"id": document_type["id"]},
        "prefix": document_type.get("prefix"),
        "number": number,
        "name": kind.name(document_type["code"], number),
        "date": context.body["date"],
    }
    created = context.created()
    record = {**filled({**head, **fields}), **empty, "metadata": created.pop("metadata")}
    context.store.insert(kind.table, {**record, **kind.marks(record), **created})
    return record


def change(
    context: Context, kind: Kind, row: Row, fields: dict[str, Any], *, empty: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    """
    Put a document in the place of a former one, whose id, number and name it keeps.

    Args:
        context: The request.
        kind: Of which kind it is.
        row: The former one.
        fields: What its answer has besides.
        empty: What of it is shown although it is empty.

    Returns:
        The answer.
    """
    head = {name: row.record.get(name) for name in ("id", "document", "prefix", "number", "name")}
    changed = context.changed(row.record)
    record = {
        **filled({**head, "date": context.body["date"], **fields}),
        **empty,
        "metadata": changed.pop("metadata"),
    }
    context.store.replace(kind.table, row.position, {**record, **kind.marks(record), **changed})
    return record


def refuse_frozen(kind: Kind, row: Row, body: dict[str, Any]) -> None:
    """
    Refuse to change what never changes: a document's type, its party, its currency, its number.

    Raises:
        Refused: With each of them that the request changes.
    """
    record = row.record
    asked = {
        "document.id": whole(body["document"]["id"]) == record["document"]["id"],
        f"{kind.party}.identification": body[kind.party]["identification"] == record[kind.party]["identification"],
        "currency.code": _code(body) == _code(record),
        "number": body.get("number") is None or whole(body["number"]) == record["number"],
    }
    refuse_if(*(failures.non_editable(name) for name, same in asked.items() if not same))


def _code(record: dict[str, Any]) -> Any:
    return (record.get("currency") or {}).get("code")
