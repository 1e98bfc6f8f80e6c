"""The vendor's limit of requests is ours to keep: it never has to refuse one for it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from ....errors import RateLimited
from ....sandbox import LoggedRequest
from ....tokens.window import Window
from ..bench import bench
from ..law import law, require
from ..subject import WINDOWS, Subject

#: The limit that is taken where the samples know no settings of the sandbox for a lower one.
_FEW: Final = 10
_MOST: Final = 50


@law(look="Adapter.windows, or windows_for: Window(limit, per=..., scope=...), and Auth.company", needs=(WINDOWS,))
async def windows_are_never_exceeded(subject: Subject) -> None:
    """No stretch of a window's length has more requests than its limit, logins included, and the vendor refuses none."""
    facts = await subject.facts()
    limited = subject.samples.limited
    own: dict[str, Any] = {} if limited else {"window": Window(_FEW, per=facts.windows[0].per)}
    async with bench(subject, sandbox=limited, **own) as here:
        window = min(here.account.account.terms.windows, key=lambda window: window.limit)
        require(
            window.limit <= _MOST,
            f"under samples.limited the adapter still takes {window.limit} requests for allowed",
            look="Samples.limited, and client_settings of the sandbox",
        )
        accounts = (here.account, here.open(await here.manager(**own), account="other label"))
        for number in range(2 * window.limit + 1):
            with contextlib.suppress(RateLimited):
                await here.ask(accounts[number % 2])
        refused = here.vendor.stats.by_status[429]
        require(not refused, f"the vendor refused {refused} requests, since they were too many for its window")
        entries = [one for one in here.vendor.requests if one.token is not None or window.scope == "company"]
        most = _most_within(entries, window)
        require(most <= window.limit, f"{most} requests within {window.per:g} s, where {window.limit} are allowed")


def _most_within(entries: Sequence[LoggedRequest], window: Window) -> int:
    """The most requests that began in one stretch of the window's length."""
    starts = sorted(entry.started for entry in entries)
    return max(sum(start <= one < start + window.per for one in starts) for start in starts)
