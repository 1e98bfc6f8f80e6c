"""When to try again, and after how long: a decision without I/O."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """
    Exponential back-off with full jitter, a cap, and no sleep that would outlast the deadline.

    Args:
        attempts: How often a request is sent at most, the first time included.
        base: Seconds; the first wait lies between 0 and this.
        factor: How much the upper bound grows from wait to wait.
        cap: Seconds; no wait of our own choice is longer. A vendor's `Retry-After` may be.
        patience: Seconds; a longer `Retry-After` is not slept but raised as `RateLimited` or `ServerError`. Others who
            wait for the same token are held back for so long at most: one odd header must not stop a company for years.
    """

    attempts: int = attrs.field(default=4, validator=attrs.validators.ge(1))
    base: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    factor: float = attrs.field(default=2.0, validator=attrs.validators.ge(1))
    cap: float = attrs.field(default=20.0, validator=attrs.validators.ge(0))
    patience: float = attrs.field(default=120.0, validator=attrs.validators.ge(0))

    def ceiling(self, attempt: int) -> float:
        """Seconds that the wait after this many attempts lasts at most, as long as the vendor asks for nothing else."""
        try:
            return min(self.cap, self.base * self.factor ** (attempt - 1))
        except OverflowError:  # hours of an outage: after a thousand attempts the power leaves what a float can hold
            return self.cap

    def delay(self, attempt: int, *, jitter: float, retry_after: float | None, remaining: float | None) -> float | None:
        """
        Decide how long to wait before the next attempt.

        Args:
            attempt: How many attempts have been made.
            jitter: A random number from 0 to 1.
            retry_after: Seconds that the vendor asked for, if it did.
            remaining: Seconds until the caller's deadline, `None` without one.

        Returns:
            Seconds to wait, or `None` to give up: no attempt is left, the vendor asks for more than `patience`, or the
            wait would end after the deadline.
        """
        if attempt >= self.attempts:
            return None
        backoff = jitter * self.ceiling(attempt)
        if retry_after is not None and retry_after > self.patience:
            return None
        # The vendor's own figure is a lower bound; the jitter on top keeps many clients from coming back at once.
        wait = backoff if retry_after is None else retry_after + min(backoff, 1.0)
        if remaining is not None and wait >= remaining:
            return None
        return wait
