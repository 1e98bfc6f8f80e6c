"""What invoices and credit notes of the health sector say about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from .reading import is_given, read_word
from .rules import Amount, Complaints, Day, Object, Text, Whole, complain, missing

#: Ten digits and two decimals.
_CHARGE: Final[Amount] = Amount(high=Decimal("9999999999.99"))
_CHARGES: Final = ("copayment", "coinsurance", "cost_sharing", "recovery_charge")
_WITH_PERIOD: Final[frozenset[str]] = frozenset({"ss-cufe", "ss-sinaporte"})


def _period(company: Mapping[str, Any], path: str) -> Complaints:
    if read_word(company.get("operation_type")) in _WITH_PERIOD:
        yield from missing(company, "period_start", path)
        yield from missing(company, "period_end", path)


def _one_charge(company: Mapping[str, Any], path: str) -> Complaints:
    if read_word(company.get("operation_type")) != "ss-cufe":
        return
    if not any(is_given(company, name) for name in _CHARGES):
        yield complain("parameter_required", path, f"SS-CUFE needs one of {', '.join(_CHARGES)}")


# The texts say of each field with which operations it is used, not that it is refused with the others.
HEALTHCARE: Final[Object] = Object(
    required={"operation_type": Text(one_of=("SS-CUFE", "SS-SinAporte", "SS-Recaudo"))},
    optional={
        "period_start": Day(),
        "period_end": Day(),
        # The tables call both a number, the examples print "04" and "01".
        "payment_method": Whole(low=1, high=5),
        "service_plan": Whole(low=1, high=15),
        "policy_number": Text(longest=50),
        "contract_number": Text(longest=50),
        **dict.fromkeys(_CHARGES, _CHARGE),
    },
    between=(_period, _one_charge),
)
