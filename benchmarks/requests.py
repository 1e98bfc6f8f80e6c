"""Question 7: how many requests 100,000 records take, as each vendor's sandbox counts them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import attrs

from sagicc_async import SessionManager, Stream
from sagicc_async.sandbox import LocalVendor, Sandbox

from .compare import Ratio
from .report import Effort, Figure, Question

OURS: Final = "sagicc-async"

TEXT: Final = """
Requests are what vendors count, and what a list costs in time: each one waits for an answer. A sandbox of the vendor
counts all of a whole list, logins included. Nothing is timed here.

* **Siigo** sends 25 records a page unless it is asked for another number, and at most 100. We ask for 100. It says how
  many there are, so no page is asked for in vain. At 100 requests a minute the difference is half an hour.
* **Sagicc** sends 50 by default and documents no maximum. We ask for 500, and take what an instance gives.
* **SERPI** documents neither default nor maximum; its own examples ask for 50, and so do we, because a server that caps
  the page size silently would leave holes behind larger pages. Who knows that it does not says `limite=1000`. It gives no
  total: where the last page is full, one more request finds the end.
* **Operand** is described by each customer's own resource file, the page size too.
"""


@attrs.frozen(kw_only=True)
class _List:
    """
    A list of a vendor.

    Args:
        vendor: Whose.
        stream: The list, given an adapter and a page size, or `None` for ours.
        theirs: The page size that one gets, or copies from the examples, who says nothing of it.
        larger: A page size that a user may choose, if that is another.
        scale: Records of the list for each one that the sandbox is to invent.
    """

    vendor: str
    stream: Callable[[Any, int | None], Stream[Any]]
    theirs: int
    larger: int | None = None
    scale: float = 1.0


_LISTS: Final = (
    _List(vendor="siigo", stream=lambda siigo, size: siigo.products.list(page_size=size), theirs=25),
    _List(vendor="sagicc", stream=lambda crm, size: crm.caso.list(size_per_page=size), theirs=50, scale=0.98),
    _List(vendor="serpi", stream=lambda erp, size: erp.articulo.list(limite=size), theirs=50, larger=1000),
)


async def _requests(vendor: LocalVendor, listed: _List, size: int | None) -> tuple[int, int]:
    """Requests of a whole list, and its records."""
    vendor.reset(data=False)
    async with SessionManager(coordinator="memory:") as sessions:
        adapter = sessions.open(vendor.vendor, vendor.credentials, base_url=vendor.base_url, **vendor.settings)
        records = 0
        async for _ in listed.stream(adapter, size).raw(encoded=True):
            records += 1
    return vendor.stats.requests, records


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    wanted = 5_000 if effort.quick else 100_000
    for listed in _LISTS:
        with Sandbox.in_thread([listed.vendor], records=round(wanted / listed.scale)) as sandbox:
            vendor = sandbox[listed.vendor]
            theirs, _ = await _requests(vendor, listed, listed.theirs)
            for size in (None, listed.larger) if listed.larger else (None,):
                mine, records = await _requests(vendor, listed, size)
                yield Figure(
                    case=f"{listed.vendor}, {records:,} records",
                    what="requests",
                    variant=OURS if size is None else f"{OURS}, {size:,} a page",
                    against=f"{listed.theirs} a page",
                    ratio=Ratio(mine / theirs, mine / theirs, mine / theirs, 1),
                    note=f"{mine:,} against {theirs:,}",
                )


QUESTION: Final = Question(name="requests", title="Requests", text=TEXT, figures=_figures)
