"""SERPI for sagicc-async."""

from .adapter import Serpi, SerpiCredentials, SerpiSettings
from .models import (
    Articulo,
    ArticuloProveedor,
    Bodega,
    CentroCosto,
    CentroOperacion,
    FormaPago,
    Impuesto,
    Sucursal,
    TipoDocumento,
)

__all__ = [
    "Articulo",
    "ArticuloProveedor",
    "Bodega",
    "CentroCosto",
    "CentroOperacion",
    "FormaPago",
    "Impuesto",
    "Serpi",
    "SerpiCredentials",
    "SerpiSettings",
    "Sucursal",
    "TipoDocumento",
]
