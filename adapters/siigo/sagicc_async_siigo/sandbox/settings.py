"""What can be chosen where Siigo's documents are silent or contradict each other."""

from __future__ import annotations

from typing import Any, Final, Literal

import attrs
from attrs.validators import ge, gt, in_, instance_of, optional

from .failures import Casing
from .stamps import Nulls, Shape, Stamps

#: The vendor's limit for the company that everybody tests with.
_TEST_COMPANY: Final = 10
#: How many requests it takes ahead of an even pace: five quick ones were seen to be too many.
_TEST_BURST: Final = 4


def _one_of(default: Any, *others: Any) -> Any:
    return attrs.field(default=default, validator=in_((default, *others)))


def _flag(*, default: bool) -> Any:
    return attrs.field(default=default, validator=instance_of(bool))


def _count(default: int, least: int = 1) -> Any:
    return attrs.field(default=default, validator=[instance_of(int), ge(least)])


@attrs.frozen(kw_only=True)
class Settings:
    """
    The settings.

    Args:
        login_status: HTTP status of a login; 201 is printed, 200 was seen.
        expires_in: Seconds that a token lives.
        issued_tokens: Whether regenerating the credentials ends the tokens that the old ones obtained.
        requests: How many requests a window takes. The vendor's are 100; many more by default, so that a
            demonstration is quick.
        window: Seconds that a window lasts; the vendor's minute.
        test_company: The company is the vendor's test company, which has 10 requests a window.
        burst: How many requests may come ahead of an even pace; 0 for no such limit. That there is one was seen at the
            test company, which has 4 by default; nothing is documented.
        login_counts: Whether a login takes a place in the window.
        retry_after: Whether a refusal for too many requests has the header `Retry-After`; none was ever seen.
        error_casing: How the keys of errors are written.
        links: What the key with the addresses of other pages is called.
        timestamps: How a moment is written; `stamps.py` has the shapes.
        nulls: What `metadata.last_updated` is before the first change.
        users: Whether users come in the envelope of a list, or as the bare array that is printed.
        customer_delete: Whether customers can be deleted; on the vendor's test company they cannot.
        put_status: HTTP status of a change; several are printed with 201.
        annul_body: The key that says that an invoice is annulled; the vendor's two sites differ.
        payment_receipts: Whether the answers to payment receipts that are written here show what they are of, or are
            bare, without `payment` and with no items: such were seen.
        replay_status: HTTP status of an answer to an Idempotency-Key that was used before.
    """

    login_status: Literal[200, 201] = _one_of(200, 201)
    expires_in: int = _count(86_400)
    issued_tokens: Literal["die", "live"] = _one_of("die", "live")
    requests: int = _count(6_000)
    window: float = attrs.field(default=60.0, converter=float, validator=gt(0))
    test_company: bool = _flag(default=False)
    burst: int | None = attrs.field(default=None, validator=optional([instance_of(int), ge(0)]))
    login_counts: bool = _flag(default=True)
    retry_after: bool = _flag(default=False)
    error_casing: Casing = _one_of("pascal", "lower")
    links: Literal["_links", "__links"] = _one_of("_links", "__links")
    timestamps: Shape = _one_of("millis", "offset", "zeros", "naive")
    nulls: Nulls = _one_of("absent", "null")
    users: Literal["envelope", "array"] = _one_of("envelope", "array")
    customer_delete: Literal["disabled", "enabled"] = _one_of("disabled", "enabled")
    put_status: Literal[200, 201] = _one_of(200, 201)
    annul_body: Literal["Annul", "deleted"] = _one_of("Annul", "deleted")
    payment_receipts: Literal["whole", "bare"] = _one_of("whole", "bare")
    replay_status: Literal[201, 200] = _one_of(201, 200)

    @property
    def limit(self) -> int:
        """How many requests the window takes."""
        return _TEST_COMPANY if self.test_company else self.requests

    @property
    def ahead(self) -> int:
        """How many requests may come ahead of an even pace; 0 for no such limit."""
        if self.burst is not None:
            return self.burst
        return _TEST_BURST if self.test_company else 0

    @property
    def stamps(self) -> Stamps:
        """How moments are written."""
        return Stamps(shape=self.timestamps, nulls=self.nulls)
