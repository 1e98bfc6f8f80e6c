"""
What a type checker and an editor know of the API; checked by mypy, never run.

`assert_type` fails where a type is lost on the way; an ignored error that is no error any more fails too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol, assert_type

import msgspec

from sagicc_async import (
    Absent,
    Adapter,
    Checkpoint,
    Deadline,
    Found,
    OutcomeUnknown,
    Page,
    Priority,
    Response,
    Secret,
    SessionManager,
    StillOpen,
    Stream,
)
from sagicc_async_serpi import (
    Articulo,
    ArticuloProveedor,
    Bodega,
    CentroCosto,
    CentroOperacion,
    FormaPago,
    Impuesto,
    Serpi,
    SerpiCredentials,
    Sucursal,
    TipoDocumento,
)


class ListsCentroCosto(Protocol):
    """What an editor offers behind `serpi.centro_costo.list(`."""

    def __call__(
        self,
        *,
        limite: int | None = None,
        pagina: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[CentroCosto]: ...


class ListsArticulo(Protocol):
    """What an editor offers behind `serpi.articulo.list(`."""

    def __call__(
        self,
        *,
        codigo: str | int | None = None,
        limite: int | None = None,
        pagina: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Articulo]: ...


class EditsCentroCosto(Protocol):
    """What an editor offers behind `await serpi.centro_costo.edit(`."""

    async def __call__(
        self,
        id: int,  # noqa: A002 - the vendor's word
        *,
        codigo: str | None = None,
        abreviatura: str | None = None,
        descripcion: str | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> CentroCosto: ...


async def opening(sessions: SessionManager) -> Serpi:
    """The class gives its own type; a name, which is known at run time only, gives the base."""
    credentials = SerpiCredentials(token="t", secretkey=Secret("s"))
    assert_type(credentials.token, Secret)
    assert_type(sessions.open("serpi", {"token": "t", "secretkey": "s"}), Adapter)
    return assert_type(sessions.open(Serpi, credentials, account="acme", busy_status=409), Serpi)


def completing(serpi: Serpi) -> tuple[ListsCentroCosto, ListsArticulo, EditsCentroCosto]:
    """Every keyword is spelt out, so an editor can offer it."""
    return serpi.centro_costo.list, serpi.articulo.list, serpi.centro_costo.edit


def listing(serpi: Serpi) -> None:
    """Each list is a stream of its own records."""
    assert_type(serpi.centro_costo.list(limite=50, pagina=1), Stream[CentroCosto])
    assert_type(serpi.impuesto.list(params={"x": 1}), Stream[Impuesto])
    assert_type(serpi.tipo_documento.list(), Stream[TipoDocumento])
    assert_type(serpi.bodega.list(), Stream[Bodega])
    assert_type(serpi.centro_operacion.list(), Stream[CentroOperacion])
    assert_type(serpi.sucursal.list(), Stream[Sucursal])
    assert_type(serpi.forma_pago.list(), Stream[FormaPago])
    assert_type(serpi.articulo.list(codigo="1"), Stream[Articulo])
    assert_type(serpi.articulo_proveedor.list(id_articulo=1), Stream[ArticuloProveedor])
    assert_type(serpi.list_path("Marca"), Stream[dict[str, Any]])


async def streaming(serpi: Serpi) -> None:
    """The record's type goes through every way of reading."""
    stream = serpi.impuesto.list()
    async for record in stream:
        assert_type(record, Impuesto)
        assert_type(record.valor, Decimal | None)
        assert_type(record.extra, dict[str, Any])
    async for page in stream.pages():
        assert_type(page, Page[Impuesto])
        assert_type(page.items, list[Impuesto])
    async with stream.prefetch(pages=2) as pages:
        async for page in pages:
            assert_type(page, Page[Impuesto])
    assert_type(await stream.first(), Impuesto | None)
    assert_type(await stream.collect(10), list[Impuesto])
    assert_type(await stream.page(2), Page[Impuesto])
    assert_type(await stream.count(), int)
    assert_type(stream.raw(), Stream[dict[str, Any]])
    assert_type(stream.raw(encoded=True), Stream[bytes])
    assert_type(stream.raw(encoded=True, copy=False), Stream[msgspec.Raw])
    assert_type(stream.checkpoint, Checkpoint)
    assert_type(serpi.impuesto.resume(stream.checkpoint), Stream[Impuesto])
    async for change in serpi.impuesto.poll():
        assert_type(change.changed, list[Impuesto])


async def writing(serpi: Serpi) -> None:
    """Writes take and give records, or mappings where nothing is documented."""
    assert_type(await serpi.centro_costo.create({"codigo": "1"}, read_back=True), CentroCosto)
    assert_type(await serpi.centro_costo.update(CentroCosto(id=1, codigo="1")), CentroCosto)
    assert_type(await serpi.centro_costo.find(codigo="1"), CentroCosto | None)
    assert_type(await serpi.bodega.create({"a": 1}), dict[str, Any])
    assert_type(await serpi.request("GET", "Marca"), Response)
    try:
        await serpi.centro_costo.create({})
    except OutcomeUnknown as error:
        assert_type(await error.reconcile(), Found[Any] | Absent | StillOpen)


async def refused(serpi: Serpi) -> None:
    """What cannot work is seen before it is run."""
    SerpiCredentials(token="t")  # type: ignore[call-arg]
    SerpiCredentials(token=1, secretkey="s")  # type: ignore[arg-type]
    serpi.centro_costo.list(limit=1)  # type: ignore[call-arg]
    serpi.centro_costo.list(limite="50")  # type: ignore[arg-type]
    serpi.articulo.list(codgio="1")  # type: ignore[call-arg]
    await serpi.impuesto.create({})  # type: ignore[attr-defined]
    await serpi.centro_costo.edit(1, nombre="x")  # type: ignore[call-arg]
    serpi.bodegas  # type: ignore[attr-defined]  # noqa: B018 - the look is the test
    CentroCosto(codigo=1)  # type: ignore[arg-type]
