"""A model of Sagicc with all that can be done to it: reading, and here the writes."""

from __future__ import annotations

import functools
import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final

from sagicc_async import (
    Absent,
    ConfigError,
    Deadline,
    Found,
    NotFound,
    Outcome,
    OutcomeUnknown,
    Priority,
    Record,
    Request,
    Safety,
    StillOpen,
    ValidationFailed,
    to_wire,
)

from .catalogue import camel_case
from .conditions import Condition, F
from .query import columns_of
from .reading import Reading
from .written import Written, columns_to_write, read_written

_MOST: Final = 100


class ModelResource(Reading):
    """
    One model: a table of the instance, as far as it is enabled there.

    Sagicc documents no idempotency: a POST whose answer is lost is never sent again. A PUT or DELETE of one record by its
    id changes nothing when it comes twice, so those are tried again.
    """

    operations: ClassVar[Mapping[str, Safety]] = MappingProxyType(
        {
            "list": Safety.REPEATABLE,
            "get": Safety.REPEATABLE,
            "create": Safety.UNSAFE,
            "update": Safety.REPEATABLE,
            "update_many": Safety.UNSAFE,
            "delete": Safety.REPEATABLE,
            "delete_many": Safety.UNSAFE,
        }
    )
    evidence: ClassVar[str] = "requests documented, columns and answers not"

    async def create(
        self,
        resource: Record | Mapping[str, Any],
        *,
        relation: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        unique: str | Sequence[str] = (),
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Written:
        """
        Create a record.

        Args:
            resource: Its columns; what you give is sent as you give it.
            relation: Records to create with it: name of an adjacent relation -> their columns. Where the key stands is
                inferred: inside the resource.
            unique: Columns by which the record can be found again, such as `["nro_documento"]`; the record must have them.
                Only with them can `OutcomeUnknown.reconcile()` say more than that it does not know.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            What the answer tells, which Sagicc does not document: ids, the records, a message, or nothing.

        Raises:
            ValidationFailed: Sagicc refuses the values; its reasons stand in `errors`.
            PermissionDenied: The instance allows no writes with these credentials.
            ConfigError: There is nothing to create, or the record lacks a column of `unique`.
            OutcomeUnknown: The answer was lost; it is never sent again.

        Source: Sagicc, "Uso de la API", POST, `resources`.
        """
        columns, sought = columns_to_write(resource, relation), columns_of(unique) or ()
        missing = [name for name in sought if columns.get(name) is None]
        if missing:
            raise ConfigError(f"the record cannot be found again by {', '.join(missing)}, which it lacks; see unique=")
        return await self._create([columns], sought, deadline, priority)

    async def create_many(
        self,
        resources: Iterable[Record | Mapping[str, Any]],
        *,
        batch: int = 1,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> AsyncIterator[Written]:
        """
        Create records, one request after the other; leaving the loop sends no more.

        Args:
            resources: Their columns; `relation` may stand in each.
            batch: Records in a request. With more than one a failure cannot be laid to a record: whether Sagicc then
                keeps the others is not documented.
            deadline: Seconds for each request.
            priority: Who goes first; normal by default.

        Yields:
            What each request's answer tells. Whatever was created before an error has been yielded.

        Raises:
            RequestError: As for `create`.
        """
        for several in _batches(resources, batch):
            yield await self._create([columns_to_write(one) for one in several], (), deadline, priority)

    async def update(
        self,
        id: int | str,  # noqa: A002 - the vendor's word
        changes: Mapping[str, Any],
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Written:
        """
        Change columns of a record. Only those that are given are sent; that others stay is inferred.

        Args:
            id: Which.
            changes: Columns and their new values.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: There is no such record.
            ValidationFailed: Sagicc refuses the values; its reasons stand in `errors`.
            ConfigError: There is nothing to change, or a `relation`, which is documented for POST alone.

        Source: Sagicc, "Uso de la API", PUT with id.
        """
        body = to_wire({"resources": _changes(changes)})
        request = Request(method="PUT", path=self._place_of(id), body=body)
        return read_written(await self._send("update", request, deadline=deadline, priority=priority))

    async def update_many(
        self,
        resources: Iterable[Mapping[str, Any]],
        *,
        batch: int = 1,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> AsyncIterator[Written]:
        """
        Change records, each of which holds its `id`, one request after the other.

        Args:
            resources: Columns and new values, `id` among them.
            batch: Records in a request; see `create_many`.
            deadline: Seconds for each request.
            priority: Who goes first; normal by default.

        Yields:
            What each request's answer tells.

        Raises:
            ConfigError: A record has no `id`.
            OutcomeUnknown: The answer to a request was lost.
            RequestError: As for `update`.

        Source: Sagicc, "Uso de la API", PUT without id.
        """
        for several in _batches(resources, batch):
            if any("id" not in one for one in several):
                raise ConfigError("each record to update holds its id")
            body = to_wire({"resources": [_changes(one) for one in several]})
            request = Request(method="PUT", path=self._place(), body=body)
            yield read_written(await self._send("update_many", request, deadline=deadline, priority=priority))

    async def delete(
        self,
        id: int | str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> None:
        """
        Delete a record.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: There was no such record. If an answer was lost and the next try finds nothing, it is done.

        Source: Sagicc, "Uso de la API", DELETE with id.
        """
        request = Request(method="DELETE", path=self._place_of(id))
        try:
            await self._send("delete", request, deadline=deadline, priority=priority)
        except NotFound as error:
            if not error.in_doubt:
                raise

    async def delete_many(
        self,
        ids: Iterable[int],
        *,
        bulk: bool = False,
        at_most: int = _MOST,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> None:
        """
        Delete records: each by its own request, since a body that is lost on the way may mean to delete what nobody said.

        Args:
            ids: Which; never none.
            bulk: Send them in one request, `{"ids": [1, 2, 3]}`. Some proxies drop the body of a DELETE, and what Sagicc
                does then is not documented.
            at_most: More ids than this are refused: say their number to mean it.
            deadline: Seconds for each request.
            priority: Who goes first; normal by default.

        Raises:
            ConfigError: No ids, one that is none, or more than `at_most`; nothing is deleted.
            NotFound: There is no such record; those before it are deleted.
            OutcomeUnknown: The answer to a bulk request was lost.

        Source: Sagicc, "Uso de la API", DELETE, `ids`.
        """
        if isinstance(ids, str | bytes):
            raise ConfigError("ids to delete are a list, such as [1, 2, 3]; a text would be taken apart")
        chosen = list(ids)
        if not chosen:
            raise ConfigError("name the ids to delete: what Sagicc deletes without any is not documented")
        if len(chosen) > at_most:
            raise ConfigError(
                f"{len(chosen)} records are more than at_most={at_most}; say at_most={len(chosen)} to mean it"
            )
        for one in chosen:
            self._place_of(one)  # each must be an id, before the first of them is deleted
        if not bulk:
            for one in chosen:
                await self.delete(one, deadline=deadline, priority=priority)
            return
        request = Request(method="DELETE", path=self._place(), body=to_wire({"ids": [int(one) for one in chosen]}))
        await self._send("delete_many", request, deadline=deadline, priority=priority)

    async def _create(
        self,
        resources: Sequence[Mapping[str, Any]],
        unique: Sequence[str],
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> Written:
        request = Request(method="POST", path=self._place(), body=to_wire({"resources": resources}))
        try:
            response = await self._send("create", request, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            condition = _same(resources[0], unique)
            if condition is None:
                raise
            given_up = self._adapter.account.clock.now()
            raise error.with_lookup(lambda: self._created(condition, given_up)) from error.__cause__
        return read_written(response)

    async def _created(self, condition: Condition, given_up: float) -> Outcome:
        """
        What became of a creation.

        Args:
            condition: By which its record is found.
            given_up: When its answer was, on the manager's clock: the request may be under way for a while after that.
        """
        account = self._adapter.account
        pending = given_up + account.terms.rules.settle - account.clock.now()  # before looking: it may end meanwhile
        found = await self.list(where=condition, priority=Priority.NORMAL).first()
        if found is not None:
            return Found(found)
        if pending > 0:
            return StillOpen(f"Sagicc may still be at work on it; look again in {math.ceil(pending)} s")
        return Absent()


@functools.lru_cache(maxsize=1024)  # names may come from anywhere
def resource_of(name: str) -> type[ModelResource]:
    """The resource class of a model."""
    title = camel_case(name)
    return type(f"{title[:1].upper()}{title[1:]}Resource", (ModelResource,), {"name": name, "path": name})


def _same(columns: Mapping[str, Any], unique: Sequence[str]) -> Condition | None:
    """The condition by which a record that may have been created is found; `None` if nothing tells it apart."""
    joined: Condition | None = None
    for name in unique:
        try:
            one = F[name] == columns[name]
        except (ConfigError, ValidationFailed):
            return None
        joined = one if joined is None else joined & one
    return joined


def _changes(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    if not columns:
        raise ConfigError("there is nothing to change: give at least one column")
    if "relation" in columns:
        raise ConfigError("relation is documented for POST alone; update the related records in their own model")
    return columns


def _batches(resources: Iterable[Any], size: int) -> Iterable[Sequence[Any]]:
    if size < 1:
        raise ConfigError("a batch holds at least one record")
    several: list[Any] = []
    for one in resources:
        several.append(one)
        if len(several) == size:
            yield several
            several = []
    if several:
        yield several
