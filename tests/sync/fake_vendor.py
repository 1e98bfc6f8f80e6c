"""A vendor in memory, whose lists tests change, break and hold; and a manager that opens it."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable, Mapping
from types import SimpleNamespace
from typing import Any

import attrs

from sagicc_async import Checkpoint, ConfigError, NumberPaging, Paging, Record, Stream
from sagicc_async.sync.accounts import SyncAccount

from ..streams.conftest import FakeList

COUNTED = NumberPaging(number="page", size="size", total="total", stable=True)
UNCOUNTED = NumberPaging(number="page", size="size", stable=True)


def things(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": number, "name": f"thing {number}", **fields} for number in numbers]


@attrs.define(slots=False)
class FakeVendor:
    """
    Accounts with lists.

    Args:
        paging: How lists are cut, into pages of three.
        incremental: Whether it can list what changed.
        apart: Whether records that are `inactive` stand in a list of their own.
        model: What is declared of its records, which come as mappings all the same.
        company: Whose all records are.
        lists: By account and resource.
        before: Called with account, resource and request before each page; it may wait or raise.
    """

    paging: Paging = COUNTED
    incremental: bool = False
    apart: bool = False
    model: type[Record] | None = None
    company: str = ""
    lists: dict[tuple[str, str], FakeList] = attrs.field(factory=dict)
    before: Callable[[str, str, Any], Any] = lambda account, resource, request: None
    asked_since: list[datetime.datetime] = attrs.field(factory=list)
    opened: list[str] = attrs.field(factory=list)
    forgotten: list[str] = attrs.field(factory=list)
    hooks: list[Any] = attrs.field(factory=list)

    #: What a manager has.
    bulk_connections = 100

    def put(self, account: str, resource: str, records: list[dict[str, Any]]) -> FakeList:
        made = FakeList(records, before=lambda request: self.before(account, resource, request))
        self.lists[account, resource] = made
        return made

    def account(self, name: str, **fields: Any) -> SyncAccount:
        return SyncAccount(name=name, vendor="fake", credentials={}, **fields)

    async def source(self) -> AsyncIterator[SyncAccount]:
        for name in dict.fromkeys(account for account, _ in self.lists):
            yield self.account(name)

    def __aiter__(self) -> AsyncIterator[SyncAccount]:
        return self.source()

    def open(self, vendor: Any, credentials: Any, *, account: str, **settings: Any) -> FakeAdapter:
        self.opened.append(account)
        if settings.get("base_url") == "wrong":
            raise ConfigError("base_url is no URL")
        return FakeAdapter(self, account)

    def forget(self, account: str) -> None:
        self.forgotten.append(account)

    def on(self, hook: Any) -> Callable[[], None]:
        self.hooks.append(hook)
        return lambda: self.hooks.remove(hook)


@attrs.define
class FakeAdapter:
    """An account, opened."""

    _vendor: FakeVendor
    _account: str
    vendor = "fake"

    def resource_classes(self) -> Mapping[str, Any]:
        able = SimpleNamespace(operations={"list": None})
        return {name: able for account, name in self._vendor.lists if account == self._account}

    def __getitem__(self, name: str) -> FakeResource:
        if (self._account, name) not in self._vendor.lists:
            raise ConfigError(f"fake has no resource {name!r}")
        return FakeResource(self._vendor, self._account, name)


@attrs.define
class FakeResource:
    """One list of one account."""

    _vendor: FakeVendor
    _account: str
    name: str
    identity = None

    @property
    def _all(self) -> FakeList:
        return self._vendor.lists[self._account, self.name]

    def list(self) -> Stream[Any]:
        return self._listed("all")

    def everything(self) -> list[Stream[Any]]:
        return [self.list(), self._listed("inactive")] if self._vendor.apart else [self.list()]

    def resume(self, checkpoint: Checkpoint) -> Stream[Any]:
        return self._listed(checkpoint.query["params"]["q"], checkpoint)

    def changes(self, since: datetime.datetime) -> list[Stream[Any]] | None:
        """What carries a `changed` that is not before `since`."""
        if not self._vendor.incremental:
            return None
        self._vendor.asked_since.append(since)
        return [self._listed(since.isoformat())]

    def _listed(self, query: str, checkpoint: Checkpoint | None = None) -> Stream[Any]:
        if query not in ("all", "inactive"):
            return self._stream(self._changed(query), query, checkpoint)
        if not self._vendor.apart:
            return self._stream(self._all, query, checkpoint)
        rows = [row for row in self._all.records if row.get("inactive", False) is (query == "inactive")]
        return self._stream(FakeList(rows, before=self._all.before), query, checkpoint)

    def _changed(self, since: str) -> FakeList:
        changed = [row for row in self._all.records if row.get("changed", "") >= since]
        return FakeList(changed, before=self._all.before)

    def _stream(self, served: FakeList, query: str, checkpoint: Checkpoint | None = None) -> Stream[Any]:
        plan = served.plan(self._vendor.paging, size=3)
        request = attrs.evolve(plan.request, params={"q": query})
        plan = attrs.evolve(plan, resource=self.name, request=request, model=self._vendor.model)
        return Stream(attrs.evolve(plan, company_id=self._company), resume=checkpoint)

    async def _company(self) -> str:
        return self._vendor.company
