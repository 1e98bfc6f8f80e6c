"""What a place that keeps counts for several processes must do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .tally import OutcomeCount


class ErrorCounts(Protocol):
    """
    Where counts outlive a process, and where those of several processes add up: `SessionManager(error_counts=...)`.

    A store that does not work fails no request: the manager goes on counting in memory, says so in one log line, and
    offers the counts again later.
    """

    async def add(self, key: str, counts: Mapping[int, OutcomeCount], *, since: int) -> Mapping[int, OutcomeCount]:
        """
        Add counts to those that are kept: atomic among all who use the store, and in full or not at all.

        Args:
            key: Digest of vendor, host and company: hex digits, fit for a file's name.
            counts: What came to it since the last time, by days since the epoch; with nothing it is a look.
            since: The first day that still counts; earlier ones may be forgotten.

        Returns:
            What is kept now, by days.

        Raises:
            Exception: It cannot be kept. The log shows the text of an `OSError`, and of others their class alone.

        One addition is under way at a time, however long it takes; it is cancelled only when its manager is closed.
        """
