"""What a vendor's tokens allow: declared by an adapter, overridable by a setting."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class TokenRules:
    """
    How a token may be used and renewed.

    Args:
        max_in_flight: How many requests may be at work on one token at once; `None` for no such rule.
        settle: Seconds within which the vendor is taken to finish a request that we lost sight of (cancelled, reset,
            cut off, timed out). Until they have passed the token stays taken. It is an assumption: the promise that no
            two requests are at work at once holds as long as the vendor is done within it.
        soft_expiry: Share of a token's life after which it is renewed in the background while it is still used.
        leeway: Seconds before its end at which a token is no longer used, for clocks that differ.
        cool_down: Seconds for which a failed renewal is shared with everybody who asks, instead of tried again.
        ageing: Seconds after which a request that others have overtaken rises by one priority.
    """

    max_in_flight: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    settle: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    soft_expiry: float = attrs.field(
        default=0.8, validator=attrs.validators.and_(attrs.validators.gt(0), attrs.validators.le(1))
    )
    leeway: float = attrs.field(default=30.0, validator=attrs.validators.ge(0))
    cool_down: float = attrs.field(default=10.0, validator=attrs.validators.ge(0))
    ageing: float = attrs.field(default=10.0, validator=attrs.validators.gt(0))
