"""Invented products and third parties. No real person's, and none of the values of the vendor's examples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from sagicc_async.sandbox import Store, invent

from . import catalogue_data, customers, documents, products
from .context import filled, guid
from .customer_rules import ID_TYPES, RESPONSIBILITIES
from .product_records import unit
from .stamps import Stamps

_Record = dict[str, Any]

_BEGIN: Final = datetime(2025, 1, 2, 13, 0, 0, 208_000, tzinfo=UTC)
_STEP: Final = timedelta(minutes=7, seconds=3, milliseconds=41)

_THINGS: Final = (
    "Café molido", "Camiseta", "Lámpara", "Panela", "Cuaderno", "Guante", "Silla", "Cable", "Bombillo", "Tornillo",
    "Mochila", "Ruana",
)  # fmt: skip
_SORTS: Final = ("azul", "500 g", "industrial", "económica", "tipo exportación", "por 12 unidades", "reforzada")
_BRANDS: Final = ("Frailejón", "Turpial", "Guayacán", "Samán")
_PRICE_LISTS: Final = {row["position"]: row["name"] for row in catalogue_data.PRICE_LISTS}


def populate(store: Store, *, records: int, seed: int, stamps: Stamps) -> None:
    """
    Fill the tables.

    Args:
        store: Where to.
        records: How many products and third parties; documents know themselves.
        seed: Decides the values.
        stamps: How moments are written.
    """
    catalogue_data.populate(store, _random(seed, "catalogues"))
    store.fill(products.TABLE, _many(_product, _random(seed, "products"), records, seed, stamps))
    store.fill(customers.TABLE, _many(_customer, _random(seed, "customers"), records, seed, stamps))
    documents.populate(store, records, seed, _random(seed, "documents"), stamps)


def _random(seed: int, purpose: str) -> Random:
    """A sequence of its own for each table: none changes because another one got a field more."""
    return Random(f"{seed}/siigo/{purpose}")  # noqa: S311


def _many(make: Any, random: Random, records: int, seed: int, stamps: Stamps) -> Iterator[_Record]:
    for number in range(1, records + 1):
        created = _BEGIN + number * _STEP
        stamped = stamps.created(created)
        if random.random() < 0.3:
            stamped |= stamps.changed(created + timedelta(days=random.randint(1, 90)), stamped["metadata"])
        yield {"id": guid(make.__name__, seed, number), **filled(make(random, number)), **stamped}


def _product(random: Random, number: int) -> _Record:
    service = random.random() < 0.15
    group = catalogue_data.ACCOUNT_GROUPS[1 if service else 0]
    stocked = not service and random.random() < 0.5
    return {
        "code": f"P{number:05}",
        "name": f"{random.choice(_THINGS)} {random.choice(_SORTS)} {number}",
        "account_group": {"id": group["id"], "name": group["name"]},
        "type": "Service" if service else "Product",
        "stock_control": stocked,
        "active": number % 50 != 0,
        "tax_classification": "Taxed",
        "tax_included": False,
        "tax_consumption_value": 0,
        "taxes": [_tax(random.choice((0, 0, 0, 1)))],
        "prices": [{"currency_code": "COP", "price_list": _prices(random)}],
        "unit": unit(None),
        "unit_label": "unidad",
        "reference": f"REF-{number}" if random.random() < 0.6 else None,
        "description": random.choice((None, "Producto de la línea permanente")),
        "additional_fields": {"brand": random.choice(_BRANDS)} if random.random() < 0.4 else {},
        **_stock(random, stocked=stocked),
        "group": group["id"],
    }


def _tax(place: int) -> _Record:
    return {name: catalogue_data.TAXES[place][name] for name in ("id", "name", "type", "percentage")}


def _prices(random: Random) -> list[_Record]:
    value = Decimal(random.randrange(50_000, 25_000_000, 50)) / 100
    return [
        {"position": position, "name": _PRICE_LISTS[position], "value": value}
        for position in range(1, random.randint(1, 3) + 1)
    ]


def _stock(random: Random, *, stocked: bool) -> _Record:
    if not stocked:
        return {"available_quantity": 0}
    held = [
        {"id": store["id"], "name": store["name"], "quantity": random.randint(0, 400)}
        for store in catalogue_data.WAREHOUSES[:2]
    ]
    return {"available_quantity": sum(one["quantity"] for one in held), "warehouses": held}


def _customer(random: Random, number: int) -> _Record:
    company = random.random() < 0.5
    code = "31" if company else "13"
    name = [invent.company_name(random)] if company else invent.person_name(random).split(" ", 1)
    # Numbers that count, so that no two are the same.
    identification = str((900_000_000 if company else 10_000_000) + number)
    return {
        "type": _kind(number),
        "person_type": "Company" if company else "Person",
        "id_type": {"code": code, "name": ID_TYPES[code].name},
        "identification": identification,
        "check_digit": customers.check_digit(identification),
        "name": name,
        "commercial_name": name[0] if company and random.random() < 0.4 else None,
        "branch_office": 0,
        "active": True,
        "vat_responsible": company,
        "fiscal_responsibilities": [{"code": "R-99-PN", "name": RESPONSIBILITIES["R-99-PN"]}],
        "address": _address(random),
        "phones": [{"indicative": "57", "number": invent.mobile(random)}],
        "contacts": [_contact(random, number)],
        "comments": random.choice((None, None, "Prefiere que lo llamen en la tarde")),
        "related_users": {"seller_id": 3101, "collector_id": 3102} if random.random() < 0.3 else {},
    }


def _kind(number: int) -> str:
    """One in five is a supplier, so that there is somebody to buy from however few there are."""
    return "Supplier" if number % 5 == 0 else "Customer"


def _address(random: Random) -> _Record:
    city = invent.city(random)
    named = {
        "country_code": "Co",
        "country_name": "Colombia",
        "state_code": city.department_code,
        "state_name": city.department,
        "city_code": city.code,
        "city_name": city.name,
    }
    return {"address": invent.address(random), "city": named}


def _contact(random: Random, number: int) -> _Record:
    first, last = invent.person_name(random).split(" ", 1)
    phone = {"indicative": "57", "number": invent.mobile(random)} if random.random() < 0.5 else {}
    return {"first_name": first, "last_name": last, "email": f"contacto{number}@acme.example", "phone": phone}
