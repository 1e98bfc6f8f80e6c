"""Importing: what a program pays before its first line, in processor time of a fresh process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Final

from .compare import ratio_of
from .report import Effort, Figure, Question

OURS: Final = "sagicc_async"
SERPI: Final = "sagicc_async and sagicc_async_serpi"
PARTS: Final = "aiohttp + attrs + cattrs + msgspec"
AIOHTTP: Final = "aiohttp"
HTTPX: Final = "httpx + pydantic"

_STATEMENTS: Final[Mapping[str, str]] = {
    OURS: "import sagicc_async",
    SERPI: "import sagicc_async, sagicc_async_serpi",
    PARTS: "import aiohttp, attrs, cattrs, msgspec",
    AIOHTTP: "import aiohttp",
    # What is used of them, since both put off most of their imports until then.
    HTTPX: "import httpx, pydantic; httpx.AsyncClient; pydantic.BaseModel",
}

TEXT: Final = f"""
Each import is made by a process of its own, whose byte code is cached already; processes of all kinds take turns. It is
counted in processor time from the statement's beginning to its end, so the start of the interpreter is not in it.

**{OURS}** imports what it is built on; **{PARTS}** are those parts alone.
"""

_MEASURED: Final = "import time; began = time.process_time(); {}; print(time.process_time() - began)"


async def _imported(statement: str) -> float:
    command = [sys.executable, "-c", _MEASURED.format(statement)]
    done = await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    spent: dict[str, list[float]] = {name: [] for name in _STATEMENTS}
    names = list(_STATEMENTS)
    for number in range(-1, min(effort.rounds, 21)):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            seconds = await _imported(_STATEMENTS[name])
            if number >= 0:
                spent[name].append(seconds)
    for variant, against in ((OURS, PARTS), (OURS, AIOHTTP), (OURS, HTTPX), (SERPI, OURS)):
        yield Figure(
            case="a fresh process",
            what="CPU of the import",
            variant=variant,
            against=against,
            ratio=ratio_of(spent[variant], spent[against]),
        )


QUESTION: Final = Question(name="imports", title="Importing", text=TEXT, figures=_figures)
