"""A list of things behind a scripted vendor, without sockets, and a clock by which every page is due for a commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sagicc_async import NumberPaging, Record, Request, Response, Stream, field, record
from sagicc_async.clock import SystemClock
from sagicc_async.export import Saved
from sagicc_async.records.convert import EncodedReader, PageReader, RawReader
from sagicc_async.records.plan import Plan
from sagicc_async.records.readers import Copied
from sagicc_async.wire.request import Parameter


@record
class Thing(Record):
    id: int = field()
    name: str | None = field(default=None)
    price: Decimal | None = field(wire="_price", default=None)
    tags: list[str] | None = field(default=None)


class Vendor:
    """
    Answers pages of ten things; the numbers have more digits than a float keeps.

    Attributes:
        rows: What the list holds, each record's own JSON.
        asked: The pages that were asked for.
        at: By page: an error to raise, or a function to call first.
        company: Digest of the company whose list it is; `None` where no account is behind it.
    """

    def __init__(self, records: int = 95) -> None:
        self.rows = [
            f'{{"id": {n}, "name": "caf\\u00e9 {n}", "_price": {n}.10000000000000000000, "nuevo": {{"x": 1.50}}}}'
            for n in range(1, records + 1)
        ]
        self.asked: list[int] = []
        self.at: dict[int, Exception | Callable[[], None]] = {}
        self.company: str | None = None

    async def fetch(self, request: Request, params: Mapping[str, Parameter], on_sent: Callable[[], None]) -> Response:
        page, size = int(params["page"]), int(params["size"])
        self.asked.append(page)
        on_sent()
        await asyncio.sleep(0)
        what = self.at.get(page)
        if isinstance(what, Exception):
            raise what
        if what is not None:
            what()
        rows = ",".join(self.rows[(page - 1) * size : page * size])
        return Response(status=200, body=b'{"result":[%b]}' % rows.encode())

    async def company_id(self) -> str:
        assert self.company is not None
        return self.company

    def stream(self, *, size: int = 10, **params: str) -> Stream[Thing]:
        paging = NumberPaging(number="page", size="size")

        def plan(reader: Any, identify: Any) -> Plan[Any]:
            return Plan(
                adapter="vendor",
                resource="thing",
                request=Request(method="GET", path="things", params=params),
                paging=paging,
                size=size,
                fetch=self.fetch,
                reader=reader,
                identify=identify,
                model=Thing,
                company_id=None if self.company is None else self.company_id,
            )

        typed = PageReader(Thing)

        def raw(encoded: bool, checked: bool, copy: bool) -> Plan[Any]:
            if encoded:
                views = EncodedReader(check=typed if checked else None)
                return plan(Copied(views) if copy else views, lambda line: str(json.loads(bytes(line))["id"]))
            return plan(RawReader(), lambda row: str(row["id"]))

        return Stream(plan(typed, lambda thing: str(thing.id)), raw=raw)

    def lines(self, upto: int | None = None) -> bytes:
        return "".join(f"{row}\n" for row in self.rows[:upto]).encode()


class EveryPageIsDue(SystemClock):
    """An hour passes at every look."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        self._now += 3600
        return self._now


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def hasty() -> EveryPageIsDue:
    return EveryPageIsDue()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "things.jsonl"


@pytest.fixture
def saved_of() -> Callable[[Path], Saved | None]:
    """What the checkpoint beside a target says, read as any program would read it."""

    def read(target: Path) -> Saved | None:
        sidecar = target.with_name(f"{target.name}.part.checkpoint")
        return Saved.from_json(sidecar.read_bytes(), sidecar) if sidecar.exists() else None

    return read
