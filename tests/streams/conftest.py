"""A vendor's list in memory, cut into pages the ways that real servers cut them."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from sagicc_async import LinkPaging, NumberPaging, OffsetPaging, Paging, Request, Response, SinglePage, Stream
from sagicc_async.records.convert import EncodedReader, RawReader
from sagicc_async.records.plan import Plan
from sagicc_async.wire.request import Parameter

LINK = "https://vendor.test/items?at="

PAGING: dict[str, Paging] = {
    "number": NumberPaging(number="page", size="size"),
    "number from 0": NumberPaging(number="page", size="size", first=0),
    "number and total": NumberPaging(number="page", size="size", total="total"),
    "offset": OffsetPaging(offset="offset", limit="size"),
    "offset and total": OffsetPaging(offset="offset", limit="size", total="paging.total"),
    "link": LinkPaging(size="size", next="next"),
    "link header": LinkPaging(size="size"),
    "single": SinglePage(),
}


class FakeList:
    """
    A list, and the server that pages it.

    Args:
        records: The records, or how many with the ids 1, 2, 3... there are.
        cap: Most records on a page, whatever was asked for.
        fixed: Whether the server ignores which page was asked for.
        before: Called with each request before it is answered; it may wait, raise, or change `records`.
        sending: Called with each request before it counts as sent; it may wait.
        total: How many records it says there are, if not as many as there are.
    """

    def __init__(
        self,
        records: int | Iterable[dict[str, Any]],
        *,
        cap: int | None = None,
        fixed: bool = False,
        before: Callable[[Request], Any] | None = None,
        sending: Callable[[Request], Any] | None = None,
        total: int | None = None,
    ) -> None:
        self.records = [{"id": n} for n in range(1, records + 1)] if isinstance(records, int) else list(records)
        self.cap, self.fixed, self.before, self.sending = cap, fixed, before, sending
        self.total = total
        self.requests: list[Request] = []
        self.counts: list[int] = []  # records on each page that was sent
        self.date = "Sun, 22 Nov 2026 12:00:00 GMT"

    def plan(self, paging: Paging, *, size: int, encoded: bool = False, **fields: Any) -> Plan[Any]:
        readers = EncodedReader if encoded else RawReader
        defaults = {
            "identify": identify,
            "request": Request(method="GET", path="items", params={"q": "a"}),
            "reader": readers(items="items", meta=paging.meta),
        }
        return Plan(adapter="fake", resource="items", paging=paging, size=size, fetch=self.fetch, **(defaults | fields))

    def stream(
        self, paging: Paging = PAGING["number"], *, size: int = 3, resume: Any = None, **fields: Any
    ) -> Stream[Any]:
        return Stream(self.plan(paging, size=size, **fields), resume=resume)

    async def fetch(self, request: Request, params: Mapping[str, Parameter], on_sent: Callable[[], None]) -> Response:
        request = attrs.evolve(request, params={**request.params, **params})
        self.requests.append(request)
        if self.sending is not None and (waits := self.sending(request)) is not None:
            await waits
        on_sent()
        if self.before is not None and (waits := self.before(request)) is not None:
            await waits
        start, size = self._place(request)
        page = self.records[start : start + size]
        self.counts.append(len(page))
        after = f"{LINK}{start + size}&size={size}" if start + size < len(self.records) else None
        total = len(self.records) if self.total is None else self.total
        body = {"items": page, "total": total, "paging": {"total": total}, "next": after, "answer": len(self.requests)}
        headers = CIMultiDict({"Date": self.date})
        if after is not None:
            headers["Link"] = f'<{LINK}0>; rel="first", <{after}>; rel="next"'
        return Response(status=200, headers=CIMultiDictProxy(headers), body=json.dumps(body).encode())

    def _place(self, request: Request) -> tuple[int, int]:
        query: dict[str, Any] = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query))
        query |= request.params
        if "size" not in query:
            return 0, len(self.records)
        size = min(int(query["size"]), self.cap or int(query["size"]))
        if self.fixed:
            return 0, size
        if "offset" in query:
            return int(query["offset"]), size
        if "page" in query:
            return (int(query["page"]) - self._first_page) * size, size
        return int(query.get("at", 0)), size

    _first_page = 1

    def counting_from(self, first: Any) -> FakeList:
        """Number the pages as a paging strategy expects it."""
        self._first_page = first if isinstance(first, int) else 1
        return self


def identify(record: dict[str, Any]) -> str | None:
    return None if record.get("id") is None else str(record["id"])


@pytest.fixture(scope="session")
def fake_list() -> type[FakeList]:
    return FakeList


@pytest.fixture(scope="session")
def strategies() -> dict[str, Paging]:
    return PAGING


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `strategy` runs with each."""
    if "strategy" in metafunc.fixturenames:
        metafunc.parametrize("strategy", PAGING.values(), ids=PAGING.keys())
