"""What all resources of Siigo have in common: lists, single records, and how documents are written."""

from __future__ import annotations

import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, cast

import attrs

from sagicc_async import (
    ConfigError,
    Deadline,
    FieldError,
    NumberPaging,
    Outcome,
    OutcomeUnknown,
    Paging,
    Priority,
    ProtocolError,
    Record,
    Request,
    Resource,
    Response,
    Safety,
    Stream,
    Unsupported,
    ValidationFailed,
    read_record,
)

from .filters import Filter, Moment, earlier, query
from .readers import ENVELOPE, SiigoReaders
from .recovery import Lost

if TYPE_CHECKING:
    from .adapter import Siigo

T = TypeVar("T")
R = TypeVar("R", bound=Record)

#: Pages are numbered from 1. Links are never followed: they are absolute, and lead to the vendor's own host.
PAGING: Final = NumberPaging(number="page", size="page_size", total="pagination.total_results", stable=True)


@attrs.frozen(kw_only=True)
class WholePaging(NumberPaging):
    """
    Pages of a list that is documented as one array.

    It is asked for as documented, without a page. Should Siigo send it in an envelope, what follows the first page is
    asked for by its number alone, so that pages stay as large as Siigo made that one.
    """

    def params(self, cursor: int | str, size: int) -> Mapping[str, str | int]:
        """Nothing, then the number."""
        return {} if cursor == self.first else {self.number: cursor}

    def numbered(self, number: int, size: int) -> int | str:
        """The first page is all there is; how large others would be is not known before it has come."""
        if number != 1:
            raise Unsupported("this list has one page")
        return self.first


#: Of catalogues.
WHOLE: Final = WholePaging(number="page", size="page_size", total="pagination.total_results", stable=True)


class SiigoResource(Resource[T]):
    """
    What all resources of Siigo have in common.

    A page holds up to 100 records, and requests are what Siigo limits; so 100 are asked for. Rows move to later pages
    while new ones come in, so records that the page before had are dropped by their id.
    """

    _adapter: Siigo

    paging: ClassVar[Paging] = PAGING
    items: ClassVar[str | None] = ENVELOPE
    page_size: ClassVar[int] = 100
    #: Keywords of `list` whose lists together hold all records, where the list without any may leave some out.
    parts: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def _stream(self, params: Mapping[str, str | int | None], **options: Any) -> Stream[T]:
        return self._stream_as(
            self.model, params, paging=self.paging, readers=SiigoReaders(self.paging.meta), **options
        )

    def everything(self) -> Sequence[Stream[T]]:
        """The lists that together hold all records; a record may be on several."""
        listed: Any = self.list
        return [listed(**part) for part in self.parts]

    def changes(self, since: datetime) -> Sequence[Stream[T]] | None:
        """
        What was changed, and what was created, since a moment: two lists, each with the overlap of `updated_since`.

        Whether a record that was created and never changed is among those that `updated_start` finds is not documented.
        Where `list` alone may leave records out, there are two for each of its parts.
        """
        if super().changes(since) is None:
            return None
        created = earlier(since, timedelta(seconds=self._adapter.settings.overlap), self._zone)
        listed: Any = self.list
        either = {"updated_since": since}, {"created_start": created}
        return [listed(**part, **moment) for part in self.parts for moment in either]

    def _list(
        self,
        filters: Mapping[str, Filter],
        params: Mapping[str, str | int | None] | None,
        *,
        page: int | None = None,
        page_size: int | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
        default: Priority = Priority.BULK,
    ) -> Stream[T]:
        """
        Stream a list with the filters that are not `None`.

        Raises:
            ValidationFailed: A filter's value cannot be sent.
        """
        return self._stream(
            {**query(filters, self._zone), **(params or {})},
            size=page_size,
            start=page,
            deadline=deadline,
            priority=priority,
            default=default,
        )

    async def _anywhere(self, **filters: Any) -> AsyncIterator[T]:
        """Records of all parts of the list, each of them once."""
        seen, listed = set(), cast("Any", self.list)
        for part in self.parts:
            async for record in listed(**filters, **part):
                if record.id not in seen:
                    seen.add(record.id)
                    yield record

    def _updated_start(self, start: Moment | None, since: Moment | None) -> Moment | None:
        """
        The filter for what changed since a moment, with the overlap that keeps rows of an unclear time.

        Raises:
            ConfigError: Both are given.
        """
        if since is None:
            return start
        if start is not None:
            raise ConfigError("updated_start= and updated_since= exclude each other")
        return earlier(since, timedelta(seconds=self._adapter.settings.overlap), self._zone)

    @property
    def _zone(self) -> tzinfo:
        return self._adapter.account.terms.zone

    @property
    def _label(self) -> str:
        return self._adapter.account.terms.label

    def _place(self, id: str | int, *below: str) -> str:  # noqa: A002 - the vendor's word
        """
        The path of a record, or of something below it.

        Raises:
            ConfigError: The id is empty, so that the path would be the list's.
        """
        text = str(id)
        if not text.strip():
            raise ConfigError(f"{self.name} needs the record's id")
        return "/".join((self.path, urllib.parse.quote(text, safe=""), *below))

    async def _fetch(
        self,
        operation: str,
        kind: type[R],
        path: str,
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> R:
        """Read one thing by its path."""
        request = Request(method="GET", path=path)
        response = await self._send(operation, request, deadline=deadline, priority=priority)
        return self._read(operation, kind, response)

    async def _write(
        self,
        operation: str,
        kind: type[R],
        request: Request,
        priority: Priority | None,
        *,
        deadline: Deadline | float | None = None,
        safety: Safety = Safety.UNSAFE,
        lookup: Callable[[Lost], Awaitable[Outcome]] | None = None,
    ) -> R:
        """
        Send a write, and read its answer.

        Args:
            operation: Which.
            kind: Class of the answer.
            request: What to send.
            priority: Who goes first.
            deadline: Seconds for everything, where it is all of an operation; else those that its requests share hold.
            safety: Whether it may be sent again.
            lookup: Finds out what became of it.

        Raises:
            OutcomeUnknown: The answer was lost, or Siigo said yes in words that cannot be read.
        """
        begun = self._now()
        unknown: OutcomeUnknown
        try:
            response = await self._send(operation, request, safety=safety, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            unknown, cause = error, error.__cause__
        else:
            try:
                return self._read(operation, kind, response)
            except ProtocolError as error:
                if safety is not Safety.UNSAFE:
                    raise
                unknown, cause = self._unread(operation, response), error
        lost = Lost(begun, self._now())
        raise (unknown if lookup is None else unknown.with_lookup(lambda: lookup(lost))) from cause

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._adapter.account.clock.wall(), UTC)

    def _unread(self, operation: str, response: Response) -> OutcomeUnknown:
        return OutcomeUnknown(
            "Siigo accepted the request, but its answer could not be read",
            vendor=self._adapter.vendor,
            account=self._label,
            operation=f"{self.name}.{operation}",
            status=response.status,
            hint="look whether it took effect: await error.reconcile()",
        )

    def _pending(self, given_up: datetime | None) -> float:
        """Seconds for which Siigo may still be at work on what was given up then; not positive if it must be done."""
        if given_up is None:
            return 0.0
        return (given_up - self._now()).total_seconds() + self._adapter.account.terms.rules.settle

    def _read(self, operation: str, kind: type[R], response: Response) -> R:
        """
        Read a record out of an answer.

        Raises:
            ProtocolError: It is not what Siigo documents; the message has the path.
        """
        try:
            return read_record(kind, response.body, zone=self._zone)
        except ProtocolError as error:
            error.vendor, error.account, error.operation = self._adapter.vendor, self._label, f"{self.name}.{operation}"
            error.status = response.status
            raise

    def _refuse(self, operation: str, errors: list[FieldError]) -> ValidationFailed:
        """The error for a document that breaks documented rules: nothing was sent."""
        paths = ", ".join(dict.fromkeys(error.path for error in errors if error.path))
        return ValidationFailed(
            f"nothing was sent: {len(errors)} of Siigo's documented rules are broken, at {paths}",
            vendor=self._adapter.vendor,
            account=self._label,
            operation=f"{self.name}.{operation}",
            hint="errors says what to change; check=False sends it as it is",
            errors=errors,
        )


def unmodelled(adapter: Siigo, path: str) -> SiigoResource[dict[str, Any]]:
    """A list that has no class of its own, in either form of Siigo's lists."""

    class Unmodelled(SiigoResource[dict[str, Any]]):
        """A list that has no class of its own."""

    # Its name stands in errors, where neither a query nor the user of a whole URL must.
    Unmodelled.name = path.partition("?")[0].partition("#")[0].rpartition("@")[2]
    Unmodelled.path, Unmodelled.model = path, Record
    return Unmodelled(adapter)
