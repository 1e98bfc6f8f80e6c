"""Laravel's throttle: so many requests a minute on one token. Whether Sagicc has one, and which, is not documented."""

from __future__ import annotations

from math import ceil
from typing import Literal, TypeAlias

import attrs

from sagicc_async.sandbox import Call, Company, Reply, to_json

from .failures import Refused

#: `off`: none; `retry_after`: its answers say how long to wait; `bare`: they do not.
ThrottleMode: TypeAlias = Literal["off", "retry_after", "bare"]

_MINUTE = 60


@attrs.frozen(kw_only=True)
class Throttle:
    """
    The throttle.

    Args:
        mode: Whether there is one, and what it says.
        limit: Requests in a minute. The minutes are fixed ones of the sandbox's clock.
    """

    mode: ThrottleMode
    limit: int

    def admit(self, call: Call, company: Company, key: str) -> dict[str, str]:
        """
        Count a request.

        Returns:
            The headers that its answer gets.

        Raises:
            Refused: The window is full; with the answer.
        """
        if self.mode == "off":
            return {}
        windows: dict[str, tuple[int, int]] = company.memory.setdefault("windows", {})
        minute = int(call.now // _MINUTE)
        begun, count = windows.get(key, (minute, 0))
        if begun != minute:
            count = 0
        if count >= self.limit:
            raise Refused(self._full(call))
        windows[key] = minute, count + 1
        return self._headers(self.limit - count - 1)

    def _full(self, call: Call) -> Reply:
        headers = self._headers(0)
        if headers:
            wait = ceil(_MINUTE - call.now % _MINUTE)
            headers |= {"Retry-After": str(wait), "X-RateLimit-Reset": str(ceil(call.wall) + wait)}
        return Reply(status=429, body=to_json({"message": "Too Many Attempts."}), headers=headers, rejected=True)

    def _headers(self, remaining: int) -> dict[str, str]:
        if self.mode == "bare":
            return {}
        return {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(remaining)}
