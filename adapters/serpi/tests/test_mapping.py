"""From the wiki's records to attributes, and from calls to requests: names, types, digits, headers, addresses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from yarl import URL

from sagicc_async import MemoryCoordinator, ProtocolError, SessionManager
from sagicc_async.testing import mocked_responses
from sagicc_async_serpi import Serpi, SerpiCredentials

BASE = "https://www.apis.serpi.com.co/api/v1"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.invented.token"
SECRETKEY = "invented-secretkey"

#: resource: (path, the wiki's record as it is printed, what becomes of it)
SAMPLES = {
    "centro_costo": (
        "CentroCosto",
        '{"id": 1, "codigo": "01", "abreviatura": "ADS", "descripcion": "ADMINISTRACION"}',
        {"id": 1, "codigo": "01", "abreviatura": "ADS", "descripcion": "ADMINISTRACION"},
    ),
    "impuesto": (
        "Impuesto",
        (
            '{"id": 1, "descripcion": "IVA COMPRA 5%", "valor": 5.00000, "aplica": 1, "_base": 0.00000,'
            ' "cuenta_impuesto": 2659, "cuenta_impuesto_devolucion": 2659, "cuenta_impuesto_bonificado": null}'
        ),
        {
            "id": 1,
            "descripcion": "IVA COMPRA 5%",
            "valor": Decimal("5.00000"),
            "aplica": 1,
            "base": Decimal("0.00000"),
            "cuenta_impuesto": 2659,
            "cuenta_impuesto_devolucion": 2659,
            "cuenta_impuesto_bonificado": None,
        },
    ),
    "tipo_documento": (
        "DocumentoContable/GetTipoDocumento",
        '{"id": 2, "categoriaDocumento": "NC", "prefijo": "NCC", "descripcion": "NOTA CONTABLE"}',
        {"id": 2, "categoria_documento": "NC", "prefijo": "NCC", "descripcion": "NOTA CONTABLE"},
    ),
    "bodega": (
        "Bodega",
        (
            '{"id": 1, "abreviatura": "1", "descripcion": "BODEGA PRINCIPAL", "tipo_Bodega": "PRINCIPAL",'
            ' "id_Centro_Operacion": 1, "id_Centro_Costo": 1, "id_Subcentro_Costo": 4}'
        ),
        {
            "id": 1,
            "abreviatura": "1",
            "descripcion": "BODEGA PRINCIPAL",
            "tipo_bodega": "PRINCIPAL",
            "id_centro_operacion": 1,
            "id_centro_costo": 1,
            "id_subcentro_costo": 4,
        },
    ),
    "centro_operacion": (
        "CentroOperacion",
        (
            '{"id": 1, "abreviatura": "1", "descripcion": "CENTRO DE OPERACIONES DEMO", "direccion": "CALLE 1 # 2-3",'
            ' "codigo_pais": 1, "pais": "COLOMBIA", "codigo_departamento": 76, "departamento": "VALLE DEL CAUCA",'
            ' "codigo_ciudad": 76001, "ciudad": "SANTIAGO DE CALI", "telefono": 1234567, "movil": "3001234567"}'
        ),
        {
            "id": 1,
            "abreviatura": "1",
            "descripcion": "CENTRO DE OPERACIONES DEMO",
            "direccion": "CALLE 1 # 2-3",
            "codigo_pais": 1,
            "pais": "COLOMBIA",
            "codigo_departamento": 76,
            "departamento": "VALLE DEL CAUCA",
            "codigo_ciudad": 76001,
            "ciudad": "SANTIAGO DE CALI",
            "telefono": 1234567,
            "movil": "3001234567",
        },
    ),
    "sucursal": (
        "Sucursales",
        (
            '{"id": 2317, "id_tercero": 1804, "nit_tercero": "900985549", "codigo": 0, "referencia_sucursal": "",'
            ' "descripcion": "PRUEBA", "direccion": "cra 22 # 4-44", "direccion2": "", "telefono": "", "telefono2": "",'
            ' "ext": null, "ext2": null, "movil": "", "id_ciudad": 5001, "codigo_ciudad": "05001"}'
        ),
        {
            "id": 2317,
            "id_tercero": 1804,
            "nit_tercero": "900985549",
            "codigo": 0,
            "referencia_sucursal": "",
            "descripcion": "PRUEBA",
            "direccion": "cra 22 # 4-44",
            "direccion2": "",
            "telefono": "",
            "telefono2": "",
            "ext": None,
            "ext2": None,
            "movil": "",
            "id_ciudad": 5001,
            "codigo_ciudad": "05001",
        },
    ),
    "forma_pago": (
        "FormaPago",
        (
            '{"id": 1, "cuenta": 15120501, "descripcion_cuenta": "MAQUINARIA Y EQUIPO",'
            ' "descripcion_fomapago": "PRUEBAS D", "tipo": "PRUEBAS T", "aplicafactura": false, "aplicapuntopago": false,'
            ' "tercuenta": false, "id_formapago_categoria": 1}'
        ),
        {
            "id": 1,
            "cuenta": 15120501,
            "descripcion_cuenta": "MAQUINARIA Y EQUIPO",
            "descripcion_fomapago": "PRUEBAS D",
            "tipo": "PRUEBAS T",
            "aplicafactura": False,
            "aplicapuntopago": False,
            "tercuenta": False,
            "id_formapago_categoria": 1,
        },
    ),
    "articulo": (
        "Articulo",
        (
            '{"id": 1, "codigo": "123", "referencia": "456", "barras": "123456789", "descripcion": "ARTICULO1",'
            ' "idgrupocontable": 2, "descripcionalterna": null, "idlinea": 1, "idcategoria": 2, "idpresentacion": 5,'
            ' "idmarca": 1, "idunidadmedida": 3, "peso": 0.00000, "costo": 1000.00}'
        ),
        {
            "id": 1,
            "codigo": "123",
            "referencia": "456",
            "barras": "123456789",
            "descripcion": "ARTICULO1",
            "idgrupocontable": 2,
            "descripcionalterna": None,
            "idlinea": 1,
            "idcategoria": 2,
            "idpresentacion": 5,
            "idmarca": 1,
            "idunidadmedida": 3,
            "peso": Decimal("0.00000"),
            "costo": Decimal("1000.00"),
        },
    ),
    "articulo_proveedor": (
        "ArticuloProveedor",
        (
            '{"id": 1, "idArticulo": 2, "descripcion": "ARTICULO1", "nitProveedor": "1234567890",'
            ' "codigoProveedor": "101", "descripcionProveedor": "ARTICULO UNO", "proveedorPredeterminado": true,'
            ' "multiploCompra": 1.00}'
        ),
        {
            "id": 1,
            "id_articulo": 2,
            "descripcion": "ARTICULO1",
            "nit_proveedor": "1234567890",
            "codigo_proveedor": "101",
            "descripcion_proveedor": "ARTICULO UNO",
            "proveedor_predeterminado": True,
            "multiplo_compra": Decimal("1.00"),
        },
    ),
}
EVERY = pytest.mark.parametrize("name", SAMPLES)
EMPTY = '{"success": true, "code": 201, "message": "No se encontraron registros", "result": []}'


def page(*records):
    return f'{{"success": true, "code": 200, "errors": null, "message": "x", "result": [{", ".join(records)}]}}'


@pytest.fixture
def mocked():
    with mocked_responses() as responses:
        yield responses


@pytest.fixture
async def serpi():
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        yield sessions.open("serpi", {"token": TOKEN, "secretkey": SECRETKEY})


def script(mocked, path, *pages, query=""):
    for number, body in enumerate((*pages, EMPTY), start=1):
        mocked.get(f"{BASE}/{path}?limite=50&pagina={number}{query}", body=body)


def calls(mocked):
    return [(method, str(url), call.kwargs) for (method, url), found in mocked.requests.items() for call in found]


def test_all_nine_resources_have_a_sample():
    assert SAMPLES.keys() == Serpi.resource_classes().keys()


@EVERY
async def test_a_record_of_the_wiki_becomes_its_attributes(mocked, serpi, name):
    path, wire, attributes = SAMPLES[name]
    script(mocked, path, page(wire))

    (record,) = await serpi[name].list().collect()

    assert record.to_dict("python") == attributes
    assert record.extra == {}
    assert type(record) is serpi[name].model
    for attribute, value in attributes.items():
        mine = getattr(record, attribute)
        assert type(mine) is type(value)
        assert not isinstance(value, Decimal) or mine.as_tuple() == value.as_tuple()  # the places too


@EVERY
async def test_a_record_goes_back_to_the_wire_as_it_came(mocked, serpi, name):
    path, wire, _ = SAMPLES[name]
    script(mocked, path, page(wire))

    (record,) = await serpi[name].list().collect()

    assert record.to_json() == wire.replace('": ', '":').replace(', "', ',"')
    assert type(record).from_dict(record.to_dict()) == record


@EVERY
async def test_unknown_fields_are_kept_and_missing_ones_are_none(mocked, serpi, name):
    path, _, attributes = SAMPLES[name]
    script(mocked, path, page('{"id": 7, "campo_nuevo": {"a": [1.50]}, "otro": null}'))

    (record,) = await serpi[name].list().collect()

    assert record.extra == {"campo_nuevo": {"a": [Decimal("1.50")]}, "otro": None}
    assert record.to_dict("python") == {**dict.fromkeys(attributes), "id": 7, "extra": record.extra}


@EVERY
async def test_a_list_asks_the_documented_address_with_both_headers(mocked, serpi, name):
    path, wire, _ = SAMPLES[name]
    script(mocked, path, page(wire))

    await serpi[name].list().collect()

    first, second = calls(mocked)
    assert first[:2] == ("GET", f"{BASE}/{path}?limite=50&pagina=1")
    assert second[:2] == ("GET", f"{BASE}/{path}?limite=50&pagina=2")
    for _, _, options in (first, second):
        assert options["headers"] == {
            "Accept": "application/json",
            "Authorization": f"Bearer {TOKEN}",
            "secretkey": SECRETKEY,
            "User-Agent": "sagicc-async",
        }
        assert options["data"] is None
        assert options["allow_redirects"] is False


@pytest.mark.parametrize(
    ("name", "filters", "query"),
    [
        ("articulo", {"codigo": "00123"}, "codigo=00123&"),
        ("articulo", {"codigo": 12345}, "codigo=12345&"),
        ("articulo", {"codigo": "A&B=ñ"}, "codigo=A%26B%3D%C3%B1&"),
        ("articulo", {"params": {"codigo": "7"}}, "codigo=7&"),
        ("articulo", {"codigo": "8", "params": {"codigo": "7"}}, "codigo=8&"),
        ("articulo", {"params": {"fechamodificaini": "2026-01-01"}}, "fechamodificaini=2026-01-01&"),
        ("articulo_proveedor", {"id_articulo": 2}, "idArticulo=2&"),
        ("articulo_proveedor", {"params": {"idArticulo": 3}}, "idArticulo=3&"),
        ("bodega", {"params": {"x": None}}, ""),
    ],
)
async def test_filters_go_out_under_the_vendors_names(mocked, serpi, name, filters, query):
    path, wire, _ = SAMPLES[name]
    mocked.get(f"{BASE}/{path}?{query}limite=1&pagina=1", body=page(wire))

    assert await serpi[name].list(**filters).first() is not None


async def test_size_and_first_page_are_said_by_their_own_words(mocked, serpi):
    mocked.get(f"{BASE}/Bodega?limite=200&pagina=3", body=EMPTY)

    assert await serpi.bodega.list(limite=200, pagina=3).collect() == []


@EVERY
@pytest.mark.parametrize(
    "body",
    [
        EMPTY,
        '{"success": true, "code": 204, "message": "No se encontraron registros"}',
        '{"success": true, "code": 200, "errors": null, "message": "0", "result": null}',
        "",
    ],
)
async def test_an_empty_list_is_empty_in_each_of_its_variants(mocked, serpi, name, body):
    mocked.get(f"{BASE}/{SAMPLES[name][0]}?limite=50&pagina=1", body=body)

    assert await serpi[name].list().collect() == []


@pytest.mark.parametrize(
    "body",
    [
        # As the wiki prints them: typing slips, not the wire's format.
        '{\n"success": true\n"code": 201,\n"message": "No se encontraron registros",\n"result": []\n}',
        '{\n"success": true,\n"code": 204,\n"message": "No se encontraron registros",\n}',
        page('{"id": 1}')[:-2],
        '{"success": true, "code": 200, "message": "x", "result": {"id": 1}}',
        "<html></html>",
    ],
)
async def test_what_is_not_the_documented_json_is_told(mocked, serpi, body):
    mocked.get(f"{BASE}/CentroCosto?limite=50&pagina=1", body=body)

    with pytest.raises(ProtocolError, match=r"^serpi (default )?centro_costo\.list: "):
        await serpi.centro_costo.list().collect()


async def test_a_type_that_the_wiki_does_not_show_is_told_with_its_place(mocked, serpi):
    script(mocked, "Impuesto", page('{"id": 1, "valor": 5.0}', '{"id": 2, "valor": "cinco"}'))

    with pytest.raises(ProtocolError, match=r"\$\.result\[1\]\.valor") as caught:
        await serpi.impuesto.list().collect()

    assert "cinco" not in str(caught.value)


@pytest.mark.parametrize(("wire", "number"), [("5", "5"), ("5.10", "5.10"), ("1E+2", "1E+2"), ("-0.00", "-0.00")])
async def test_amounts_keep_every_digit(mocked, serpi, wire, number):
    script(mocked, "Articulo", page(f'{{"id": 1, "costo": {wire}}}'))

    (article,) = await serpi.articulo.list().collect()

    assert article.costo.as_tuple() == Decimal(number).as_tuple()


async def test_codes_that_look_like_numbers_stay_text(mocked, serpi):
    script(mocked, "CentroCosto", page('{"id": 1, "codigo": "00012"}'))

    (record,) = await serpi.centro_costo.list().collect()

    assert record.codigo == "00012"


async def test_looking_ahead_works_where_nobody_tells_that_a_request_is_out(mocked, serpi):
    script(mocked, "CentroCosto", page('{"id": 1}'), page('{"id": 2}'))

    async with serpi.centro_costo.list().prefetch() as pages:
        assert [record.id async for page in pages for record in page.items] == [1, 2]


async def test_the_base_url_is_a_setting(mocked):
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        given = SerpiCredentials(token=TOKEN, secretkey=SECRETKEY)
        serpi = sessions.open(Serpi, given, base_url="https://apis.serpi.com.co/api/v1/")
        mocked.get("https://apis.serpi.com.co/api/v1/Bodega?limite=50&pagina=1", body=EMPTY)

        assert await serpi.bodega.list().collect() == []
        assert {url.host for _, url in mocked.requests} == {URL("https://apis.serpi.com.co").host}
