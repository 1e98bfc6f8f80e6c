"""Customers, suppliers and other third parties (Siigo, "Clientes")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .reading import read_list, read_word
from .rules import Anything, Complaints, Flag, List, Object, Pattern, Rule, Text, Whole, below, complain, run
from .shared import BRANCH_OFFICE, EMAIL

_DIGITS: Final[Pattern] = Pattern(re.compile("[0-9]*"), "send digits only")
_ID_TYPES: Final = ("13", "31", "22", "42", "50", "R-00-PN", "91", "41", "47", "11", "43", "21", "12", "89", "48")
#: Fewest and most characters of an identification, by the type of id in small letters.
_LENGTHS: Final[Mapping[str, tuple[int, int]]] = {
    **{word.casefold(): (1, 20) for word in _ID_TYPES},
    **dict.fromkeys(("13", "31", "11"), (3, 13)),
    "r-00-pn": (1, 13),
}
_DIGITS_ONLY: Final[frozenset[str]] = frozenset({"13", "31", "11"})
# The vendor's expression asks for three characters, its table of id types takes one; hyphens it takes inside.
_FORM: Final[Pattern] = Pattern(
    re.compile(r"\w(?:[\w-]*\w)?"), "send letters and digits, with hyphens inside only", "invalid_identification"
)
_LONGEST: Final = 50


def _name_parts(party: Mapping[str, Any], path: str) -> Complaints:
    """A company has one name, a person two; without a kind of person either will do."""
    parts = read_list(party.get("name"))
    if parts is None:
        return
    wanted = {"company": (1,), "person": (2,)}.get(read_word(party.get("person_type")) or "", (1, 2))
    if len(parts) not in wanted:
        yield complain("invalid_array", below(path, "name"), "send one element for a Company, two for a Person")


def _identification(party: Mapping[str, Any], path: str) -> Complaints:
    """Each type of id has a length of its own, and some take digits alone."""
    kind, text = read_word(party.get("id_type")), party.get("identification")
    if kind is None or kind not in _LENGTHS or not isinstance(text, str) or not text:
        return
    where = below(path, "identification")
    shortest, longest = _LENGTHS[kind]
    if len(text) < shortest:
        yield complain("length_min", where, f"send at least {shortest} characters for this id_type")
    if longest < len(text) <= _LONGEST:  # what is longer is complained about whatever the type
        yield complain("length_max", where, f"send at most {longest} characters for this id_type")
    if kind in _DIGITS_ONLY and _FORM.regex.fullmatch(text) and not (text.isascii() and text.isdigit()):
        yield complain("invalid_identification", where, "send digits only for this id_type")


_PHONE: Final[Object] = Object(
    # The tables mark the number as required, the texts call it optional; so with a contact's last name and e-mail.
    optional={name: Text(longest=10, pattern=_DIGITS) for name in ("indicative", "number", "extension")}
)
_CONTACT: Final[Object] = Object(
    required={"first_name": Text(longest=50)},
    optional={"last_name": Text(longest=50), "email": Text(longest=100, pattern=EMAIL), "phone": _PHONE},
)
_CITY: Final[Object] = Object(required={"country_code": Text(), "state_code": Text(), "city_code": Text()})
_ADDRESS: Final[Object] = Object(
    required={"address": Text(longest=256), "city": _CITY},
    optional={
        "postal_code": Text(longest=10, pattern=Pattern(re.compile(r"\S*"), "send it without spaces")),
    },
)

_REQUIRED: Final[Mapping[str, Rule]] = {
    "person_type": Text(one_of=("Person", "Company")),
    "id_type": Text(one_of=_ID_TYPES),
    "identification": Text(longest=_LONGEST, pattern=_FORM),
    # The expression for names is not tied to these: a person's name may have signs that it lacks (O'Neil).
    "name": List(of=Text(longest=100)),
    "address": _ADDRESS,
    "phones": List(of=_PHONE),
    # Siigo's error text says at most ten, its table twenty.
    "contacts": List(of=_CONTACT, most=20),
}

#: A third party that an invoice creates on its way.
INLINE_PARTY: Final[Object] = Object(
    required=_REQUIRED, optional={"branch_office": BRANCH_OFFICE}, between=(_name_parts, _identification)
)

_CUSTOMER: Final[Object] = Object(
    required=_REQUIRED,
    optional={
        "type": Text(one_of=("Customer", "Supplier", "Other")),
        # The table says text, the rule beside it whole numbers from 0 to 9.
        "check_digit": Text(longest=1, pattern=_DIGITS, or_number=True),
        "commercial_name": Text(),
        "branch_office": BRANCH_OFFICE,
        "active": Flag(),
        "vat_responsible": Flag(),
        "fiscal_responsibilities": List(
            of=Object(required={"code": Text(one_of=("R-99-PN", "O-13", "O-15", "O-23", "O-47"))})
        ),
        "comments": Text(longest=4000),
        "related_users": Object(optional={"seller_id": Whole(), "collector_id": Whole()}),
        "custom_fields": List(of=Anything()),
    },
    between=(_name_parts, _identification),
)


def check_customer(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a third party that is to be created or replaced.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_CUSTOMER, document)
