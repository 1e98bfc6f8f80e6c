"""Documents created by a program that loses answers and is killed: with keys each is there once, without at most once."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sagicc_async import Absent, Found
from sagicc_async.sandbox import from_json

from .documents import TRANSFER, invoice, purchase

PROGRAM = (sys.executable, str(Path(__file__).with_name("crash_client.py")))
#: A minute of Siigo's.
WINDOW = {"requests": 100, "window": 0.5}
SLOW_DOWN = {"Status": 429, "Errors": [{"Code": "requests_limit", "Message": "Try again in 1 seconds.", "Params": []}]}

#: What happens to requests: the answer is lost, before or after the work; the vendor fails, or asks to slow down.
FAULTS = [
    ("reset_before", {"probability": 0.03}),
    ("reset_after", {"probability": 0.03}),
    ("reset_after", {"probability": 0.02, "done": False}),
    ("truncate", {"probability": 0.02}),
    ("status", {"probability": 0.03, "status": 503}),
    ("status", {"probability": 0.03, "status": 500, "done": True}),
    ("garbage", {"probability": 0.02, "done": True}),
    ("status", {"probability": 0.01, "times": 3, "status": 429, "body": SLOW_DOWN}),
]


class Run:
    """A plan, the program that works on it, and its journal."""

    def __init__(self, here, folder, resource, documents, *, keyed):
        self._here, self._plan, self._journal = here, folder / "plan.json", folder / "journal"
        plan = {
            "resource": resource,
            "keyed": keyed,
            "documents": documents,
            "base_url": here.vendor.base_url,
            "credentials": here.vendor.credentials,
            "settings": here.vendor.settings,
        }
        self._plan.write_text(json.dumps(plan))

    async def killed_after(self, requests):
        """Let the program work for so many requests, and kill it in the middle of others."""
        process = await self._start()
        enough = self._here.vendor.stats.requests + requests
        working = asyncio.create_task(self._here.vendor.until(lambda stats: stats.requests >= enough))
        ended = asyncio.create_task(process.communicate())
        await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
        assert not ended.done(), ended.result()
        process.kill()
        await asyncio.gather(working, ended)

    async def ended(self):
        """Let the program come to its end."""
        process = await self._start()
        _, said = await process.communicate()
        assert (process.returncode, said) == (0, b"")

    async def _start(self):
        paths = (str(self._plan), str(self._journal))
        return await asyncio.create_subprocess_exec(*PROGRAM, *paths, stderr=asyncio.subprocess.PIPE)

    def said(self, word):
        """The numbers of the documents of which the journal says this, with what else it says."""
        lines = [line.split() for line in self._journal.read_text().splitlines()]
        return {words[1]: words[2:] for words in lines if words[0] == word}


def strike(here, path):
    return [here.vendor.fault(kind, method="POST", path=path, **options) for kind, options in FAULTS]


@pytest.mark.parametrize("seed", [1])
async def test_a_thousand_keyed_invoices_are_there_once_each_whatever_was_lost_and_killed(
    books, tmp_path, record_property, seed
):
    chance = random.Random(seed)
    orders = {str(number): invoice(observations=f"pedido {number}") for number in range(1000)}
    async with books(**WINDOW) as here:
        faults = strike(here, "/v1/invoices")
        run = Run(here, tmp_path, "invoices", orders, keyed=True)
        for _ in range(2):
            await run.killed_after(chance.randint(250, 400))
        while len(run.said("made")) < len(orders):
            await run.ended()  # it calls again for what was not answered
        made, rows = run.said("made"), here.rows("invoices")
        calls = len(here.writes)

    assert Counter(row["observations"] for row in rows) == Counter(f"pedido {number}" for number in orders)
    assert {row["observations"].split()[1]: [row["id"]] for row in rows} == made
    # That it was not easy:
    assert all(fault.struck for fault in faults)
    assert calls >= 1100


async def test_two_hundred_purchases_without_keys_are_there_once_at_most_and_what_is_unknown_is_told(books, tmp_path):
    def bought(number):
        return purchase(provider_invoice={"prefix": "FV", "number": number}, payments=[{"id": TRANSFER, "value": 2380}])

    numbers = [str(number) for number in range(200)]
    since = datetime.now(UTC)
    async with books(**WINDOW) as here:
        strike(here, "/v1/purchases")
        run = Run(here, tmp_path, "purchases", {number: bought(number) for number in numbers}, keyed=False)
        for requests in (60, 60):
            await run.killed_after(requests)
        await run.ended()
        here.vendor.clear_faults()
        kept = Counter(row["provider_invoice"]["number"] for row in here.rows("purchases"))
        sent, made, unknown = run.said("sent"), run.said("made"), run.said("unknown")
        open_still = [number for number in numbers if number not in made]

        assert list(sent) == numbers
        assert set(kept.values()) == {1}
        assert made.keys() <= kept.keys()
        assert set(unknown) <= set(open_still)
        killed = set(open_still) - set(unknown)
        assert 0 < len(killed) <= 100  # what two kills of fifty tasks each can leave
        assert len(unknown) >= 10
        for number, calls in calls_of(here).items():
            # Only what was refused before anything was done is sent again.
            assert calls[:-1] == [429] * (len(calls) - 1), number

        # What the journal leaves open is found out from Siigo, with what was sent and when.
        relaxed = here.open(account="después", requests=1_000_000)
        here.vendor.reset(data=False)
        for number in open_still:
            outcome = await relaxed.purchases.reconcile(record=bought(number), since=since)
            assert isinstance(outcome, Found if kept[number] else Absent), number
        assert here.writes == []


def calls_of(here):
    """How Siigo answered, in order, the calls for each purchase that reached it whole."""
    calls = {}
    for entry in here.sent:
        if entry.body is None:
            continue
        calls.setdefault(from_json(entry.body)["provider_invoice"]["number"], []).append(entry.status)
    return calls
