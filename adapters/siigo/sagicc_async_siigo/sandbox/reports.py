"""Reports: the trial balance, which is a file, and the accounts payable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply

from . import failures
from .checks import Fields, Flag, Rule, Text, Whole, check, day, refuse_if
from .context import Context, Handler, Route, guid
from .documents.payables import payables
from .failures import Failure
from .paging import enveloped
from .text_forms import DIGITS

_MONTH: Final = Whole(required=True, least=1, most=13)

_BALANCE: Final[Mapping[str, Rule]] = {
    "account_start": Text(pattern=DIGITS, code="invalid_account"),
    "account_end": Text(pattern=DIGITS, code="invalid_account"),
    "year": Whole(required=True, least=1000, most=9999),
    "month_start": _MONTH,
    "month_end": _MONTH,
    "includes_tax_difference": Flag(required=True),
}

_BY_THIRD_PARTY: Final[Mapping[str, Rule]] = {
    **_BALANCE,
    "customer": Fields({"identification": Text(), "branch_office": Whole(most=999)}),
}


def _balance(title: str, fields: Mapping[str, Rule]) -> Handler:
    def answer(context: Context) -> Reply:
        """Answer where the file is. The sandbox has no books, and nothing is served at that address."""
        check(context.body, fields)
        refuse_if(*_wrong_order(context.body))
        moment = f"{context.now:%Y%m%d%H%M%S}"
        identifier = guid(title, context.call.wall, *map(str, context.body.items()))
        address = f"{context.call.base_url}/reports/{identifier}/{title}-{moment}.xlsx"
        return context.answer({"file_id": identifier, "file_url": address}, 201)

    return answer


def _wrong_order(body: Mapping[str, Any]) -> Iterator[Failure | None]:
    """Of accounts the vendor compares the numbers, so that 4135 comes before 11050501."""
    if body["month_start"] > body["month_end"]:
        yield failures.invalid_range("month_end", body["month_start"], 13)
    start, end = body.get("account_start") or "", body.get("account_end") or ""
    if start and end and int(start) > int(end):
        yield Failure("invalid_account", "The field account_end must not come before account_start", ("account_end",))


def _payable(context: Context) -> Reply:
    """Printed with 201, but it is a GET: 200."""
    query = context.call.query
    refuse_if(*_wrong_query(query))
    return enveloped(context, [row for row in payables(context.store) if _asked(row, query)])


def _wrong_query(query: Mapping[str, str]) -> Iterator[Failure | None]:
    for name in ("due_date_start", "due_date_end"):
        if query.get(name) and day(query[name]) is None:
            yield failures.invalid_date(name)
    branch = query.get("provider_branch_office")
    if not branch:
        return
    if not query.get("provider_identification"):
        yield failures.parameter_required("provider_identification")
    if not DIGITS.fullmatch(branch) or int(branch) > 999:
        yield failures.invalid_range("provider_branch_office", 0, 999)


def _asked(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    due, provider = row["due"], row["provider"]
    identification, branch = query.get("provider_identification"), query.get("provider_branch_office")
    return (
        query.get("due_date_start", "") <= due["date"] <= (query.get("due_date_end") or due["date"])
        and (not identification or provider["identification"] == identification)
        and (not branch or provider["branch_office"] == int(branch))
    )


ROUTES: Final[Sequence[Route]] = (
    Route("POST", "/v1/test-balance-report", _balance("balance-de-prueba", _BALANCE)),
    Route(
        "POST",
        "/v1/test-balance-report-by-thirdparty",
        _balance("balance-de-prueba-por-tercero", _BY_THIRD_PARTY),
    ),
    Route("GET", "/v1/accounts-payable", _payable),
)
