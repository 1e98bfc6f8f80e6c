"""What the core learned for declared vendors, and any adapter may use."""

from __future__ import annotations

import datetime
import json

import attrs
import pytest

from sagicc_async import Adapter, ConfigError, FieldError, PermissionDenied, Record, Settings, TokenBusy, field, record
from sagicc_async.adapter import settings_of
from sagicc_async.config import settings_from_env
from sagicc_async.declared import DeclaredAdapter, DeclaredSettings, read
from sagicc_async.declared.answers import error_map
from sagicc_async.declared.auth import bought_token
from sagicc_async.records.ids import Identity
from sagicc_async.wire.classify import Action
from sagicc_async.wire.request import Response

DECLARATION = {
    "vendor": "acme",
    "auth": {
        "kind": "exchange",
        "login": {"path": "/login", "token_in": "body", "token_name": "key", "token_at": "/token"},
        "header": "X-Session",
        "relogin_on": [401, 403],
    },
    "errors": {"code": ["/code"], "message": ["/error", "/message"], "busy": [409], "limit": [503]},
    "resources": {"things": {"list": "/things"}},
}


def test_an_id_of_another_name_is_found_in_every_form():
    identity = Identity("thing_id", "thingId")

    @attrs.define
    class Thing:
        thing_id: int | None

    assert (identity.of_record(Thing(7)), identity.of_record(Thing(None))) == ("7", None)
    assert identity.of_records([Thing(7), object()]) == [7, None]
    assert (identity.of_mapping({"thingId": 7}), identity.of_mapping({"id": 7})) == ("7", None)
    assert identity.of_mappings([{"thingId": "a"}, {}]) == ["a", None]
    assert (identity.of_bytes(b'{"id": 1, "thingId": "a"}'), identity.of_bytes(b'{"id": 1}')) == ("a", None)
    assert identity.of_many_bytes([b'{"id": 1, "thingId": "a"}', b'{"thingId": {"a": 1}}']) == ["a", "{'a': 1}"]


def test_what_has_no_id_of_that_name_is_known_by_its_content():
    @record
    class Thing(Record):
        id: int | None = field(default=None)
        thing_id: str | None = field(wire="thingId", default=None)

    identity = Identity("thing_id", "thingId")

    assert identity.of_content(Thing(id=1, thing_id="a")) == ("id", "a")
    assert identity.of_content(Thing(id=1)) == '{"id":1,"thingId":null}'


def test_an_adapter_is_its_own_class_unless_settings_describe_another():
    described = DeclaredAdapter.specialised(DeclaredSettings(declaration=DECLARATION))

    assert Adapter.specialised(Settings()) is Adapter
    assert described is DeclaredAdapter.specialised(DeclaredSettings(declaration=DECLARATION))
    assert described.specialised(DeclaredSettings()) is described
    assert described.specialised(DeclaredSettings(declaration=DECLARATION)) is described
    assert (described.vendor, list(described.resource_classes())) == ("acme", ["things"])


def test_a_text_in_place_of_a_flag_opens_nothing_for_writing():
    with pytest.raises(ConfigError, match="the setting allow_write of declared takes true or false, not a text"):
        settings_of(DeclaredAdapter, {"declaration": DECLARATION, "allow_write": "false"})


def test_a_base_keeps_its_vendor_and_its_credentials():
    @attrs.frozen
    class Credentials:
        token: str

    class Acme(DeclaredAdapter):
        vendor = "acme"
        credentials = Credentials
        hint = "Acme > Keys"

    class Other(Acme):
        vendor = "other"

    made = Acme.specialised(DeclaredSettings(declaration=DECLARATION))

    assert issubclass(made, Acme)
    assert made.credentials is Credentials
    assert made.auth.hint == "Acme > Keys"
    with pytest.raises(Exception, match="describes 'acme', not 'other'"):
        Other.specialised(DeclaredSettings(declaration=DECLARATION))


def test_a_setting_that_takes_a_text_among_others_is_read_as_text():
    environ = {"ACME_DECLARATION": "acme.toml", "ACME_ALLOW_WRITE": "true"}

    found = settings_from_env("acme", DeclaredSettings, environ)

    assert found == {"declaration": "acme.toml", "allow_write": True}


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (401, Action.REAUTHENTICATE),
        (403, Action.REAUTHENTICATE),
        (409, Action.TOKEN_BUSY),
        (503, Action.RATE_LIMITED),
        (429, Action.RATE_LIMITED),
        (422, Action.FAIL),
        (500, Action.RETRY),
        (200, Action.ACCEPT),
    ],
)
@pytest.mark.parametrize("body", [b'{"code": "E1", "message": "no"}', b"<html>", b"", b"[[[["])
def test_a_status_means_what_the_file_says_whatever_the_body_is(status, action, body):
    assert error_map(read(DECLARATION)).classify(Response(status=status, body=body), now=0).action is action


def test_the_vendors_words_are_kept_and_a_sentence_is_no_code():
    errors = error_map(read(DECLARATION))

    known = errors.classify(Response(status=422, body=b'{"code": 17, "message": "no such thing"}'), now=0)
    odd = errors.classify(Response(status=422, body=b'{"code": "not a code", "error": "no"}'), now=0)

    assert (known.code, list(known.errors)) == ("17", [FieldError("17", "", "no such thing")])
    assert (odd.code, odd.errors[0].message) == (None, "no")


@pytest.mark.parametrize("body", [b"", b'{"code": "E1", "message": "no"}'])
@pytest.mark.parametrize(
    "auth", [{"kind": "header", "header": "X-Token"}, DECLARATION["auth"]], ids=["static", "login"]
)
def test_denied_access_says_where_a_person_looks_however_the_token_is_had(auth, body):
    verdict = error_map(read({**DECLARATION, "auth": auth}), "Acme > Keys").classify(
        Response(status=403, body=body), now=0
    )

    assert (verdict.error, verdict.hint) == (PermissionDenied, "Acme > Keys")
    assert verdict.message == "the vendor denies access"


def test_a_403_that_means_something_else_sends_nobody_to_look_for_the_token():
    declaration = {**DECLARATION, "errors": {**DECLARATION["errors"], "busy": [403]}}

    verdict = error_map(read(declaration), "Acme > Keys").classify(Response(status=403), now=0)

    assert (verdict.error, verdict.hint) == (TokenBusy, None)


def test_a_wait_that_the_vendor_asks_for_is_kept_beside_its_words():
    response = Response(status=429, body=b'{"message": "slow"}', headers={"Retry-After": "7"})

    assert error_map(read(DECLARATION)).classify(response, now=0).wait == 7


@pytest.mark.parametrize(
    ("says", "answer", "cacheable"),
    [
        ({}, {}, False),
        ({"lifetime": 60}, {}, True),
        ({"expires_in": "/in"}, {"in": 60}, True),
        ({"expires_in": "/in"}, {}, False),
        ({"expires_at": "/at"}, {"at": "2026-01-01T00:01:00Z"}, True),
        ({"expires_at": "/at"}, {"at": "2025-12-31T00:00:00Z"}, False),
        ({"cache": True}, {}, True),
        ({"cache": False, "lifetime": 60}, {}, False),
    ],
)
def test_a_bought_token_may_be_kept_where_its_life_is_known_or_the_file_says_so(says, answer, cacheable):
    auth = DECLARATION["auth"]
    login = read({**DECLARATION, "auth": {**auth, "login": {**auth["login"], **says}}}).auth.login
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

    token = bought_token(login, json.dumps({"token": "t", **answer}).encode(), now)

    assert token.cacheable is cacheable


def test_an_editors_own_key_is_passed_over():
    assert read({**DECLARATION, "$schema": "schema.json"}).vendor == "acme"
