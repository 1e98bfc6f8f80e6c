"""What an adapter declares of a vendor that blocks users for their errors."""

from __future__ import annotations

import attrs

_SHARE = attrs.validators.and_(attrs.validators.gt(0), attrs.validators.le(1))


@attrs.frozen(kw_only=True)
class ErrorShare:
    """
    The share of failed requests that a vendor bears before it blocks the user.

    Args:
        limit: The vendor's limit, from 0 to 1.
        days: Over how many days the vendor counts. Here they are whole days of UTC, today included.
        warn_at: From this share on a warning is given; by default half the limit.
        refuse_at: From this share on nothing is sent any more; `None` never refuses.
        least: Requests below which a share says nothing.
    """

    limit: float = attrs.field(validator=_SHARE)
    days: int = attrs.field(validator=attrs.validators.ge(1))
    warn_at: float = attrs.field(default=attrs.Factory(lambda self: self.limit / 2, takes_self=True), validator=_SHARE)
    refuse_at: float | None = attrs.field(default=None, validator=attrs.validators.optional(_SHARE))
    least: int = attrs.field(default=20, validator=attrs.validators.ge(1))
