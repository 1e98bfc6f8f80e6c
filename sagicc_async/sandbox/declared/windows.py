"""
How many requests the declared windows let through.

The file does not say how the vendor counts: here every stretch of a window's length is looked at, wherever it begins, and
only requests that were let in take a place in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import ceil
from typing import Final

from ...declared.declaration import WindowEntry
from ..vendor import Call, Company

_MEMORY: Final = "declared windows"


def seconds_to_wait(windows: Sequence[WindowEntry], call: Call, company: Company, token: str | None) -> int:
    """
    Let a request in, or say when there is room for it.

    Args:
        windows: The declared ones.
        call: The request, which came at a moment of the sandbox's clock.
        company: Whose it is.
        token: What it uses, for windows that count by token.

    Returns:
        0 if it took a place in each window, else whole seconds, as a Retry-After has them.
    """
    taken: dict[tuple[int, str], deque[float]] = company.memory.setdefault(_MEMORY, {})
    now, counted = call.now, []
    for number, window in enumerate(windows):
        times = taken.setdefault((number, (token or "") if window.scope == "token" else ""), deque())
        while times and times[0] <= now - window.per:
            times.popleft()
        if len(times) >= window.limit:
            return max(1, ceil(times[0] + window.per - now))
        counted.append(times)
    for times in counted:
        times.append(now)
    return 0
