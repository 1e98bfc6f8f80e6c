"""What an emulator does by itself, which no request waits for."""

from __future__ import annotations

import asyncio
from random import Random

import aiohttp
import attrs
import pytest

from sagicc_async import SessionClosed
from sagicc_async.sandbox import Call, Company, Reply, Sandbox, Store


@attrs.define(kw_only=True)
class Messenger:
    """A vendor that answers at once, and does something afterwards that goes on until it is let end."""

    name = "messenger"
    base_path = ""
    secret_names = frozenset()
    rows_at = ""

    done: list[str] = attrs.field(factory=list)
    go_on: asyncio.Event = attrs.field(factory=asyncio.Event)

    def tables(self):
        return []

    def issue(self, random: Random):
        return {"token": "t"}

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        """There is nothing."""

    def add(self, company, resource, record):
        raise AssertionError("no test here adds a record")

    def token(self, call: Call) -> None:
        return None

    def answer(self, call: Call, company: Company) -> Reply:
        company.start(self._work())
        return Reply()

    def refuse(self, call: Call, reason: str) -> Reply:
        raise AssertionError("no test here adds a record")

    async def _work(self) -> None:
        self.done.append("begun")
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.done.append("cancelled")
            raise
        self.done.append("ended")


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as http:
        yield http


async def _until(done: list[str], last: str) -> None:
    while last not in done:
        await asyncio.sleep(0)


async def test_it_goes_on_after_the_answer_and_is_no_request(session):
    vendor = Messenger()
    async with Sandbox([vendor]) as sandbox:
        async with session.get(f"{sandbox['messenger'].base_url}/") as answer:
            assert answer.status == 200
        await _until(vendor.done, "begun")
        assert sandbox["messenger"].stats.in_flight == 0
        vendor.go_on.set()
        await _until(vendor.done, "ended")
        assert len(sandbox["messenger"].requests) == 1
    assert vendor.done == ["begun", "ended"]


async def test_closing_the_sandbox_cancels_it(session):
    vendor = Messenger()
    async with Sandbox([vendor]) as sandbox:
        async with session.get(f"{sandbox['messenger'].base_url}/"):
            pass
        await _until(vendor.done, "begun")
    assert vendor.done == ["begun", "cancelled"]


@pytest.mark.parametrize(("data", "done"), [(True, ["begun", "cancelled"]), (False, ["begun", "ended"])])
async def test_beginning_anew_cancels_it_unless_the_data_stays(session, data, done):
    vendor = Messenger()
    async with Sandbox([vendor]) as sandbox:
        async with session.get(f"{sandbox['messenger'].base_url}/"):
            pass
        await _until(vendor.done, "begun")
        sandbox["messenger"].reset(data=data)
        if not data:
            vendor.go_on.set()
        await _until(vendor.done, done[-1])
    assert vendor.done == done


async def test_nothing_begins_where_no_sandbox_is_open():
    company = Company(store=None)
    with pytest.raises(SessionClosed, match="not open"):
        company.start(Messenger()._work())
