"""Records that can be replaced as a whole, which is all that Siigo offers, and those that can be changed in some fields."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from sagicc_async import ConfigError, Deadline, NotFound, Outcome, Priority, Record, Request, to_wire

from .conversion import as_request, fields_of, merged, plain
from .operations import Creatable, Gettable
from .recovery import Lost, compare, not_there
from .unshown import Unshown, explain

T = TypeVar("T", bound=Record)
Q = TypeVar("Q", bound=Record)


class Replaceable(Creatable[T, Q]):
    """A resource whose records can be replaced as a whole."""

    async def update(
        self,
        id: str,  # noqa: A002 - the vendor's word
        record: Q | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> T:
        """
        Replace a record by the whole of another: a field that is left out ends empty. `edit` changes some.

        Args:
            id: Which.
            record: All of it, as for `create`.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The record as Siigo has it now.

        Raises:
            NotFound: Siigo has no record with this id.
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.
            Conflict: A field was changed that cannot be changed any more.
            OutcomeUnknown: The answer was lost; it is never sent again. `reconcile()` compares what Siigo has.

        Cancelling lets a request that is out finish in the background; its outcome comes as an event.
        """
        with self._adapter.together(deadline):
            document = await self._checked("update", record, check=check)
            return await self._updated("update", id, document, priority)

    async def _updated(
        self,
        operation: str,
        id: str,  # noqa: A002 - the vendor's word
        document: dict[str, Any],
        priority: Priority | None,
        *,
        before: T | None = None,
    ) -> T:
        """Send a PUT, once; `before` is the record as it was read for that."""
        return await self._write(
            operation,
            cast("type[T]", self.model),
            Request(method="PUT", path=self._place(id), body=to_wire(document)),
            priority,
            lookup=lambda lost: self._compare(id, document, before, lost),
        )

    async def _compare(
        self,
        id: str,  # noqa: A002 - the vendor's word
        document: Mapping[str, Any],
        before: T | None,
        lost: Lost,
    ) -> Outcome:
        """Whether the record is what was written."""
        record, pending = await self._current(id), self._pending(lost.given_up)
        if record is None:
            return not_there(pending)
        return compare(document, record, before=before, since=lost.begun, pending=pending)

    @abc.abstractmethod
    async def _current(self, id: str) -> T | None:  # noqa: A002 - the vendor's word
        """The record as it is now, if there is one."""


class Updatable(Gettable[T], Replaceable[T, Q]):
    """A resource whose records can be replaced, and changed in some fields."""

    #: What its records may have that no documented answer shows.
    unshown: ClassVar[tuple[Unshown, ...]] = ()

    async def edit(
        self,
        id: str,  # noqa: A002 - the vendor's word
        changes: Q | Mapping[str, Any] | None = None,
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        **fields: Any,
    ) -> T:
        """
        Read a record, change fields, and write the whole back, since `update` replaces everything.

        Where a record may have something that Siigo does not show (`unshown`, such as a purchase's retentions), say what
        it is to be, too: written back as it was read, it would be lost.

        Args:
            id: Which.
            changes: The request's class with the fields to change alone, or a mapping; an object's fields are changed
                one by one, a list as a whole.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.
            **fields: Fields to change, by name: `edit(id, name="Camiseta")`. `None` empties one, or says of what Siigo
                does not show that there is none.

        Returns:
            The record as Siigo has it now.

        Raises:
            ConfigError: There is nothing to change, no such field, or something that Siigo does not show might be lost;
                the message names the fields to give. Nothing was written.
            NotFound: Siigo has no record with this id.
            RequestError: As for `update`.
        """
        wanted = self._changes(changes, fields)
        with self._adapter.together(deadline):
            found = await self.get(id, priority=priority)
            await self._refuse_to_lose(found, wanted)
            document = merged(await self._as_request(found, wanted), wanted)
            checked = await self._checked("edit", document, check=check)
            return await self._updated("edit", id, checked, priority, before=found)

    async def _refuse_to_lose(self, found: T, changes: Mapping[str, Any]) -> None:
        """
        Look whether the changes say all that the record does not.

        Raises:
            ConfigError: They do not.
        """
        document = found.to_dict()
        left = [field for field in self.unshown if field.is_open(document, changes)]
        lost = [field for field in left if await self._is_possible(field, document)]
        if lost:
            raise ConfigError(explain(self.name, lost))

    async def _is_possible(self, field: Unshown, document: Mapping[str, Any]) -> bool:
        """Whether a record may have something that is not shown, as far as can be known."""
        return True

    async def _as_request(self, found: T, changes: Mapping[str, Any]) -> dict[str, Any]:
        """
        The request that would write a record as it is.

        Args:
            found: The record.
            changes: What is going to be laid over it: fields in there need not be known.

        Raises:
            ConfigError: Siigo does not show something that would be lost.
        """
        document = found.to_dict()
        return as_request(self._kind_of(document), document)

    def _changes(self, changes: Record | Mapping[str, Any] | None, fields: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {**({} if changes is None else plain(changes)), **plain(fields)}
        known = {name for kind in self.requests for name in fields_of(kind)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise ConfigError(f"{self.name} has no field {unknown[0]!r} to change; it has {', '.join(sorted(known))}")
        if not wanted:
            raise ConfigError("there is nothing to change: give at least one field")
        return wanted

    async def _current(self, id: str) -> T | None:  # noqa: A002 - the vendor's word
        try:
            return await self.get(id)
        except NotFound:
            return None
