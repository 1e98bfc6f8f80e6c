"""How workers share their work: `EngineSettings`."""

from __future__ import annotations

from typing import Final

import attrs
from attrs.validators import ge, gt

from ...errors import (
    DeadlineExceeded,
    LeaseLost,
    NotSent,
    ProtocolError,
    RateLimited,
    ServerError,
    TokenBusy,
)
from ..outcome import Ending, Outcome
from ..sink import SinkUnavailable

#: Failures that may be over in a minute. What the vendor or the user has to mend is left to the next round.
_PASSING: Final = frozenset(
    kind.__name__
    for kind in (
        DeadlineExceeded,
        LeaseLost,
        NotSent,
        ProtocolError,
        RateLimited,
        ServerError,
        SinkUnavailable,
        TokenBusy,
    )
)


@attrs.frozen(kw_only=True)
class EngineSettings:
    """
    How workers share their work; times in seconds.

    Args:
        retries: How often a job is tried again, in the same round, after a failure that may pass, or when somebody else has
            gone on with it, who may be gone by then.
        backoff: How long it waits before the first of them; each further one waits four times as long.
        poll: How often a worker looks for work that it was not told of, such as that of an account that has come free.
        heartbeat: How often a worker says that it lives.
        stale: After so much silence it is dead, and others take its jobs over. A process that only slept that long finds
            its jobs taken: it writes nothing any more.
        recover: How often a worker looks for jobs of the dead.
        grace: How long jobs may go on, to their next commit, when a worker is asked to end; then they are cut.
    """

    retries: int = attrs.field(default=2, validator=ge(0))
    backoff: float = attrs.field(default=15.0, validator=ge(0))
    poll: float = attrs.field(default=0.5, validator=gt(0))
    heartbeat: float = attrs.field(default=2.0, validator=gt(0))
    stale: float = attrs.field(default=10.0, validator=gt(0))
    recover: float = attrs.field(default=2.0, validator=gt(0))
    grace: float = attrs.field(default=20.0, validator=ge(0))

    def again(self, outcome: Outcome, attempt: int) -> float | None:
        """Seconds until a job with such an outcome is tried again, whose attempts are counted from 0; `None` for never."""
        failed = outcome.ending is Ending.FAILED and outcome.kind in _PASSING
        passing = failed or outcome.ending is Ending.TAKEN_OVER
        return self.backoff * 4**attempt if passing and attempt < self.retries else None
