"""
SERPI's nine resources as the emulator needs them: paths, fields in wire order, what each accepts.

Source: the pages of the vendor's public wiki. Of eight of the nine pages only the beginning is known, so those
resources have the fields that are known there, and keep whatever else is written to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import attrs

_FIVE_PLACES: Final = Decimal("0.00000")
_TWO_PLACES: Final = Decimal("0.00")


@attrs.frozen
class Text:
    """
    What the wiki says about a text field that is written.

    Args:
        length: Characters at most.
        article: The Spanish article that the vendor's messages put before a duplicate field's name; a field without
            one need not be unique.
    """

    length: int
    article: str | None = None


@attrs.frozen(kw_only=True)
class Resource:
    """
    A resource of the vendor.

    Args:
        name: The adapter's name for it, and its table's.
        path: Behind the base URL.
        blank: Every known field but `id`, in wire order, with the value that a record has where nothing was said.
            The wiki asks for `null`, or 0 where the field is a number; a decimal's places are the vendor's.
        rules: The documented rules for writing; without them any object is accepted (the sandbox's own choice).
        writable: Whether the page declares POST and PUT, and says where.
        filters: Query parameters that select rows, with the field that each one compares.
        numeric_filters: Those of them whose documented value is an int and that compare an int field.
        errors_key: Whether a reply with rows has the key `errors`; the examples differ.
        empty: `code` of the reply without rows where it is documented; `None` follows the setting `empty_style`.
    """

    name: str
    path: str
    blank: Mapping[str, Any]
    rules: Mapping[str, Text] = attrs.field(factory=dict)
    writable: bool = True
    filters: Mapping[str, str] = attrs.field(factory=dict)
    numeric_filters: frozenset[str] = frozenset()
    errors_key: bool = True
    empty: int | None = None

    def complete(self, record: Mapping[str, Any], identifier: int) -> dict[str, Any]:
        """Return the record with its id first, every known field in wire order, then unknown ones."""
        known = {name: _in_places(record.get(name, blank), blank) for name, blank in self.blank.items()}
        return {
            "id": identifier,
            **known,
            **{name: record[name] for name in record if name not in known and name != "id"},
        }


def _in_places(value: Any, blank: Any) -> Any:
    """Write a number with the vendor's places."""
    if isinstance(blank, Decimal) and isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            return Decimal(value).quantize(blank)
        except InvalidOperation:  # more digits than a decimal has room for: keep what was sent
            return value
    return value


CENTRO_COSTO: Final = Resource(
    name="centro_costo",
    path="CentroCosto",
    blank={"codigo": "", "abreviatura": "", "descripcion": ""},
    rules={"codigo": Text(5, "El"), "abreviatura": Text(5, "La"), "descripcion": Text(200)},
    empty=201,
)

IMPUESTO: Final = Resource(
    name="impuesto",
    path="Impuesto",
    blank={
        "descripcion": "",
        "valor": _FIVE_PLACES,
        "aplica": 0,
        "_base": _FIVE_PLACES,
        "cuenta_impuesto": None,
        "cuenta_impuesto_devolucion": None,
        "cuenta_impuesto_bonificado": None,
    },
    writable=False,
)

# The page declares POST and PUT, but which address takes them stands in the part that is not known.
TIPO_DOCUMENTO: Final = Resource(
    name="tipo_documento",
    path="DocumentoContable/GetTipoDocumento",
    blank={"categoriaDocumento": "", "prefijo": "", "descripcion": ""},
    writable=False,
    empty=204,
)

BODEGA: Final = Resource(
    name="bodega",
    path="Bodega",
    blank={
        "abreviatura": "",
        "descripcion": "",
        "tipo_Bodega": "",
        "id_Centro_Operacion": 0,
        "id_Centro_Costo": 0,
        "id_Subcentro_Costo": 0,
    },
    errors_key=False,
)

CENTRO_OPERACION: Final = Resource(
    name="centro_operacion",
    path="CentroOperacion",
    blank={
        "abreviatura": "",
        "descripcion": "",
        "direccion": "",
        "codigo_pais": 0,
        "pais": "",
        "codigo_departamento": 0,
        "departamento": "",
        "codigo_ciudad": 0,
        "ciudad": "",
        "telefono": 0,
        "movil": None,
    },
)

SUCURSAL: Final = Resource(
    name="sucursal",
    path="Sucursales",
    blank={
        "id_tercero": 0,
        "nit_tercero": "",
        "codigo": 0,
        "referencia_sucursal": "",
        "descripcion": "",
        "direccion": "",
        "direccion2": "",
        "telefono": "",
        "telefono2": "",
        "ext": None,
        "ext2": None,
        "movil": "",
        "id_ciudad": 0,
        "codigo_ciudad": "",
    },
)

FORMA_PAGO: Final = Resource(
    name="forma_pago",
    path="FormaPago",
    blank={
        "cuenta": 0,
        "descripcion_cuenta": "",
        "descripcion_fomapago": "",
        "tipo": "",
        "aplicafactura": False,
        "aplicapuntopago": False,
        "tercuenta": False,
        "id_formapago_categoria": 0,
    },
    errors_key=False,
)

ARTICULO: Final = Resource(
    name="articulo",
    path="Articulo",
    blank={
        "codigo": "",
        "referencia": "",
        "barras": "",
        "descripcion": "",
        "idgrupocontable": 0,
        "descripcionalterna": None,
        "idlinea": 0,
        "idcategoria": 0,
        "idpresentacion": 0,
        "idmarca": 0,
        "idunidadmedida": 0,
        "peso": _FIVE_PLACES,
        "costo": _TWO_PLACES,
    },
    filters={"codigo": "codigo"},
)

ARTICULO_PROVEEDOR: Final = Resource(
    name="articulo_proveedor",
    path="ArticuloProveedor",
    blank={
        "idArticulo": 0,
        "descripcion": "",
        "nitProveedor": "",
        "codigoProveedor": "",
        "descripcionProveedor": "",
        "proveedorPredeterminado": False,
        "multiploCompra": _TWO_PLACES,
    },
    filters={"idArticulo": "idArticulo"},
    numeric_filters=frozenset({"idArticulo"}),
)

RESOURCES: Final = (
    CENTRO_COSTO,
    IMPUESTO,
    TIPO_DOCUMENTO,
    BODEGA,
    CENTRO_OPERACION,
    SUCURSAL,
    FORMA_PAGO,
    ARTICULO,
    ARTICULO_PROVEEDOR,
)
