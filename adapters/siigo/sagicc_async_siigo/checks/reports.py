"""Trial balances, of the company or by third party (Siigo, "Reportes")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .reading import read_number
from .rules import Complaints, Flag, Object, Text, Whole, below, complain, run
from .shared import BRANCH_OFFICE


def _accounts_in_order(report: Mapping[str, Any], path: str) -> Complaints:
    """
    The first account is not behind the last.

    Whether 4135 or 11050501 comes first, as numbers or as texts, is not documented: only what is out of order in both
    readings is refused.
    """
    start, end = report.get("account_start"), report.get("account_end")
    if not isinstance(start, str) or not isinstance(end, str):
        return
    first, last = read_number(start), read_number(end)
    if first is not None and last is not None and first > last and start > end:
        yield complain("invalid_range", below(path, "account_start"), "send an account that is not behind account_end")


def _months_in_order(report: Mapping[str, Any], path: str) -> Complaints:
    first, last = read_number(report.get("month_start")), read_number(report.get("month_end"))
    if first is not None and last is not None and first > last:
        yield complain("invalid_range", below(path, "month_start"), "send a month that is not after month_end")


_MONTH: Final[Whole] = Whole(low=1, high=13)
_REPORT: Final[Object] = Object(
    required={
        "year": Whole(low=1000, high=9999),
        "month_start": _MONTH,
        "month_end": _MONTH,
        "includes_tax_difference": Flag(),
    },
    optional={
        "account_start": Text(),
        "account_end": Text(),
        # By third party only. The type calls the identification a text, the rule beside it a whole number.
        "customer": Object(optional={"identification": Text(or_number=True), "branch_office": BRANCH_OFFICE}),
    },
    between=(_accounts_in_order, _months_in_order),
)


def check_test_balance_report(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check the request of a trial balance, of the whole company or by third party.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_REPORT, document)
