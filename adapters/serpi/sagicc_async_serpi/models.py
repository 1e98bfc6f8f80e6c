"""
SERPI's records, field by field as its wiki prints them.

Attributes are the wire's names in snake_case. Only the cost centre's table is known whole; of the other pages the
beginning is known, so every field is optional and unknown ones stand in `extra`. Types are those of the wiki's
examples: where two pages disagree (`codigo_ciudad` is a number here and a text there), so do the classes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sagicc_async import Record, field, record


@record
class CentroCosto(Record):
    """
    Cost centre (SERPI, "API Documentos Contables/Centro Costos").

    `codigo` and `abreviatura` are unique, up to 5 characters; `descripcion` takes up to 200.
    """

    id: int | None = field(default=None)
    codigo: str | None = field(default=None)
    abreviatura: str | None = field(default=None)
    descripcion: str | None = field(default=None)


@record
class Impuesto(Record):
    """Tax (SERPI, "API Documentos Contables/Impuestos"). `base` is `_base` on the wire; `cuenta_*` are account ids."""

    id: int | None = field(default=None)
    descripcion: str | None = field(default=None)
    valor: Decimal | None = field(default=None)
    aplica: int | None = field(default=None)
    base: Decimal | None = field(wire="_base", default=None)
    cuenta_impuesto: int | None = field(default=None)
    cuenta_impuesto_devolucion: int | None = field(default=None)
    cuenta_impuesto_bonificado: int | None = field(default=None)


@record
class TipoDocumento(Record):
    """Kind of accounting document (SERPI, "API Documentos Inventario", whose text and endpoint are accounting's)."""

    id: int | None = field(default=None)
    categoria_documento: str | None = field(wire="categoriaDocumento", default=None)
    prefijo: str | None = field(default=None)
    descripcion: str | None = field(default=None)


@record
class Bodega(Record):
    """Warehouse (SERPI, "API Ventas/Bodegas")."""

    id: int | None = field(default=None)
    abreviatura: str | None = field(default=None)
    descripcion: str | None = field(default=None)
    tipo_bodega: str | None = field(wire="tipo_Bodega", default=None)
    id_centro_operacion: int | None = field(wire="id_Centro_Operacion", default=None)
    id_centro_costo: int | None = field(wire="id_Centro_Costo", default=None)
    id_subcentro_costo: int | None = field(wire="id_Subcentro_Costo", default=None)


@record
class CentroOperacion(Record):
    """
    Operation centre (SERPI, "API Documentos Contables/Centro Operaciones").

    `codigo_ciudad` and `telefono` are numbers here; a city code loses its leading zero so. The type of `movil` is not
    shown, so it stays as it comes.
    """

    id: int | None = field(default=None)
    abreviatura: str | None = field(default=None)
    descripcion: str | None = field(default=None)
    direccion: str | None = field(default=None)
    codigo_pais: int | None = field(default=None)
    pais: str | None = field(default=None)
    codigo_departamento: int | None = field(default=None)
    departamento: str | None = field(default=None)
    codigo_ciudad: int | None = field(default=None)
    ciudad: str | None = field(default=None)
    telefono: int | None = field(default=None)
    movil: Any = field(default=None)


@record
class Sucursal(Record):
    """Branch of a third party (SERPI, "API Documentos Contables/Sucursales"). Its `codigo_ciudad` is text."""

    id: int | None = field(default=None)
    id_tercero: int | None = field(default=None)
    nit_tercero: str | None = field(default=None)
    codigo: int | None = field(default=None)
    referencia_sucursal: str | None = field(default=None)
    descripcion: str | None = field(default=None)
    direccion: str | None = field(default=None)
    direccion2: str | None = field(default=None)
    telefono: str | None = field(default=None)
    telefono2: str | None = field(default=None)
    ext: Any = field(default=None)
    ext2: Any = field(default=None)
    movil: str | None = field(default=None)
    id_ciudad: int | None = field(default=None)
    codigo_ciudad: str | None = field(default=None)


@record
class FormaPago(Record):
    """Form of payment (SERPI, "API Terceros/Forma Pago"). `descripcion_fomapago` is spelt so by the vendor."""

    id: int | None = field(default=None)
    cuenta: int | None = field(default=None)
    descripcion_cuenta: str | None = field(default=None)
    descripcion_fomapago: str | None = field(default=None)
    tipo: str | None = field(default=None)
    aplicafactura: bool | None = field(default=None)
    aplicapuntopago: bool | None = field(default=None)
    tercuenta: bool | None = field(default=None)
    id_formapago_categoria: int | None = field(default=None)


@record
class Articulo(Record):
    """Article (SERPI, "API Articulos")."""

    id: int | None = field(default=None)
    codigo: str | None = field(default=None)
    referencia: str | None = field(default=None)
    barras: str | None = field(default=None)
    descripcion: str | None = field(default=None)
    idgrupocontable: int | None = field(default=None)
    descripcionalterna: str | None = field(default=None)
    idlinea: int | None = field(default=None)
    idcategoria: int | None = field(default=None)
    idpresentacion: int | None = field(default=None)
    idmarca: int | None = field(default=None)
    idunidadmedida: int | None = field(default=None)
    peso: Decimal | None = field(default=None)
    costo: Decimal | None = field(default=None)


@record
class ArticuloProveedor(Record):
    """An article as a supplier sells it (SERPI, "API Articulos/Proveedores")."""

    id: int | None = field(default=None)
    id_articulo: int | None = field(wire="idArticulo", default=None)
    descripcion: str | None = field(default=None)
    nit_proveedor: str | None = field(wire="nitProveedor", default=None)
    codigo_proveedor: str | None = field(wire="codigoProveedor", default=None)
    descripcion_proveedor: str | None = field(wire="descripcionProveedor", default=None)
    proveedor_predeterminado: bool | None = field(wire="proveedorPredeterminado", default=None)
    multiplo_compra: Decimal | None = field(wire="multiploCompra", default=None)
