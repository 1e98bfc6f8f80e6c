"""
What can be done with a resource, one class an operation; a resource puts together those that Siigo documents for it.

    class JournalsResource(Keyed[Journal, JournalIn], Gettable[Journal]): ...
"""

from __future__ import annotations

import abc
from collections.abc import AsyncIterable, Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar, cast

from sagicc_async import (
    ConfigError,
    Conflict,
    Deadline,
    FieldError,
    NotFound,
    Outcome,
    Priority,
    ProtocolError,
    Record,
    Request,
    Safety,
    to_wire,
)

from .comparison import differences
from .conversion import plain
from .models import Deleted
from .recovery import Search, aware, look_up
from .resource import SiigoResource

T = TypeVar("T", bound=Record)
Q = TypeVar("Q", bound=Record)

#: Says which documented rules a document breaks.
Rules: TypeAlias = Callable[[Mapping[str, Any]], list[FieldError]]

#: Operations of resources with single records, and of those that can be written. A lost write is never sent again.
READ: Final = {"list": Safety.REPEATABLE, "get": Safety.REPEATABLE}
WRITE: Final = {"create": Safety.UNSAFE, "update": Safety.UNSAFE, "edit": Safety.UNSAFE}

#: Seconds between calls with a key whose document Siigo is still creating: our choice, nothing is documented.
_STILL_CREATING: Final = (1.0, 2.0, 4.0, 8.0)


class Gettable(SiigoResource[T]):
    """A resource with single records."""

    async def get(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> T:
        """
        Read one record.

        Args:
            id: The vendor's id.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            NotFound: Siigo has no record with this id.
            RequestError: See `errors`.

        Cancelling is harmless.
        """
        kind = cast("type[T]", self.model)
        return await self._fetch("get", kind, self._place(id), deadline, priority)


class Creatable(SiigoResource[T], Generic[T, Q]):
    """A resource whose records can be created."""

    #: Classes of the request; the first is the one that a mapping is read as, unless `_kind_of` says otherwise.
    requests: ClassVar[tuple[type[Record], ...]]
    #: Says which documented rules a document breaks.
    rules: ClassVar[Rules]
    #: How a document is found again whose answer was lost.
    search: ClassVar[Search]

    async def create(
        self,
        record: Q | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> T:
        """
        Create a record.

        Args:
            record: The request's class, or a mapping with the vendor's keys.
            check: Check the documented rules before sending, since Siigo blocks users whose requests fail too often.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The record as Siigo has it.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.
            Conflict: A record with this code, number or identification exists.
            OutcomeUnknown: The answer was lost; it is never sent again. `reconcile()` looks for the record.

        Cancelling lets a request that is out finish in the background; its outcome comes as an event.
        """
        with self._adapter.together(deadline):
            document = await self._checked("create", record, check=check)
            return await self._created(document, {}, priority)

    async def reconcile(
        self,
        *,
        record: Q | Mapping[str, Any],
        key: str | None = None,
        since: datetime | None = None,
    ) -> Outcome:
        """
        Find out what became of a `create` whose answer was lost, also after a crash; nothing is written.

        Args:
            record: What was sent.
            key: The key that it was sent with, if it was. Siigo cannot be asked for it: where it takes keys, calling
                `create` again with the same key and record is the documented way, and this only looks.
            since: When it was sent, aware; documents that are older are passed over.

        Returns:
            `Found(record)`, `Absent()`, or `StillOpen(reason)`: several records fit, or none does yet.

        Raises:
            ConfigError: `since` has no time zone.
            RequestError: The look-up itself failed.
        """
        return await self._look_up(plain(record), aware(since), since)

    @abc.abstractmethod
    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[T]:
        """Records that a document may have become."""

    def _kind_of(self, document: Mapping[str, Any]) -> type[Record]:
        """The class that a mapping is read as."""
        return self.requests[0]

    async def _checked(self, operation: str, record: Record | Mapping[str, Any], *, check: bool) -> dict[str, Any]:
        """
        A copy of what is to be sent, checked: what is looked up later must be what was sent.

        Raises:
            ValidationFailed: See `create`.
        """
        document = plain(record)
        if not check:
            return document
        if isinstance(record, Mapping):
            self._fits(operation, document)
        errors = [*type(self).rules(document), *await self._also_wrong(document)]
        if errors:
            raise self._refuse(operation, errors)
        return document

    def _fits(self, operation: str, document: Mapping[str, Any]) -> None:
        kind = self._kind_of(document)
        try:
            kind.from_dict(document)
        except ConfigError as error:
            wrong = str(error)
        else:
            return
        path = wrong.rpartition(" at $")[2].lstrip(".")
        raise self._refuse(operation, [FieldError("invalid_type", path, wrong)])

    async def _also_wrong(self, document: Mapping[str, Any]) -> list[FieldError]:
        """What is checked with the help of the company's catalogues."""
        return []

    async def _created(self, document: dict[str, Any], headers: Mapping[str, str], priority: Priority | None) -> T:
        """Send a POST: once, or again under its key if it has one."""
        request = Request(method="POST", path=self.path, headers=headers, body=to_wire(document))
        return await self._write(
            "create",
            cast("type[T]", self.model),
            request,
            priority,
            safety=Safety.KEYED if headers else Safety.UNSAFE,
            lookup=lambda lost: self._look_up(document, lost.begun, lost.given_up),
        )

    async def _look_up(self, document: Mapping[str, Any], since: datetime | None, given_up: datetime | None) -> Outcome:
        candidates = self._candidates(document, since)
        return await look_up(self.search, document, candidates, since=since, pending=lambda: self._pending(given_up))


class Keyed(Creatable[T, Q]):
    """A resource whose `create` takes an idempotency key (Siigo, "Idempotency-Key")."""

    async def create(
        self,
        record: Q | Mapping[str, Any],
        *,
        key: str | None = None,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> T:
        """
        Create a document, never twice under one key.

        Args:
            record: The request's class, or a mapping with the vendor's keys.
            key: Any text that is this document's alone, such as an order number. It becomes a key of Siigo's that is
                the same in every process and release, so calling again with the same key and record, also after a
                crash, gives the document that exists; without one a lost answer is `OutcomeUnknown`.
            check: Check the documented rules before sending, since Siigo blocks users whose requests fail too often.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The document as Siigo has it.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.
            Conflict: The key belongs to another document, whose differences stand in `errors`; or the number exists.
            OutcomeUnknown: Without a key: the answer was lost. `reconcile()` looks for the document.
            ServerError: With a key: no answer came; call again with the same key.

        Cancelling lets a request that is out finish in the background; its outcome comes as an event.

        Source: Siigo, "Idempotency-Key".
        """
        with self._adapter.together(deadline) as limit:
            document = await self._checked("create", record, check=check)
            if key is None:
                return await self._created(document, {}, priority)
            headers = await self._adapter.key_headers(f"POST {self.path}", key)
            made = await self._created_once(document, headers, priority, limit)
        wrong = differences(document, made.to_dict(), self.search.compared)
        if wrong:
            raise self._taken(made, wrong)
        return made

    async def _created_once(
        self,
        document: dict[str, Any],
        headers: Mapping[str, str],
        priority: Priority | None,
        limit: Deadline | None,
    ) -> T:
        """Ask once more where Siigo said yes in words that cannot be read: under its key that creates nothing twice."""
        try:
            return await self._created_or_awaited(document, headers, priority, limit)
        except ProtocolError as error:
            if error.attempts:  # it was not even JSON, and was asked for again already
                raise
        return await self._created_or_awaited(document, headers, priority, limit)

    async def _created_or_awaited(
        self,
        document: dict[str, Any],
        headers: Mapping[str, str],
        priority: Priority | None,
        limit: Deadline | None,
    ) -> T:
        """Call again while Siigo is still creating the document of an earlier call with this key."""
        for wait in _STILL_CREATING:
            try:
                return await self._created(document, headers, priority)
            except Conflict as error:
                left = None if limit is None else limit.remaining()
                if error.code != "duplicated_document" or (left is not None and left <= wait):
                    raise
            await self._adapter.account.clock.sleep(wait)
        return await self._created(document, headers, priority)

    def _taken(self, made: T, wrong: list[str]) -> Conflict:
        return Conflict(
            f"the key was used before for another document of Siigo's, {getattr(made, 'id', '')}",
            vendor=self._adapter.vendor,
            account=self._label,
            operation=f"{self.name}.create",
            hint="one key is one document: take another key for another document",
            errors=[FieldError("key_taken", path, "the document of this key has another value here") for path in wrong],
        )


class Deletable(SiigoResource[T]):
    """A resource whose records can be deleted."""

    async def delete(
        self,
        id: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Deleted:
        """
        Delete a record.

        Args:
            id: Which.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The id, and that it is deleted.

        Raises:
            NotFound: There was no such record. If an answer was lost and the next try finds nothing, it is done.
            Conflict: The record has movements or related documents.
            PermissionDenied: Siigo has switched deleting off for this company.

        Cancelling lets a request that is out finish in the background.
        """
        request = Request(method="DELETE", path=self._place(id))
        try:
            response = await self._send("delete", request, deadline=deadline, priority=priority)
        except NotFound as error:
            if not error.in_doubt:
                raise
            return Deleted(id=id, deleted=True)
        return self._read("delete", Deleted, response) if response.body.strip() else Deleted(id=id, deleted=True)
