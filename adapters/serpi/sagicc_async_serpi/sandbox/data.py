"""Invented records for SERPI's resources. None of the values that the vendor's wiki uses in its examples."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any, Final

from sagicc_async.sandbox import Store, invent

#: Resources that have less data in a real company than cost centres and articles.
_FEW: Final = 200

_AREAS = (
    "LOGÍSTICA", "MERCADEO", "TESORERÍA", "CALIDAD", "DISEÑO", "BODEGAJE", "CARTERA", "IMPORTACIONES", "MANTENIMIENTO",
    "NÓMINA", "PRODUCCIÓN", "SERVICIO AL CLIENTE", "SISTEMAS", "TALENTO HUMANO", "TRANSPORTE", "JURÍDICA",
)  # fmt: skip
_KINDS_OF_TAX = ("IVA VENTA", "RETEFUENTE", "RETEICA", "IMPOCONSUMO", "RETEIVA", "AUTORRETENCIÓN")
_RATES = ("19.00000", "2.50000", "0.41400", "8.00000", "15.00000", "11.00000", "0.96600")
_DOCUMENTS = (
    ("FV", "FACTURA DE VENTA"), ("CE", "COMPROBANTE DE EGRESO"), ("NM", "NÓMINA"), ("AJ", "AJUSTE DE INVENTARIO"),
    ("DC", "DOCUMENTO DE CIERRE"), ("CP", "CUENTA POR PAGAR"), ("DP", "DEPRECIACIÓN"),
)  # fmt: skip
_KINDS_OF_STORE = ("SATÉLITE", "TRÁNSITO", "CONSIGNACIÓN", "AVERÍAS")
_PAYMENTS = ("EFECTIVO", "TRANSFERENCIA", "TARJETA CRÉDITO", "TARJETA DÉBITO", "CHEQUE", "CRÉDITO 30 DÍAS")
_THINGS = (
    "TORNILLO",
    "CAFÉ MOLIDO",
    "CAMISETA",
    "LÁMPARA",
    "CABLE",
    "BOMBILLO",
    "PANELA",
    "CUADERNO",
    "GUANTE",
    "NEVERA",
)
_SORTS = ("ECONÓMICO", "REFORZADO", "AZUL", "X 12 UNIDADES", "TIPO EXPORTACIÓN", "500 G", "INDUSTRIAL", "NIÑO")

_Record = dict[str, Any]


def populate(store: Store, *, records: int, seed: int) -> None:
    """
    Fill the tables.

    Args:
        store: Where to.
        records: How many cost centres, and how many articles; 200 at most of everything else.
        seed: Decides the values.
    """
    few = min(records, _FEW)
    sizes = {"centro_costo": records, "articulo": records}
    for name, make in _MAKERS.items():
        count = sizes.get(name, few)
        # A sequence of its own for each resource: none changes because another one got a field more.
        random = Random(f"{seed}/serpi/{name}")  # noqa: S311
        store.fill(name, _numbered(make, random, count))


def _numbered(make: Callable[[Random, int, int], _Record], random: Random, count: int) -> Iterator[_Record]:
    for number in range(1, count + 1):
        yield {"id": number, **make(random, number, count)}


def _centro_costo(random: Random, number: int, count: int) -> _Record:
    area, city = random.choice(_AREAS), invent.city(random).name
    # Both are unique for every count and never longer than the documented 5: the number alone tells them apart.
    digits = len(invent.base36(count, 1))
    letters = _plain(area)[: 5 - digits]
    return {
        "codigo": invent.base36(number, 5),
        "abreviatura": letters + invent.base36(number, digits),
        "descripcion": f"{area} {city} {number}",
    }


def _impuesto(random: Random, number: int, _count: int) -> _Record:
    rate = Decimal(random.choice(_RATES))
    account = random.randint(3000, 9999)
    return {
        "descripcion": f"{random.choice(_KINDS_OF_TAX)} {rate.normalize():f}% {number}",
        "valor": rate,
        "aplica": random.randint(0, 3),
        "_base": Decimal(random.choice((0, 0, 100_000, 1_345_000))).quantize(Decimal("0.00001")),
        "cuenta_impuesto": account,
        "cuenta_impuesto_devolucion": account + 1,
        "cuenta_impuesto_bonificado": random.choice((None, account + 2)),
    }


def _tipo_documento(random: Random, number: int, _count: int) -> _Record:
    category, description = random.choice(_DOCUMENTS)
    return {
        "categoriaDocumento": category,
        "prefijo": category[0] + invent.base36(number, 3),
        "descripcion": f"{description} {number}",
    }


def _bodega(random: Random, number: int, count: int) -> _Record:
    kind = random.choice(_KINDS_OF_STORE)
    return {
        "abreviatura": f"B{number}",
        "descripcion": f"BODEGA {kind} {invent.city(random).name} {number}",
        "tipo_Bodega": kind,
        "id_Centro_Operacion": random.randint(1, count),
        "id_Centro_Costo": random.randint(1, count),
        "id_Subcentro_Costo": random.randint(1, count),
    }


def _centro_operacion(random: Random, number: int, _count: int) -> _Record:
    city = invent.city(random)
    return {
        "abreviatura": f"CO{number}",
        "descripcion": f"OPERACIÓN {city.name} {number}",
        "direccion": invent.address(random),
        "codigo_pais": 57,
        "pais": "COLOMBIA",
        # The page shows numbers here, so DANE's leading zeros are lost, as at the vendor.
        "codigo_departamento": int(city.department_code),
        "departamento": city.department,
        "codigo_ciudad": int(city.code),
        "ciudad": city.name,
        "telefono": random.randint(2_000_000, 8_999_999),
        "movil": None,
    }


def _sucursal(random: Random, number: int, _count: int) -> _Record:
    city = invent.city(random)
    return {
        "id_tercero": 5000 + number // 2,
        "nit_tercero": invent.nit(random),
        "codigo": number % 2,
        "referencia_sucursal": "",
        "descripcion": f"{invent.company_name(random)} {city.name}",
        "direccion": invent.address(random),
        "direccion2": "",
        "telefono": str(random.randint(2_000_000, 8_999_999)),
        "telefono2": "",
        "ext": random.choice((None, str(random.randint(100, 999)))),
        "ext2": None,
        "movil": invent.mobile(random),
        "id_ciudad": int(city.code),
        "codigo_ciudad": city.code,
    }


def _forma_pago(random: Random, number: int, _count: int) -> _Record:
    payment = random.choice(_PAYMENTS)
    return {
        "cuenta": 11_000_000 + random.randint(1, 999_999),
        "descripcion_cuenta": f"BANCOS {invent.city(random).name}",
        "descripcion_fomapago": f"{payment} {number}",
        "tipo": payment,
        "aplicafactura": random.random() < 0.5,
        "aplicapuntopago": random.random() < 0.5,
        "tercuenta": random.random() < 0.2,
        "id_formapago_categoria": random.randint(2, 6),
    }


def _articulo(random: Random, number: int, _count: int) -> _Record:
    return {
        # Text that is a number, since the documented type of the filter is int.
        "codigo": str(10_000 + number),
        "referencia": f"R{invent.base36(random.randrange(36**5), 5)}",
        "barras": f"770{random.randrange(10**10):010}",
        "descripcion": f"{random.choice(_THINGS)} {random.choice(_SORTS)} {number}",
        "idgrupocontable": random.randint(1, 9),
        "descripcionalterna": None,
        "idlinea": random.randint(1, 20),
        "idcategoria": random.randint(1, 40),
        "idpresentacion": random.randint(1, 8),
        "idmarca": random.randint(1, 60),
        "idunidadmedida": random.randint(1, 5),
        "peso": Decimal(random.randint(0, 5_000_000)).scaleb(-5),
        "costo": Decimal(random.randint(50_000, 900_000_000)).scaleb(-2),
    }


def _articulo_proveedor(random: Random, number: int, _count: int) -> _Record:
    nit = invent.nit(random)
    thing = f"{random.choice(_THINGS)} {random.choice(_SORTS)}"
    return {
        # Two suppliers an article, so that the filter finds more than one row.
        "idArticulo": (number + 1) // 2,
        "descripcion": thing,
        "nitProveedor": f"{nit}{invent.nit_check_digit(nit)}",
        "codigoProveedor": f"P{random.randint(1000, 99_999)}",
        "descripcionProveedor": f"{thing} {invent.company_name(random)}",
        "proveedorPredeterminado": number % 2 == 1,
        "multiploCompra": Decimal(random.choice((1, 6, 12, 24))).quantize(Decimal("0.01")),
    }


def _plain(text: str) -> str:
    """Letters without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if letter.isalpha() and letter.isascii())


_MAKERS: Final[dict[str, Callable[[Random, int, int], _Record]]] = {
    "centro_costo": _centro_costo,
    "impuesto": _impuesto,
    "tipo_documento": _tipo_documento,
    "bodega": _bodega,
    "centro_operacion": _centro_operacion,
    "sucursal": _sucursal,
    "forma_pago": _forma_pago,
    "articulo": _articulo,
    "articulo_proveedor": _articulo_proveedor,
}
