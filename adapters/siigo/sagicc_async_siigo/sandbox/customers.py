"""Customers, suppliers and other third parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply, Table, invent

from . import failures
from .checks import check, number, refuse_if
from .context import Context, Route, filled
from .customer_rules import FIELDS, ID_TYPES, RESPONSIBILITIES, wrong_forms, wrong_references
from .failures import Refused
from .filters import CREATED, UPDATED, Equal, Filter, Moment
from .movements import customer_moved
from .paging import listing

TABLE: Final = "customers"

_LOOKUPS: Final = ("id", "identification", "branch_office", "type", "person_type", "active")

TABLES: Final[Sequence[Table]] = (Table(TABLE, _LOOKUPS, hidden=("created", "updated")),)

_FILTERS: Final[Sequence[Filter]] = (
    Equal("identification"),
    Equal("branch_office"),
    *CREATED,
    *UPDATED,
    Equal("active"),
    Equal("type"),
    Equal("person_type"),
    # A third party has no date; that these two mean its creation is the sandbox's own reading.
    Moment("date_start", "created"),
    Moment("date_end", "created", upper=True),
)

_STATES: Final = {city.department_code: city.department for city in invent.CITIES}
_CITIES: Final = {city.code: city.name for city in invent.CITIES}


def _list(context: Context) -> Reply:
    """Only active ones, unless the others are asked for."""
    return listing(context, TABLE, _FILTERS, defaults={"active": "true"})


def _show(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    context.found(TABLE, "customer", id)
    return context.stored(TABLE, id)


def _create(context: Context) -> Reply:
    check_body(context)
    _refuse_another(context, None)
    return context.answer(keep(context), 201)


def _change(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    """What is left out ends empty."""
    check_body(context)
    _refuse_another(context, id)
    row = context.found(TABLE, "customer", id)
    record = {"id": id, **_written(context.body), **context.changed(row.record)}
    context.store.replace(TABLE, row.position, record)
    return context.stored(TABLE, id, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    if context.settings.customer_delete == "disabled":
        raise Refused(failures.disabled_functionality())
    row = context.found(TABLE, "customer", id)
    if customer_moved(context.store, id):
        raise Refused(failures.delete_not_allowed("customer", "it has related transactions"))
    context.store.delete(TABLE, row.position)
    return context.deleted(id)


def check_body(context: Context) -> None:
    """
    Check a third party that is to be written, apart from whether there is such a one.

    Raises:
        Refused: With everything that is wrong.
    """
    check(context.body, FIELDS)
    refuse_if(*wrong_forms(context.body))
    refuse_if(*wrong_references(context))


def keep(context: Context) -> dict[str, Any]:
    """Keep a new third party, which was checked, and return it as it is sent."""
    written = _written(context.body)
    responsibilities = written.pop("fiscal_responsibilities", None) or _responsibilities(["R-99-PN"])
    record = {"id": context.new_id(TABLE), **written, "fiscal_responsibilities": responsibilities}
    context.store.insert(TABLE, {**record, **context.created()})
    return context.found(TABLE, "customer", record["id"]).record


def _refuse_another(context: Context, own_id: str | None) -> None:
    """An identification may come again only with another branch office."""
    found = context.customer(context.body["identification"], _branch(context.body))
    if found is not None and found["id"] != own_id:
        raise Refused(failures.already_exists("identification"))


def _branch(body: Mapping[str, Any]) -> int:
    return int(number(body.get("branch_office"), or_text=True) or 0)


def _written(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a request, with the names that belong to its codes, and what is the default."""
    digit = body.get("check_digit")
    record = {
        "type": body.get("type") or "Customer",
        "person_type": body["person_type"],
        "id_type": {"code": body["id_type"], "name": ID_TYPES[body["id_type"]].name},
        "identification": body["identification"],
        "check_digit": str(digit) if digit not in (None, "") else check_digit(body["identification"]),
        "name": body["name"],
        "commercial_name": body.get("commercial_name"),
        "branch_office": _branch(body),
        "active": body.get("active") is not False,
        "vat_responsible": bool(body.get("vat_responsible")),
        "fiscal_responsibilities": _responsibilities(
            [one["code"] for one in body.get("fiscal_responsibilities") or []]
        ),
        "address": _address(body["address"]),
        "phones": [filled(phone) for phone in body["phones"]],
        # A contact without a telephone was seen with an empty one.
        "contacts": [{**filled(one), "phone": filled(one.get("phone") or {})} for one in body["contacts"]],
        "comments": body.get("comments"),
        "related_users": filled(body.get("related_users") or {}),
    }
    # `custom_fields` are checked; no answer is documented to have them.
    return filled(record)


def check_digit(identification: str) -> str | None:
    """Return the check digit of a number; the vendor computes it where it is not sent."""
    if not identification.isascii() or not identification.isdigit():
        return None
    return str(invent.nit_check_digit(identification))


def _responsibilities(codes: Sequence[str]) -> list[dict[str, str]]:
    return [{"code": code, "name": RESPONSIBILITIES[code]} for code in codes]


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    city = address["city"]
    named = {
        "country_code": city["country_code"],
        "country_name": "Colombia" if city["country_code"].casefold() == "co" else None,
        "state_code": city["state_code"],
        "state_name": _STATES.get(city["state_code"]),
        "city_code": city["city_code"],
        "city_name": _CITIES.get(city["city_code"]),
    }
    return filled({"address": address["address"], "city": filled(named), "postal_code": address.get("postal_code")})


ROUTES: Final[Sequence[Route]] = (
    Route("GET", "/v1/customers", _list),
    Route("POST", "/v1/customers", _create),
    Route("GET", "/v1/customers/{id}", _show),
    Route("PUT", "/v1/customers/{id}", _change),
    Route("DELETE", "/v1/customers/{id}", _delete),
)
