"""
A program that creates documents with fifty tasks until it has done all of its plan, or is killed.

    python crash_client.py PLAN JOURNAL

The plan is JSON: where Siigo is, which resource, whether with keys, and the documents by their number. The journal is
what a program like this one keeps: a line when a document is about to be sent, and one when its answer came. What the
journal says was answered is not done again; without keys, neither is what it says was sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from sagicc_async import OutcomeUnknown, RequestError, RetryPolicy, SessionManager
from sagicc_async_siigo import Siigo

TASKS = 50


class Journal:
    """Lines that a kill does not take back: each is one append."""

    def __init__(self, path: str) -> None:
        lines = Path(path).read_text().splitlines() if Path(path).exists() else []
        said = [line.split() for line in lines]
        self.sent = {words[1] for words in said if words[0] == "sent"}
        self.answered = {words[1] for words in said if words[0] == "made"}
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, *words: str) -> None:
        os.write(self._file, " ".join((*words, "\n")).encode())


async def work(resource, plan, todo, journal) -> None:
    """Take documents off the plan."""
    for number, document in todo:
        options = {"key": f"pedido {number}"} if plan["keyed"] else {}
        journal.note("sent", number)
        try:
            made = await resource.create(document, **options)
        except OutcomeUnknown:
            journal.note("unknown", number)
        except RequestError:  # of a keyed one: the next run calls again
            journal.note("again", number)
        else:
            journal.note("made", number, made.id)


async def main(plan, journal) -> None:
    done = journal.answered if plan["keyed"] else journal.sent
    todo = iter([one for one in plan["documents"].items() if one[0] not in done])
    async with SessionManager(retry=RetryPolicy(attempts=4, base=0.02)) as sessions:
        siigo = sessions.open(Siigo, plan["credentials"], base_url=plan["base_url"], **plan["settings"])
        resource = siigo[plan["resource"]]
        await asyncio.gather(*(work(resource, plan, todo, journal) for _ in range(TASKS)))


asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()), Journal(sys.argv[2])))
