"""Invented Colombian data: plausible, nobody's, and the same for the same seed."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# DIAN, "Orden Administrativa 4 de 1989": weights from the last digit to the first.
_NIT_WEIGHTS: Final = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


class City(NamedTuple):
    """A city with its DANE codes, which are text: they can begin with a zero."""

    code: str
    name: str
    department_code: str
    department: str


CITIES: Final = (
    City("05001", "MEDELLÍN", "05", "ANTIOQUIA"),
    City("08001", "BARRANQUILLA", "08", "ATLÁNTICO"),
    City("11001", "BOGOTÁ D.C.", "11", "BOGOTÁ D.C."),
    City("13001", "CARTAGENA DE INDIAS", "13", "BOLÍVAR"),
    City("15001", "TUNJA", "15", "BOYACÁ"),
    City("17001", "MANIZALES", "17", "CALDAS"),
    City("19001", "POPAYÁN", "19", "CAUCA"),
    City("20001", "VALLEDUPAR", "20", "CESAR"),
    City("23001", "MONTERÍA", "23", "CÓRDOBA"),
    City("41001", "NEIVA", "41", "HUILA"),
    City("47001", "SANTA MARTA", "47", "MAGDALENA"),
    City("50001", "VILLAVICENCIO", "50", "META"),
    City("52001", "PASTO", "52", "NARIÑO"),
    City("54001", "CÚCUTA", "54", "NORTE DE SANTANDER"),
    City("63001", "ARMENIA", "63", "QUINDÍO"),
    City("66001", "PEREIRA", "66", "RISARALDA"),
    City("68001", "BUCARAMANGA", "68", "SANTANDER"),
    City("70001", "SINCELEJO", "70", "SUCRE"),
    City("73001", "IBAGUÉ", "73", "TOLIMA"),
    City("76001", "CALI", "76", "VALLE DEL CAUCA"),
)

_TRADES = (
    "Distribuidora", "Comercializadora", "Ferretería", "Agropecuaria", "Panadería", "Confecciones", "Transportes",
    "Laboratorios", "Inversiones", "Papelería", "Maderas", "Lácteos", "Empaques", "Repuestos", "Viveros", "Muebles",
)  # fmt: skip
_NAMES = (
    "El Frailejón", "La Ceiba", "Río Magdalena", "Los Guaduales", "Sierra Nevada", "El Turpial", "La Candelaria",
    "Páramo Azul", "El Guayacán", "Tres Esquinas", "La Macarena", "Los Nogales", "San Agustín", "El Cóndor",
    "Punta Gallinas", "La Palma", "El Samán", "Cañón Verde", "Altos del Café", "Mar de Leva",
)  # fmt: skip
_FORMS = ("S.A.S.", "S.A.S.", "S.A.S.", "Ltda.", "S.A.", "y Cía. S. en C.")
_FIRST_NAMES = (
    "Alejandra", "Andrés", "Camila", "Carlos", "Daniela", "Diana", "Esteban", "Iván", "Juliana", "Laura", "Mónica",
    "Natalia", "Óscar", "Paola", "Ricardo", "Sebastián", "Valentina", "Yeison",
)  # fmt: skip
_LAST_NAMES = (
    "Acevedo", "Bedoya", "Cárdenas", "Duarte", "Echeverri", "Fandiño", "Giraldo", "Hurtado", "Ibáñez", "Jaramillo",
    "Londoño", "Muñoz", "Niño", "Ospina", "Peñaranda", "Quintero", "Restrepo", "Sanabria", "Tafur", "Zuluaga",
)  # fmt: skip


def company_name(random: Random) -> str:
    """Return a company's name: `Maderas El Samán S.A.S.`."""
    return f"{random.choice(_TRADES)} {random.choice(_NAMES)} {random.choice(_FORMS)}"


def person_name(random: Random) -> str:
    """Return a first name and two family names."""
    return f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)} {random.choice(_LAST_NAMES)}"


def city(random: Random) -> City:
    """Return a city."""
    return random.choice(CITIES)


def address(random: Random) -> str:
    """Return a street address: `CRA 41 # 12-87`."""
    street = random.choice(("CALLE", "CRA", "AV", "DIAGONAL", "TRANSVERSAL"))
    return f"{street} {random.randint(1, 180)} # {random.randint(1, 120)}-{random.randint(1, 99):02}"


def mobile(random: Random) -> str:
    """Return a mobile number: ten digits that begin with 3."""
    return f"3{random.randint(0, 999_999_999):09}"


def nit(random: Random) -> str:
    """Return a company's NIT of nine digits, without its check digit."""
    return str(random.randint(800_000_000, 901_999_999))


def nit_check_digit(number: str) -> int:
    """
    Return the check digit of a NIT (DIAN, modulo 11).

    Args:
        number: Up to 15 digits.
    """
    total = sum(int(digit) * weight for digit, weight in zip(reversed(number), _NIT_WEIGHTS, strict=False))
    rest = total % 11
    return rest if rest < 2 else 11 - rest


def base36(number: int, width: int) -> str:
    """Write a number with the digits 0-9A-Z, padded with zeros to `width`."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text.rjust(width, "0")


def token(random: Random, length: int = 64) -> str:
    """Return letters and digits that look like a vendor's token."""
    letters = _DIGITS + _DIGITS[10:].lower()
    return "".join(random.choices(letters, k=length))
