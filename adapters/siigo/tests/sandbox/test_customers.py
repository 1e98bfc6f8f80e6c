"""Third parties: what is taken, what is answered, and that a change replaces everything."""

from __future__ import annotations

import pytest

_PHONE = {"indicative": "57", "number": "3001112233"}


async def test_a_third_party_is_answered_with_names_defaults_and_its_check_digit(siigo, customer):
    async with siigo() as api:
        answer = await api.post("customers", customer())
        assert answer.status == 201
        made = dict(answer.body)
        assert set(made.pop("metadata")) == {"created"}
        assert len(made.pop("id")) == 36
        assert made == {
            "type": "Customer",
            "person_type": "Company",
            "id_type": {"code": "31", "name": "NIT"},
            "identification": "900123456",
            "check_digit": "8",
            "name": ["Maderas El Samán S.A.S."],
            "branch_office": 0,
            "active": True,
            "vat_responsible": False,
            "fiscal_responsibilities": [{"code": "R-99-PN", "name": "No aplica - Otros"}],
            "address": {
                "address": "CRA 41 # 12-87",
                "city": {
                    "country_code": "Co",
                    "country_name": "Colombia",
                    "state_code": "05",
                    "state_name": "ANTIOQUIA",
                    "city_code": "05001",
                    "city_name": "MEDELLÍN",
                },
            },
            "phones": [_PHONE],
            "contacts": [
                {"first_name": "Paola", "last_name": "Ospina", "email": "paola@acme.example", "phone": {}},
            ],
        }


async def test_what_is_sent_is_kept(siigo, customer):
    async with siigo() as api:
        body = customer(
            type="Supplier",
            person_type="Person",
            id_type="13",
            name=["Iván", "Giraldo"],
            check_digit="3",
            commercial_name="La Ceiba",
            branch_office=7,
            active=False,
            vat_responsible=True,
            fiscal_responsibilities=[{"code": "O-13"}, {"code": "O-47"}],
            comments="Llamar antes",
            related_users={"seller_id": 3101, "collector_id": 3102},
            custom_fields=[{"key": "webpage", "value": "acme.example"}],
        )
        made = (await api.post("customers", body)).body
        for name in ("type", "name", "check_digit", "commercial_name", "branch_office", "active", "comments"):
            assert made[name] == body[name]
        assert made["related_users"] == body["related_users"]
        assert "custom_fields" not in made  # no answer is documented to have them
        assert [one["code"] for one in made["fiscal_responsibilities"]] == ["O-13", "O-47"]
        assert (await api.get(f"customers/{made['id']}")).body == made


@pytest.mark.parametrize("status", [200, 201])
async def test_a_change_replaces_everything_and_what_is_left_out_ends_empty(siigo, customer, status):
    async with siigo(put_status=status) as api:
        made = (await api.post("customers", customer(comments="x", commercial_name="y"))).body
        answer = await api.put(f"customers/{made['id']}", customer(phones=[{}]))
        assert answer.status == status
        assert {"comments", "commercial_name", "fiscal_responsibilities"}.isdisjoint(answer.body)
        assert answer.body["phones"] == [{}]
        assert answer.body["id"] == made["id"]
        assert answer.body["metadata"]["created"] == made["metadata"]["created"]
        assert "last_updated" in answer.body["metadata"]
        assert (await api.get(f"customers/{made['id']}")).body == answer.body


@pytest.mark.parametrize(
    ("fields", "code", "params"),
    [
        ({"type": "Friend"}, "invalid_value", "type"),
        ({"person_type": "person"}, "invalid_value", "person_type"),
        ({"id_type": 31}, "invalid_type", "id_type"),
        ({"id_type": "99"}, "invalid_value", "id_type"),
        ({"identification": "90"}, "invalid_identification", "identification"),
        ({"identification": "90012345A"}, "invalid_identification", "identification"),
        ({"identification": "12345678901234"}, "invalid_identification", "identification"),
        ({"id_type": "41", "identification": "AB-123"}, "invalid_identification", "identification"),
        ({"identification": "9" * 51}, "length_max", "identification"),
        ({"check_digit": "x"}, "invalid_type", "check_digit"),
        ({"check_digit": 10}, "invalid_range", "check_digit"),
        ({"name": "Acme"}, "invalid_type", "name"),
        ({"name": []}, "parameter_empty", "name"),
        ({"name": ["Acme", "S.A."]}, "invalid_array", "name"),
        ({"person_type": "Person"}, "invalid_array", "name"),
        ({"name": ["x" * 101]}, "length_max", "name[0]"),
        ({"name": ["O'Brien"]}, "invalid_name", "name[0]"),
        ({"name": [""]}, "parameter_empty", "name[0]"),
        ({"branch_office": 1000}, "invalid_range", "branch_office"),
        ({"active": 1}, "invalid_type", "active"),
        ({"fiscal_responsibilities": [{"code": "O-99"}]}, "invalid_value", "fiscal_responsibilities[0].code"),
        ({"address": {"address": "x"}}, "parameter_required", "address.city"),
        ({"address": "x"}, "invalid_type", "address"),
        ({"phones": []}, "parameter_empty", "phones"),
        ({"phones": [{"number": "12345678901"}]}, "length_max", "phones[0].number"),
        ({"phones": [{"number": "12-34"}]}, "invalid_value", "phones[0].number"),
        ({"contacts": [{}]}, "parameter_required", "contacts[0].first_name"),
        ({"contacts": [{"first_name": "x", "email": "x@"}]}, "invalid_email", "contacts[0].email"),
        ({"contacts": [{"first_name": "x"}] * 11}, "invalid_array", "contacts"),
        ({"comments": "x" * 4001}, "length_max", "comments"),
        ({"related_users": {"seller_id": 1}}, "invalid_reference", "related_users.seller_id"),
        ({"related_users": {"seller_id": 3130}}, "parameter_inactive", "related_users.seller_id"),
    ],
)
async def test_a_third_party_that_breaks_a_rule_is_refused(siigo, customer, fields, code, params):
    async with siigo() as api:
        answer = await api.post("customers", customer(**fields))
        assert (answer.status, answer.codes, answer.params) == (400, [code], [[params]])
        assert api.vendor.rows("customers") == []


async def test_required_fields_are_named_however_deep(siigo, customer):
    async with siigo() as api:
        answer = await api.post("customers", {"address": {"city": {}}, "contacts": [{}]})
        assert {param for (param,) in answer.params} == {
            *("person_type", "id_type", "identification", "name", "phones", "address.address"),
            *("address.city.country_code", "address.city.state_code", "address.city.city_code"),
            "contacts[0].first_name",
        }


@pytest.mark.parametrize(
    ("codes", "status"), [(("CO", "11", "11001"), 201), (("co", "05", "11001"), 400), (("US", "01", "0101"), 201)]
)
async def test_a_colombian_city_belongs_to_its_department(siigo, customer, codes, status):
    async with siigo() as api:
        city = dict(zip(("country_code", "state_code", "city_code"), codes, strict=True))
        answer = await api.post("customers", customer(address={"address": "x", "city": city}))
        assert answer.status == status


async def test_an_identification_comes_again_only_with_another_branch(siigo, customer):
    async with siigo() as api:
        first = (await api.post("customers", customer())).body
        answer = await api.post("customers", customer())
        assert (answer.codes, answer.params) == (["already_exists"], [["identification"]])
        second = await api.post("customers", customer(branch_office="1"))
        assert (second.status, second.body["branch_office"]) == (201, 1)
        assert (await api.put(f"customers/{second.body['id']}", customer())).codes == ["already_exists"]
        assert (await api.put(f"customers/{first['id']}", customer())).status == 200
        assert len(await api.rows("customers", identification="900123456")) == 2
        assert await api.rows("customers", identification="900123456", branch_office="1") == [second.body]


async def test_a_list_shows_active_ones_unless_others_are_asked_for(siigo, customer):
    async with siigo() as api:
        active = (await api.post("customers", customer())).body
        other = (await api.post("customers", customer(branch_office=1, active=False))).body
        assert await api.rows("customers") == [active] == api.vendor.rows("customers")
        assert await api.rows("customers", active="false") == [other]
        assert await api.rows("customers", person_type="company", type="customer") == [active]
        assert await api.rows("customers", type="Supplier") == []


async def test_deleting_is_switched_off_as_on_the_test_company(siigo, customer):
    async with siigo() as api:
        made = (await api.post("customers", customer())).body
        answer = await api.delete(f"customers/{made['id']}")
        assert (answer.status, answer.codes) == (403, ["disabled_functionality"])
        assert answer.body["Errors"][0]["Message"] == "This functionality is temporarily disabled."


async def test_where_deleting_is_on_one_with_transactions_stays(siigo, customer):
    async with siigo(records=40, customer_delete="enabled") as api:
        made = (await api.post("customers", customer())).body
        assert (await api.delete(f"customers/{made['id']}")).body == {"id": made["id"], "deleted": True}
        assert (await api.get(f"customers/{made['id']}")).status == 404
        for table, party in (("invoices", "customer"), ("purchases", "supplier"), ("journals", None)):
            row = api.vendor.rows(table)[0]
            used = row[party] if party else row["items"][0]["customer"]
            assert (await api.delete(f"customers/{used['id']}")).codes == ["delete_not_allowed"]
