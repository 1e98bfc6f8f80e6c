"""What the vendor documents about the fields of a third party."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from . import failures
from .checks import Fields, Flag, Rows, Rule, Text, Whole
from .context import Context
from .failures import Failure
from .references import wrong_reference
from .text_forms import DIGITS, EMAIL, NAME

_CONTACTS_AT_MOST: Final = 10
_COLOMBIA: Final = "co"


@attrs.frozen
class IdType:
    """
    A kind of identification.

    Args:
        name: What it is called.
        form: What a number of this kind looks like.
    """

    name: str
    form: re.Pattern[str]


_DIGITS: Final = re.compile(r"[0-9]{3,13}")
_SHORT: Final = re.compile(r"[0-9A-Za-z]{1,13}")
_ANY: Final = re.compile(r"[0-9A-Za-z]{1,20}")

ID_TYPES: Final[Mapping[str, IdType]] = {
    "13": IdType("Cédula de ciudadanía", _DIGITS),
    "31": IdType("NIT", _DIGITS),
    "22": IdType("Cédula de extranjería", _ANY),
    "42": IdType("Documento de identificación extranjero", _ANY),
    "50": IdType("NIT de otro país", _ANY),
    "R-00-PN": IdType("No obligado a registrarse en el RUT PN", _SHORT),
    "91": IdType("NUIP", _ANY),
    "41": IdType("Pasaporte", _ANY),
    "47": IdType("Permiso especial de permanencia PEP", _ANY),
    "11": IdType("Registro civil", _DIGITS),
    "43": IdType("Sin identificación del exterior", _ANY),
    "21": IdType("Tarjeta de extranjería", _ANY),
    "12": IdType("Tarjeta de identidad", _ANY),
    "89": IdType("Salvoconducto de permanencia", _ANY),
    "48": IdType("Permiso protección temporal PPT", _ANY),
}

RESPONSIBILITIES: Final[Mapping[str, str]] = {
    "R-99-PN": "No aplica - Otros",
    "O-13": "Gran contribuyente",
    "O-15": "Autorretenedor",
    "O-23": "Agente de retención IVA",
    "O-47": "Régimen simple de tributación",
}

_PHONE: Final = Fields({part: Text(most=10, pattern=DIGITS) for part in ("indicative", "number", "extension")})

_CITY: Final = Fields(
    {code: Text(required=True, most=10) for code in ("country_code", "state_code", "city_code")}, required=True
)

_CONTACT: Final = Fields(
    {
        "first_name": Text(required=True, most=50),
        "last_name": Text(most=50),
        "email": Text(most=100, pattern=EMAIL, code="invalid_email"),
        "phone": _PHONE,
    }
)

FIELDS: Final[Mapping[str, Rule]] = {
    "type": Text(choices=("Customer", "Supplier", "Other")),
    "person_type": Text(required=True, choices=("Person", "Company")),
    "id_type": Text(required=True, choices=tuple(ID_TYPES)),
    "identification": Text(required=True, most=50),
    "check_digit": Whole(most=9, or_text=True),
    "name": Rows(Text(most=100, pattern=NAME, code="invalid_name", empty=False), required=True),
    "commercial_name": Text(),
    "branch_office": Whole(most=999, or_text=True),
    "active": Flag(),
    "vat_responsible": Flag(),
    "fiscal_responsibilities": Rows(Fields({"code": Text(required=True, choices=tuple(RESPONSIBILITIES))})),
    "address": Fields(
        {
            "address": Text(required=True, most=256),
            "city": _CITY,
            "postal_code": Text(most=10, pattern=re.compile(r"\S+")),
        },
        required=True,
    ),
    "phones": Rows(_PHONE, required=True),
    # One text of the vendor's says 10, another 20.
    "contacts": Rows(_CONTACT, required=True, most=_CONTACTS_AT_MOST),
    "comments": Text(most=4000),
    "related_users": Fields({"seller_id": Whole(), "collector_id": Whole()}),
    "custom_fields": Rows(Fields({"key": Text(required=True), "value": Text()})),
}


def wrong_forms(body: Mapping[str, Any]) -> Iterator[Failure | None]:
    """Say what is wrong with fields whose form depends on another field."""
    if not ID_TYPES[body["id_type"]].form.fullmatch(body["identification"]):
        yield failures.invalid_format("invalid_identification", "identification")
    names = 2 if body["person_type"] == "Person" else 1
    if len(body["name"]) != names:
        yield failures.invalid_array("name", f"must have {names} elements for a {body['person_type']}")
    yield _wrong_city(body["address"]["city"])


def _wrong_city(city: Mapping[str, str]) -> Failure | None:
    """The vendor's list of cities is not at hand: of Colombia's, only that both codes go together is looked at."""
    if city["country_code"].casefold() != _COLOMBIA:
        return None
    if re.fullmatch(r"\d{5}", city["city_code"]) and city["city_code"][:2] == city["state_code"]:
        return None
    return failures.invalid_reference("address.city", city["city_code"])


def wrong_references(context: Context) -> Sequence[Failure | None]:
    """Say what is wrong with what a third party refers to."""
    users = context.body.get("related_users") or {}
    return [
        wrong_reference(context, "users", f"related_users.{name}", users.get(name))
        for name in ("seller_id", "collector_id")
    ]
