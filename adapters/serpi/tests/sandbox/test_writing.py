"""What SERPI's emulator takes and refuses, in the vendor's words."""

from __future__ import annotations

import pytest

CREATED = {
    "success": True,
    "code": 201,
    "errors": [],
    "message": "Validaciones exitosas. Registro creado exitosamente",
}
MODIFIED = {
    "success": True,
    "code": 200,
    "errors": [],
    "message": "Validaciones exitosas. Registro modificado exitosamente",
}
NOT_CREATED = "Problemas de validaciones. Se presentaron errores al crear el registro"
NOT_MODIFIED = "Problemas de validaciones. Se presentaron errores al modificar el registro"


async def test_a_new_cost_centre_is_kept_and_its_id_not_told(serpi):
    async with serpi() as api:
        assert await api.post("CentroCosto", {"codigo": "ZZ", "abreviatura": "Zé", "descripcion": "Ñ"}) == (
            201,
            CREATED,
        )
        assert await api.ids("CentroCosto?limite=120&pagina=2") == [121]
        kept = {"id": 121, "codigo": "ZZ", "abreviatura": "Zé", "descripcion": "Ñ"}
        assert api.vendor.rows("centro_costo")[-1] == kept


async def test_all_complaints_come_at_once_in_the_vendors_words(serpi):
    async with serpi() as api:
        api.vendor.add("centro_costo", {"codigo": "K1", "abreviatura": "KO"})
        status, body = await api.post("CentroCosto", {"codigo": "k1", "abreviatura": "KO", "descripcion": None})
        assert status == 400
        assert set(body.pop("errors")) == {
            "El codigo k1 ya existe",
            "La abreviatura KO ya existe",
            "El campo descripcion es obligatorio",
        }
        assert body == {"success": False, "code": 400, "message": NOT_CREATED}
        assert len(api.vendor.rows("centro_costo")) == 121


@pytest.mark.parametrize(
    "wrong",
    [
        {"codigo": "123456"},
        {"codigo": 12},
        {"codigo": ""},
        {"abreviatura": "123456"},
        {"abreviatura": "  "},
        {"descripcion": "x" * 201},
        {"descripcion": ["x"]},
    ],
)
async def test_a_field_that_is_wrong_is_the_only_one_complained_of(serpi, wrong):
    async with serpi() as api:
        good = {"codigo": "ZZ", "abreviatura": "ZZ", "descripcion": "x" * 200}
        _, body = await api.post("CentroCosto", {**good, **wrong})
        assert len(body["errors"]) == 1
        assert next(iter(wrong)) in body["errors"][0]
        assert (await api.post("CentroCosto", good))[1] == CREATED


async def test_an_id_sent_with_a_new_one_and_unknown_fields_are_dropped(serpi):
    async with serpi() as api:
        record = {"id": 5, "codigo": "ZZ", "abreviatura": "ZZ", "descripcion": "x", "color": "azul"}
        assert (await api.post("CentroCosto", record))[0] == 201
        assert api.vendor.rows("centro_costo")[-1] == {
            "id": 121,
            "codigo": "ZZ",
            "abreviatura": "ZZ",
            "descripcion": "x",
        }


async def test_a_cost_centre_is_modified_in_its_place(serpi):
    async with serpi() as api:
        record = {**api.vendor.rows("centro_costo")[3], "descripcion": "OTRA"}
        assert await api.put("CentroCosto", record) == (200, MODIFIED)
        assert api.vendor.rows("centro_costo")[3] == record
        assert len(api.vendor.rows("centro_costo")) == 120


async def test_an_unknown_id_is_a_failure_with_code_204(serpi):
    async with serpi() as api:
        status, body = await api.put("CentroCosto", {"id": 999, "codigo": "Z", "abreviatura": "Z", "descripcion": "Z"})
        assert status == 200
        assert body == {
            "success": False,
            "code": 204,
            "errors": None,
            "message": "No se encontraron registros con el id 999",
        }


async def test_a_modification_names_the_record_that_has_the_value(serpi):
    async with serpi() as api:
        first, second, *_ = api.vendor.rows("centro_costo")
        wrong = {"id": second["id"], "codigo": first["codigo"], "abreviatura": first["abreviatura"].lower()}
        status, body = await api.put("CentroCosto", wrong)
        assert status == 400
        assert set(body.pop("errors")) == {
            f"El codigo {first['codigo']} ya esta asociado al id 1",
            f"La abreviatura {first['abreviatura'].lower()} ya esta asociado al id 1",
            "El campo descripcion es obligatorio",
        }
        assert body == {"success": False, "code": 400, "message": NOT_MODIFIED}
        assert api.vendor.rows("centro_costo")[1] == second


async def test_a_modification_needs_an_id_and_says_the_rest_as_well(serpi):
    async with serpi() as api:
        taken = api.vendor.rows("centro_costo")[6]["abreviatura"]
        _, body = await api.put("CentroCosto", {"codigo": "ZZ", "abreviatura": taken})
        assert set(body["errors"]) == {
            "El campo id es obligatorio",
            f"La abreviatura {taken} ya esta asociado al id 7",
            "El campo descripcion es obligatorio",
        }


@pytest.mark.parametrize("identifier", ["1", 1.5, True, 10**11, [1]])
async def test_an_id_of_another_kind_is_refused(serpi, identifier):
    async with serpi() as api:
        record = {"id": identifier, "codigo": "ZZ", "abreviatura": "ZZ", "descripcion": "x"}
        status, body = await api.put("CentroCosto", record)
        assert (status, len(body["errors"])) == (400, 1)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", '{"codigo":"ZZ","abreviatura":"ZZ","descripcion":"x"}'),
        ("application/json", '{"codigo":'),
        ("application/json", ""),
        ("application/json", '[{"codigo":"ZZ","abreviatura":"ZZ","descripcion":"x"}]'),
        ("application/json; charset=utf-8", b'{"codigo":"\xff"}'),
        ("application/json", '{"codigo":"\\ud800"}'),
        ("application/json", "[" * 100_000),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_body_that_is_no_json_object_is_refused(serpi, method, content_type, body):
    async with serpi() as api:
        status, answer = await api.ask(method, "CentroCosto", data=body, headers={"Content-Type": content_type})
        assert (status, answer["success"], len(answer["errors"])) == (400, False, 1)
        assert len(api.vendor.rows("centro_costo")) == 120


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("bodega", "Bodega"),
        ("centro_operacion", "CentroOperacion"),
        ("sucursal", "Sucursales"),
        ("forma_pago", "FormaPago"),
        ("articulo", "Articulo"),
        ("articulo_proveedor", "ArticuloProveedor"),
    ],
)
async def test_resources_of_which_little_is_known_take_any_object(serpi, name, path):
    async with serpi() as api:
        fields = list(api.vendor.rows(name)[0])
        assert await api.post(path, {"id": 3, fields[2]: "sent", "nuevo": 1}) == (201, CREATED)
        kept = api.vendor.rows(name)[-1]
        assert (kept["id"], kept[fields[2]], kept["nuevo"]) == (121, "sent", 1)
        assert list(kept) == [*fields, "nuevo"]
        assert await api.put(path, {"id": 121, fields[2]: "again"}) == (200, MODIFIED)
        assert api.vendor.rows(name)[-1] == {**kept, fields[2]: "again"}
        assert (await api.put(path, {fields[2]: "x"}))[1]["errors"] == ["El campo id es obligatorio"]
        assert (await api.put(path, {"id": 0}))[1]["code"] == 204


@pytest.mark.parametrize(("sent", "kept"), [("1500", "1500.00"), ("7.5", "7.50"), ("1e400", "1E+400"), ("null", None)])
async def test_decimals_that_are_written_get_the_vendors_places(serpi, sent, kept):
    async with serpi() as api:
        headers = {"Content-Type": "application/json"}
        assert (await api.ask("POST", "Articulo", data=f'{{"costo":{sent}}}', headers=headers))[0] == 201
        cost = api.vendor.rows("articulo")[-1]["costo"]
        assert (cost if cost is None else str(cost)) == kept
