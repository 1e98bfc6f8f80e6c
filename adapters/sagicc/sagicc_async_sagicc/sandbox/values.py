"""What the columns of Sagicc's invented rows hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias

from sagicc_async.sandbox import invent

from .catalogues import CODES, NAMES, WORDS

#: Makes the value of a column for the row of a number.
Maker: TypeAlias = Callable[[Random, int], Any]

_BEGIN: Final = datetime(2023, 1, 2, 7)  # noqa: DTZ001 - the vendor's times have no zone, as far as is known
_DAYS: Final = 1000


def maker_of(table: str, column: str) -> Maker:
    """Return what makes a column of a table."""
    if (table, column) in _OF_TABLE:
        return _OF_TABLE[table, column]
    if column == "nombre":
        return _numbered(NAMES[table])
    if column == "codigo":
        return _numbered(CODES[table])
    return _choice(WORDS[column]) if column in WORDS else _OF_COLUMN[column]


def moment(part: float) -> str:
    """Return a time, as MySQL writes it: 0 is the first that there is, 1 the last."""
    return str((_BEGIN + timedelta(days=part * _DAYS)).replace(microsecond=0))


def _choice(words: tuple[Any, ...]) -> Maker:
    return lambda random, _: random.choice(words)


def _between(lowest: int, highest: int) -> Maker:
    return lambda random, _: random.randint(lowest, highest)


def _numbered(words: tuple[str, ...]) -> Maker:
    def name(_: Random, number: int) -> str:
        again, place = divmod(number - 1, len(words))
        return f"{words[place]} {again + 1}" if again else words[place]

    return name


def _sometimes(maker: Maker, share: float) -> Maker:
    return lambda random, number: maker(random, number) if random.random() < share else None


def _moment(random: Random, _: int) -> str:
    return moment(random.random())


def _day(random: Random, _: int) -> str:
    return moment(random.random())[:10]


def _birthday(random: Random, _: int) -> str:
    return f"{random.randint(1950, 2005)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def _mobile(random: Random, _: int) -> str:
    return invent.mobile(random)


def _email(random: Random, number: int) -> str:
    first, last, _ = invent.person_name(random).split()
    return f"{_plain(first)}.{_plain(last)}{number}@correo.example"


def _first_name(random: Random, _: int) -> str:
    return invent.person_name(random).split()[0]


def _last_name(random: Random, _: int) -> str:
    return invent.person_name(random).split()[1]


def _contact(random: Random, number: int) -> str:
    return _email(random, number) if random.random() < 0.3 else invent.mobile(random)


def _plain(text: str) -> str:
    """Write small letters without accents."""
    return unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()


def _city(field: str) -> Maker:
    return lambda _, number: getattr(invent.CITIES[(number - 1) % len(invent.CITIES)], field)


_OF_COLUMN: Final[dict[str, Maker]] = {
    "contacto": _mobile,
    "cuenta_remitente": _contact,
    "direccion": _choice(("Entrante", "Saliente")),
    "duracion": _between(5, 1800),
    "email": _email,
    "empresa": _sometimes(lambda random, _: invent.company_name(random), 0.2),
    "fecha_cierre": _sometimes(_moment, 0.6),
    "fecha_fin": _sometimes(_moment, 0.7),
    "fecha_inicio": _moment,
    "fecha_nacimiento": _sometimes(_birthday, 0.7),
    "indicativo": _choice(("57", "57", "57", None)),
    "nivel": _between(1, 5),
    # Text that is a number, unique within the table.
    "nro_documento": lambda random, number: str(10_000_000 + number * 97 + random.randint(0, 96)),
    "numero": lambda _, number: f"CTA-{number:05}",
    "obligatorio": _between(0, 1),
    "orden": _between(1, 20),
    "posicion": _between(1, 50),
    "primer_apellido": _last_name,
    "primer_nombre": _first_name,
    "puntaje": _between(1, 5),
    # MySQL's decimals leave a Laravel application as text.
    "saldo": lambda random, _: f"{random.randint(0, 500_000_000) / 100:.2f}",
    "segundo_apellido": _last_name,
    "segundo_nombre": _sometimes(_first_name, 0.6),
    "tamano": _between(1_000, 9_000_000),
    "url": lambda _, number: f"https://servicios.acme.example/consulta/{number}",
    "usuario": lambda random, number: f"{_plain(_first_name(random, number))}{number}",
    "valor": _contact,
}

_OF_TABLE: Final[dict[tuple[str, str], Maker]] = {
    ("campo", "etiqueta"): _choice(("Motivo", "Fecha de la visita", "Valor acordado", "Observaciones")),
    ("ciudad", "codigo"): _city("code"),
    ("ciudad", "nombre"): _city("name"),
    ("ciudad", "departamento"): _city("department"),
    ("cliente_dato_contacto", "extension"): _sometimes(lambda random, _: str(random.randint(100, 999)), 0.1),
    ("cliente_dato_contacto", "barrio"): _sometimes(_choice(WORDS["barrio"]), 0.4),
    ("pais", "indicativo"): lambda _, number: ("57", "593", "51", "507", "52")[(number - 1) % 5],
    ("usuario", "nombre"): lambda random, _: invent.person_name(random),
    ("usuario", "extension"): lambda _, number: str(1000 + number),
}
