"""What is said first of a request with which several things are wrong, and the shape of errors."""

from __future__ import annotations

import pytest

_DETAIL = "Check the API documentation: https://developer.siigo.com/introduction/codigos-de-error/"

#: Everything that can be wrong with a request, in the order in which it is looked at.
_WRONG = {
    "route": ("not_found", 404),
    "media": ("unsupported_media_type", 415),
    "token": ("unauthorized", 401),
    "partner": ("header_required", 400),
    "window": ("requests_limit", 429),
    "key": ("invalid_idempotency_key", 400),
    "body": ("parameter_required", 400),
}


async def _ask(api, wrong):
    headers = {}
    if "media" in wrong:
        headers["Content-Type"] = "text/plain"
    if "token" in wrong:
        headers["Authorization"] = "Bearer wrong"
    if "partner" in wrong:
        headers["Partner-Id"] = None
    if "key" in wrong:
        headers["Idempotency-Key"] = "with-hyphens"
    path = "nothing" if "route" in wrong else "invoices"
    return await api.post(path, {}, headers=headers)


@pytest.mark.parametrize("first", range(len(_WRONG)))
async def test_what_comes_first_is_said_although_all_the_rest_is_wrong_too(siigo, first):
    wrong = list(_WRONG)[first:]
    async with siigo(requests=1 if "window" in wrong else 100) as api:
        answer = await _ask(api, wrong)
        assert (answer.codes[0], answer.status) == _WRONG[wrong[0]]


async def test_a_change_of_nothing_lacks_its_fields_before_it_lacks_a_record(siigo, customer):
    async with siigo() as api:
        assert (await api.put("customers/unknown", {})).codes[0] == "parameter_required"
        assert (await api.put("customers/unknown", customer())).codes == ["not_found"]


async def test_what_is_missing_is_said_before_what_is_wrong_and_that_before_references_and_those_before_rules(
    siigo, product
):
    async with siigo() as api:
        await api.post("products", product())
        wrong = product(name="x" * 101, account_group=1)
        assert (await api.post("products", {**wrong, "code": None})).codes == ["parameter_required"]
        assert (await api.post("products", wrong)).codes == ["length_max"]
        assert (await api.post("products", product(account_group=1))).codes == ["invalid_reference"]
        assert (await api.post("products", product())).codes == ["already_exists"]


async def test_everything_that_is_missing_is_said_at_once(siigo):
    async with siigo() as api:
        answer = await api.post("products", {})
        assert answer.body["Status"] == 400
        assert answer.params == [["code"], ["name"], ["account_group"]]
        assert answer.body["Errors"][0] == {
            "Code": "parameter_required",
            "Message": "The field code is required",
            "Params": ["code"],
            "Detail": f"{_DETAIL}parameter_required",
        }


@pytest.mark.parametrize(
    ("partner", "code", "message"),
    [
        (None, "header_required", "The header Partner-Id is required"),
        ("", "header_required", "The header Partner-Id is required"),
        ("ab", "invalid_partner_id", "The header Partner-Id has an invalid value"),
        ("with-hyphen", "invalid_partner_id", "The header Partner-Id has an invalid value"),
        ("a" * 101, "invalid_partner_id", "The header Partner-Id has an invalid value"),
    ],
)
async def test_who_asks_must_be_said(siigo, partner, code, message):
    async with siigo() as api:
        answer = await api.send("GET", "/v1/taxes", headers={"Partner-Id": partner})
        assert answer.status == 400
        error = {"Code": code, "Message": message, "Params": ["Partner-Id"], "Detail": _DETAIL + code}
        assert answer.body == {"Status": 400, "Errors": [error]}


@pytest.mark.parametrize("partner", ["abc", "A" * 100, "SagiccAsync1"])
async def test_a_partner_of_letters_and_digits_is_let_in(siigo, partner):
    async with siigo() as api:
        assert (await api.send("GET", "/v1/taxes", headers={"Partner-Id": partner})).status == 200


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}"])
async def test_without_a_valid_token_nothing_is_told(siigo, authorization):
    async with siigo() as api:
        headers = {"Authorization": authorization and authorization.format(token=api.access)}
        answer = await api.send("GET", "/v1/taxes", headers=headers)
        assert (answer.status, answer.codes) == (401, ["unauthorized"])


async def test_the_envelope_may_have_the_other_case(siigo):
    async with siigo(error_casing="lower") as api:
        answer = await api.get("document-types")
        assert answer.status == 400
        assert answer.body == {
            "status": 400,
            "errors": [
                {
                    "code": "parameter_required",
                    "message": "The field type is required",
                    "params": ["type"],
                    "detail": f"{_DETAIL}parameter_required",
                }
            ],
        }


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/auth"), ("PATCH", "/v1/products"), ("GET", "/v2/taxes")]
)
async def test_what_is_not_served_is_not_found(siigo, method, path):
    async with siigo() as api:
        answer = await api.send(method, path)
        assert (answer.status, answer.codes) == (404, ["not_found"])


@pytest.mark.parametrize("path", ["/v1/taxes/", "/v1/journals/"])
async def test_a_printed_slash_at_the_end_does_no_harm(siigo, path):
    async with siigo() as api:
        assert (await api.send("GET", path)).status == 200


@pytest.mark.parametrize("body", [b"[]", b"5", b"{", b"\xff"])
async def test_a_body_is_a_json_object(siigo, body):
    async with siigo() as api:
        assert (await api.post("products", body)).codes == ["invalid_type"]


@pytest.mark.parametrize("key", ["", "a b", "with-hyphen", "a" * 31, "ñandú"])
async def test_a_key_of_other_characters_is_refused(siigo, key):
    async with siigo() as api:
        answer = await api.post("journals", {}, headers={"Idempotency-Key": key})
        error = {
            "Code": "invalid_idempotency_key",
            "Message": "The header Idempotency-Key has an invalid value",
            "Params": [],
            "Detail": None,
        }
        assert answer.body == {"Status": 400, "Errors": [error]}


async def test_a_key_is_not_looked_at_where_it_is_not_honoured(siigo, product):
    async with siigo() as api:
        assert (await api.post("products", product(), headers={"Idempotency-Key": "a-b"})).status == 201
