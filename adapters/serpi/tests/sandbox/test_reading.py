"""What SERPI's emulator answers to a GET: the documented bodies, and each switch where the vendor is silent."""

from __future__ import annotations

import itertools

import pytest

PATHS = {
    "centro_costo": "CentroCosto",
    "impuesto": "Impuesto",
    "tipo_documento": "DocumentoContable/GetTipoDocumento",
    "bodega": "Bodega",
    "centro_operacion": "CentroOperacion",
    "sucursal": "Sucursales",
    "forma_pago": "FormaPago",
    "articulo": "Articulo",
    "articulo_proveedor": "ArticuloProveedor",
}
# The keys of the records in the wiki's examples, in their order, as far as each is known.
FIELDS = {
    "centro_costo": "id codigo abreviatura descripcion",
    "impuesto": (
        "id descripcion valor aplica _base cuenta_impuesto cuenta_impuesto_devolucion cuenta_impuesto_bonificado"
    ),
    "tipo_documento": "id categoriaDocumento prefijo descripcion",
    "bodega": "id abreviatura descripcion tipo_Bodega id_Centro_Operacion id_Centro_Costo id_Subcentro_Costo",
    "centro_operacion": (
        "id abreviatura descripcion direccion codigo_pais pais codigo_departamento departamento codigo_ciudad ciudad"
        " telefono movil"
    ),
    "sucursal": (
        "id id_tercero nit_tercero codigo referencia_sucursal descripcion direccion direccion2 telefono telefono2 ext"
        " ext2 movil id_ciudad codigo_ciudad"
    ),
    "forma_pago": (
        "id cuenta descripcion_cuenta descripcion_fomapago tipo aplicafactura aplicapuntopago tercuenta"
        " id_formapago_categoria"
    ),
    "articulo": (
        "id codigo referencia barras descripcion idgrupocontable descripcionalterna idlinea idcategoria idpresentacion"
        " idmarca idunidadmedida peso costo"
    ),
    "articulo_proveedor": (
        "id idArticulo descripcion nitProveedor codigoProveedor descripcionProveedor proveedorPredeterminado"
        " multiploCompra"
    ),
}


@pytest.mark.parametrize("name", PATHS)
async def test_a_record_has_the_documented_fields_in_their_order(serpi, name):
    async with serpi() as api:
        status, body = await api.get(f"{PATHS[name]}?limite=3")
        assert status == 200
        assert all(list(row) == FIELDS[name].split() for row in body["result"])
        assert body["result"] == api.vendor.rows(name)[:3]


@pytest.mark.parametrize("name", PATHS)
async def test_a_reply_with_rows_has_errors_null_or_no_errors_as_the_example(serpi, name):
    async with serpi() as api:
        _, body = await api.get(f"{PATHS[name]}?limite=3")
        rows = body.pop("result")
        errors = {} if name in {"bodega", "forma_pago"} else {"errors": None}
        assert body == {"success": True, "code": 200, **errors, "message": f"{len(rows)} registro(s) encontrados"}


@pytest.mark.parametrize(
    ("name", "field", "kind"),
    [
        ("centro_operacion", "telefono", int),
        ("sucursal", "telefono", str),
        ("centro_operacion", "codigo_ciudad", int),
        ("sucursal", "codigo_ciudad", str),
        ("sucursal", "codigo", int),
        ("articulo", "codigo", str),
        ("forma_pago", "aplicafactura", bool),
        ("articulo_proveedor", "nitProveedor", str),
    ],
)
async def test_types_clash_between_resources_as_in_the_examples(serpi, name, field, kind):
    async with serpi() as api:
        assert {type(row[field]) for row in api.vendor.rows(name)} == {kind}


async def test_decimals_are_sent_with_the_vendors_places(serpi):
    async with serpi() as api:
        places = {"impuesto": {"valor": -5, "_base": -5}, "articulo": {"peso": -5, "costo": -2}, "articulo_proveedor": {"multiploCompra": -2}}  # fmt: skip
        for name, fields in places.items():
            _, body = await api.get(PATHS[name])
            for field, exponent in fields.items():
                assert {row[field].as_tuple().exponent for row in body["result"]} == {exponent}


async def test_pages_put_together_are_all_records_each_once(serpi):
    async with serpi() as api:
        pages = [await api.ids(f"CentroCosto?limite=50&pagina={page}") for page in (1, 2, 3, 4)]
        assert [len(page) for page in pages] == [50, 50, 20, 0]
        assert list(itertools.chain(*pages)) == list(range(1, 121))


async def test_without_limite_a_page_has_fifty(serpi):
    async with serpi() as api:
        assert len(await api.ids("CentroCosto")) == 50
    async with serpi(default_limite=7) as api:
        assert len(await api.ids("CentroCosto")) == 7


async def test_a_larger_limite_can_be_cut_silently(serpi):
    async with serpi(max_limite=40) as api:
        assert await api.ids("CentroCosto?limite=1000&pagina=2") == list(range(41, 81))


async def test_the_page_number_can_be_ignored(serpi):
    async with serpi(ignore_pagina=True) as api:
        assert await api.ids("CentroCosto?limite=5&pagina=9") == [1, 2, 3, 4, 5]


async def test_the_message_can_count_all_that_match(serpi):
    async with serpi(message_count="total") as api:
        assert (await api.get("CentroCosto?limite=5"))[1]["message"] == "120 registro(s) encontrados"


@pytest.mark.parametrize("query", ["limite=0", "limite=-1", "limite=x", "limite=", "pagina=0", "pagina=1.5"])
async def test_an_unusable_page_is_refused(serpi, query):
    async with serpi() as api:
        status, body = await api.get(f"CentroCosto?{query}")
        assert (status, body["success"], body["code"]) == (400, False, 400)
        assert query.partition("=")[0] in body["errors"][0]


async def test_unknown_parameters_are_ignored(serpi):
    async with serpi() as api:
        assert await api.ids("CentroCosto?limite=2&codigo=zzz&color=azul") == [1, 2]


async def test_articles_are_filtered_by_code_and_suppliers_by_article(serpi):
    async with serpi() as api:
        code = api.vendor.rows("articulo")[16]["codigo"]
        assert code.isdigit()
        assert await api.ids(f"Articulo?codigo={code}") == [17]
        suppliers = [row["id"] for row in api.vendor.rows("articulo_proveedor") if row["idArticulo"] == 3]
        assert len(suppliers) == 2
        assert await api.ids("ArticuloProveedor?idArticulo=3") == suppliers
        assert await api.ids("ArticuloProveedor?idArticulo=3&limite=1&pagina=2") == suppliers[1:]
        assert await api.ids("Articulo?codigo=nothing") == []
        assert (await api.get("ArticuloProveedor?idArticulo=x"))[0] == 400


EMPTY_LIKE_COST_CENTRES = {
    "success": True,
    "code": 201,
    "message": "No se encontraron registros",
    "result": [],
}
EMPTY_LIKE_DOCUMENT_TYPES = {"success": True, "code": 204, "message": "No se encontraron registros"}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("style", ["201", "204"])
async def test_empty_replies_are_the_documented_ones_and_the_rest_follows_the_setting(serpi, name, style):
    expected = {"201": EMPTY_LIKE_COST_CENTRES, "204": EMPTY_LIKE_DOCUMENT_TYPES}[style]
    expected = {"centro_costo": EMPTY_LIKE_COST_CENTRES, "tipo_documento": EMPTY_LIKE_DOCUMENT_TYPES}.get(
        name, expected
    )
    async with serpi(records=0, empty_style=style, http_status="always200") as api:
        assert await api.get(PATHS[name]) == (200, expected)


async def test_a_page_behind_the_last_is_empty(serpi):
    async with serpi() as api:
        assert await api.get("CentroCosto?pagina=1000000") == (201, EMPTY_LIKE_COST_CENTRES)


async def test_a_get_may_carry_an_empty_text_body(serpi):
    async with serpi() as api:
        assert (await api.get("CentroCosto", data="", headers={"Content-Type": "text/plain"}))[0] == 200
        assert (await api.get("CentroCosto", data="{", headers={"Content-Type": "text/plain"}))[0] == 200
