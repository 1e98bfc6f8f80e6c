"""The published JSON Schema: it is made from the classes that the file is read into, and tells an editor the same."""

from __future__ import annotations

import copy
import datetime
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

import sagicc_async.declared
from sagicc_async.declared.schema import schema_text

PUBLISHED = Path(sagicc_async.declared.__file__).parent / "schema.json"
ACME = Path(__file__).parent / "acme.toml"


def acme():
    """The example as JSON has it."""
    tables = tomllib.loads(ACME.read_text(encoding="utf-8"))
    assert isinstance(tables["source"]["read_on"], datetime.date)
    tables["source"]["read_on"] = tables["source"]["read_on"].isoformat()
    return tables


def refused(document):
    """Where an editor would draw its red lines."""
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    return ["/".join(map(str, error.absolute_path)) for error in validator.iter_errors(document)]


def changed(*path, to):
    document = inside = copy.deepcopy(acme())
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    return document


def test_what_is_published_is_what_the_classes_say():
    same = PUBLISHED.read_text(encoding="utf-8") == schema_text()

    assert same, "write sagicc_async.declared.schema.schema_text() into schema.json"


def test_it_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_example_fits():
    assert refused(acme()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("provenance",), "observed"),
        (("windows",), [{"limit": 2, "per": 1}]),
        (("auth",), {"kind": "header", "header": "Authorization", "prefix": "Bearer "}),
        (("auth",), {"kind": "query", "parameter": "api_key"}),
        (("auth",), {"kind": "oauth_password", "token_url": "/oauth/token"}),
        (("auth",), {"kind": "oauth_client_credentials", "token_url": "/oauth/token", "encoding": "json"}),
        (("paging",), {"kind": "none"}),
        (("paging",), {"kind": "number", "number": "page", "size": "per_page", "total": "/total"}),
        (("paging",), {"kind": "cursor", "cursor": "after", "next": "/next"}),
        (("paging",), {"kind": "link"}),
        (("resources", "things", "list"), "/things"),
        (("resources", "things", "fields", "valor"), {"type": "money", "format": "1234.56", "unit": "BRL"}),
        (("$schema",), "schema.json"),
    ],
)
def test_what_may_be_said_is_let_through(path, value):
    assert refused(changed(*path, to=value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("paht",), "/x"),
        (("vendor",), "Acme Billing"),
        (("base_url",), "https://user:pass@acme.example"),
        (("base_url",), "https://acme.example/?token=1"),
        (("arrays",), "commas"),
        (("records",), "/records"),
        (("records",), ["data.rows"]),
        (("paging", "page_size"), 0),
        (("paging",), {"kind": "pages"}),
        (("resources", "Things"), {"list": "/things"}),
        (("resources", "things", "list"), "https://other.example/things"),
        (("resources", "things", "fields", "valor"), "currency"),
        (("resources", "things", "get"), {"path": "/things/{id}", "method": "POST"}),
        (("auth", "login", "token_in"), "cookie"),
        (("auth", "prefix"), "a-whole-token-that-is-far-too-long-for-this"),
    ],
)
def test_what_does_not_fit_is_marked(path, value):
    assert refused(changed(*path, to=value)) != []


@pytest.mark.parametrize("name", ["vendor", "auth"])
def test_what_a_file_cannot_do_without_is_missed(name):
    document = acme()
    del document[name]

    assert refused(document) == [""]
