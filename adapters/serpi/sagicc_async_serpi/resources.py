"""SERPI's nine documented resources, each with exactly the evidence that the wiki gives for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from sagicc_async import (
    Deadline,
    NumberPaging,
    Paging,
    Poll,
    Priority,
    Record,
    Request,
    Resource,
    Safety,
    Stream,
    to_wire,
)

from .models import (
    Articulo,
    ArticuloProveedor,
    Bodega,
    CentroOperacion,
    FormaPago,
    Impuesto,
    Sucursal,
    TipoDocumento,
)

T = TypeVar("T")

#: `limite` and `pagina`, numbered from 1; no total is documented, and no order (SERPI, all nine pages).
PAGING = NumberPaging(number="pagina", size="limite")

_READ = {"list": Safety.REPEATABLE}
# SERPI documents no idempotency: a write whose answer is lost is never sent again.
READ_AND_WRITE = {**_READ, "create": Safety.UNSAFE, "update": Safety.UNSAFE}

#: The vendor's advice: "puede hacer un consumo cada 5 minutos".
POLL_EVERY = 300.0


class SerpiResource(Resource[T]):
    """What all nine have in common: the list, its two parameters, and polling."""

    paging: ClassVar[Paging] = PAGING
    items: ClassVar[str | None] = "result"
    # The figure of the wiki's own samples. The vendor documents no maximum; a server that caps the size without saying
    # so would leave holes behind larger pages, so a larger one is the user's decision (`page_size=`, `limite=`).
    page_size: ClassVar[int] = 50

    def list(
        self,
        *,
        limite: int | None = None,
        pagina: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[T]:
        """
        Stream the list.

        Args:
            limite: Records on a page.
            pagina: Page to begin with, from 1.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Source: SERPI, all nine pages of its API wiki.
        """
        return self._stream(params or {}, size=limite, start=pagina, deadline=deadline, priority=priority)

    def poll(self, *, every: float = POLL_EVERY, priority: Priority | None = None) -> Poll[T]:
        """
        Look at the whole list again and again, and tell what changed.

        Args:
            every: Seconds between the beginnings of two passes; 300 is the vendor's advice.
            priority: Who goes first; bulk by default.

        Returns:
            An endless async iterator of passes. A failed pass carries its error, and the next one is made all the same.

        Source: SERPI, "¿Cómo funciona?" on all nine pages.
        """
        return self._poll(lambda: self.list(priority=priority), every)


class _PassedThrough(SerpiResource[T]):
    """Writes that the wiki announces without showing their fields: a mapping goes out as it is."""

    operations: ClassVar[Mapping[str, Safety]] = READ_AND_WRITE

    async def create(
        self,
        record: Mapping[str, Any],
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> dict[str, Any]:
        """
        Create a record from a mapping, which is sent as it is: its fields are not known here.

        Args:
            record: What to send; `None` becomes an explicit null.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The vendor's answer as it came.

        Raises:
            OutcomeUnknown: The answer was lost; it is never sent again.
            ValidationFailed: The vendor's reasons stand in `errors`.
        """
        return await self._write("create", "POST", record, deadline, priority)

    async def update(
        self,
        record: Mapping[str, Any],
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> dict[str, Any]:
        """
        Change a record by a PUT of a mapping, which is sent as it is.

        The page declares PUT; its body is in the part that is not known. Of cost centres, whose page is known, PUT carries
        `id` in the body and takes the whole record: whether it does so here, and what becomes of a field that is left out,
        is not known.

        Args:
            record: What to send; `None` becomes an explicit null.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The vendor's answer as it came.

        Raises:
            NotFound: The vendor has no record with this id.
            OutcomeUnknown: The answer was lost; it is never sent again.
            ValidationFailed: The vendor's reasons stand in `errors`.
        """
        return await self._write("update", "PUT", record, deadline, priority)

    async def _write(
        self,
        operation: str,
        method: str,
        record: Mapping[str, Any],
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> dict[str, Any]:
        request = Request(method=method, path=self.path, body=to_wire(record))
        response = await self._send(operation, request, deadline=deadline, priority=priority)
        answer: dict[str, Any] = response.json()
        return answer


class ImpuestoResource(SerpiResource[Impuesto]):
    """Taxes; the page offers GET only (SERPI, "API Documentos Contables/Impuestos")."""

    name: ClassVar[str] = "impuesto"
    path: ClassVar[str] = "Impuesto"
    model: ClassVar[type[Record]] = Impuesto
    operations: ClassVar[Mapping[str, Safety]] = _READ
    evidence: ClassVar[str] = "record whole, read only"


class TipoDocumentoResource(SerpiResource[TipoDocumento]):
    """Kinds of accounting documents; the tabs on writing are not known (SERPI, "API Documentos Inventario")."""

    name: ClassVar[str] = "tipo_documento"
    path: ClassVar[str] = "DocumentoContable/GetTipoDocumento"
    model: ClassVar[type[Record]] = TipoDocumento
    operations: ClassVar[Mapping[str, Safety]] = _READ
    evidence: ClassVar[str] = "list whole, writing unknown"


class BodegaResource(_PassedThrough[Bodega]):
    """Warehouses (SERPI, "API Ventas/Bodegas")."""

    name: ClassVar[str] = "bodega"
    path: ClassVar[str] = "Bodega"
    model: ClassVar[type[Record]] = Bodega
    evidence: ClassVar[str] = "record probably whole, writing unknown"


class CentroOperacionResource(_PassedThrough[CentroOperacion]):
    """Operation centres (SERPI, "API Documentos Contables/Centro Operaciones")."""

    name: ClassVar[str] = "centro_operacion"
    path: ClassVar[str] = "CentroOperacion"
    model: ClassVar[type[Record]] = CentroOperacion
    evidence: ClassVar[str] = "first 12 fields, writing unknown"


class SucursalResource(_PassedThrough[Sucursal]):
    """Branches of third parties; the path is plural (SERPI, "API Documentos Contables/Sucursales")."""

    name: ClassVar[str] = "sucursal"
    path: ClassVar[str] = "Sucursales"
    model: ClassVar[type[Record]] = Sucursal
    evidence: ClassVar[str] = "first 15 fields, writing unknown"


class FormaPagoResource(_PassedThrough[FormaPago]):
    """Forms of payment (SERPI, "API Terceros/Forma Pago")."""

    name: ClassVar[str] = "forma_pago"
    path: ClassVar[str] = "FormaPago"
    model: ClassVar[type[Record]] = FormaPago
    evidence: ClassVar[str] = "first 9 fields, writing unknown"


class ArticuloResource(_PassedThrough[Articulo]):
    """Articles (SERPI, "API Articulos")."""

    name: ClassVar[str] = "articulo"
    path: ClassVar[str] = "Articulo"
    model: ClassVar[type[Record]] = Articulo
    evidence: ClassVar[str] = "first 14 fields, writing unknown"

    def list(
        self,
        *,
        codigo: str | int | None = None,
        limite: int | None = None,
        pagina: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Articulo]:
        """
        Stream the list.

        Args:
            codigo: Only the article with this code. The wiki calls the filter a number and the field a text.
            limite: Records on a page.
            pagina: Page to begin with, from 1.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Source: SERPI, "API Articulos".
        """
        return self._stream(
            _query(params, codigo=codigo), size=limite, start=pagina, deadline=deadline, priority=priority
        )


class ArticuloProveedorResource(_PassedThrough[ArticuloProveedor]):
    """Articles as suppliers sell them (SERPI, "API Articulos/Proveedores")."""

    name: ClassVar[str] = "articulo_proveedor"
    path: ClassVar[str] = "ArticuloProveedor"
    model: ClassVar[type[Record]] = ArticuloProveedor
    evidence: ClassVar[str] = "first 8 fields, writing unknown"

    def list(
        self,
        *,
        id_articulo: int | None = None,
        limite: int | None = None,
        pagina: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[ArticuloProveedor]:
        """
        Stream the list.

        Args:
            id_articulo: Only those of the article with this id.
            limite: Records on a page.
            pagina: Page to begin with, from 1.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Source: SERPI, "API Articulos/Proveedores".
        """
        query = _query(params, idArticulo=id_articulo)
        return self._stream(query, size=limite, start=pagina, deadline=deadline, priority=priority)


def _query(params: Mapping[str, str | int | None] | None, **filters: str | int | None) -> dict[str, str | int | None]:
    """Filters over `params`; one that is not given leaves alone what `params` may say."""
    return {**(params or {}), **{name: value for name, value in filters.items() if value is not None}}
