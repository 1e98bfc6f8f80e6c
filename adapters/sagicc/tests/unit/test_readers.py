"""Reading pages whose envelope is found out: in one pass once it is known, and anew whenever it changes."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest

from sagicc_async import MemoryCoordinator, ProtocolError, SessionManager, ValidationFailed
from sagicc_async_sagicc import Instance, Sagicc, model, readers
from sagicc_async_sagicc.readers import SagiccReaders, instance_at


@model("caso")
class Caso:
    id: int


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


ENVELOPES = [
    lambda rows: {"data": rows, "total": 5, "last_page": 3, "per_page": 2},
    lambda rows: rows,
    lambda rows: {"success": True, "data": {"data": rows, "total": 5, "last_page": 3}},
    lambda rows: {"casos": rows, "total": 5},
    lambda rows: {"data": rows, "meta": {"total": 5, "last_page": 3}},
]


@pytest.fixture
def looks(monkeypatch) -> list[bytes]:
    """The bodies that were looked through for their records."""
    seen: list[bytes] = []
    find = readers.find_rows
    monkeypatch.setattr(readers, "find_rows", lambda text, **options: (seen.append(text), find(text, **options))[1])
    return seen


@pytest.mark.parametrize("wrap", ENVELOPES)
def test_every_way_of_reading_finds_the_records(wrap):
    ways = SagiccReaders(Instance())
    rows = [{"id": 1}, {"id": 2}]
    for _ in range(3):
        assert [item.id for item in ways.records(Caso, UTC).read(body(wrap(rows))).items] == [1, 2]
        assert ways.mappings().read(body(wrap(rows))).items == rows
        assert [json.loads(bytes(line)) for line in ways.encoded(Caso, UTC).read(body(wrap(rows))).items] == rows


def test_the_extent_reaches_the_paging():
    data = SagiccReaders(Instance()).mappings().read(body(ENVELOPES[0]([{"id": 1}])))
    assert data.meta == {"total": 5, "last": 3}
    joined = SagiccReaders(Instance(), counted=False).mappings().read(body(ENVELOPES[0]([{"id": 1}])))
    assert joined.meta == {}


def test_an_envelope_that_is_known_is_read_in_one_pass(looks):
    reader = SagiccReaders(Instance()).records(Caso, UTC)
    for _ in range(5):
        reader.read(body(ENVELOPES[0]([{"id": 1}])))
    assert len(looks) == 1


def test_an_envelope_that_changes_is_found_again():
    reader = SagiccReaders(Instance()).records(Caso, UTC)
    for wrap in ENVELOPES * 2:
        assert [item.id for item in reader.read(body(wrap([{"id": 7}]))).items] == [7]


@pytest.mark.parametrize("wrap", ENVELOPES)
def test_an_empty_page_is_never_taken_for_granted(wrap, looks):
    reader = SagiccReaders(Instance()).records(Caso, UTC)
    reader.read(body(ENVELOPES[0]([{"id": 1}])))
    assert reader.read(body(wrap([]))).items == []
    assert len(looks) == 2


@pytest.mark.parametrize(
    "flags",
    [{"success": False}, {"error": "x"}, {"errors": {"a": ["b"]}}, {"errors": ["b"]}, {"success": False, "data": []}],
)
@pytest.mark.parametrize("known", [True, False])
def test_flags_of_failure_are_an_error_and_no_data(flags, known):
    reader = SagiccReaders(Instance()).records(Caso, UTC)
    if known:
        reader.read(body(ENVELOPES[0]([{"id": 1}])))
    with pytest.raises(ValidationFailed, match="says in the body that it failed"):
        reader.read(body({**ENVELOPES[0]([{"id": 1}]), **flags}))


def test_flags_of_success_are_no_failure():
    reader = SagiccReaders(Instance()).mappings()
    answer = {"success": True, "error": None, "errors": [], "data": [{"id": 1}]}
    assert reader.read(body(answer)).items == [{"id": 1}]


@pytest.mark.parametrize("wrap", ENVELOPES)
@pytest.mark.parametrize("times", [1, 2])
def test_a_bad_record_has_its_whole_path(wrap, times):
    reader = SagiccReaders(Instance()).records(Caso, UTC)
    for _ in range(times):
        data = reader.read(body(wrap([{"id": 1}, {"id": "x"}])))
    assert [item.id for item in data.items] == [1]
    found = wrap([])
    path = "$" if isinstance(found, list) else "$.casos" if "casos" in found else "$.data"
    path += ".data" if isinstance(found, dict) and isinstance(found.get("data"), dict) else ""
    assert data.problem.path == f"{path}[1].id"


def test_a_configured_path_is_always_followed():
    reader = SagiccReaders(Instance(), "filas").mappings()
    for _ in range(2):
        assert reader.read(body({"data": [{"id": 1}], "filas": [{"id": 2}]})).items == [{"id": 2}]
    with pytest.raises(ProtocolError, match="no filas"):
        reader.read(body({"data": []}))


def test_what_is_learned_belongs_to_one_address():
    assert instance_at("https://a.sagicc.co/api") is instance_at("https://a.sagicc.co/api")
    assert instance_at("https://a.sagicc.co/api") is not instance_at("https://b.sagicc.co/api")


@model("gestion")
class Gestion:
    id: int
    caso_id: int


@model("caso")
class ConGestiones:
    id: int
    gestiones: list[Gestion]


@pytest.mark.parametrize("times", [1, 2])
def test_a_relation_that_did_not_come_points_to_the_other_style(times):
    reader = SagiccReaders(Instance()).records(ConGestiones, UTC)
    for _ in range(times):
        data = reader.read(body([{"id": 1}]))
    assert "the other relations_style" in data.problem.expected
    assert "relations_style" not in reader.read(body([{"gestiones": []}])).problem.expected


@pytest.mark.parametrize(
    ("fields", "stable"),
    [
        ({}, True),
        ({"sort_name": "asunto"}, False),
        ({"sort_order": "desc"}, True),
        ({"grouping": ["id"]}, False),
        ({"type": "normal"}, True),
        ({"type": "normal", "relations": ["gestion"]}, False),
        ({"type": "lineal", "relations": ["gestiones"]}, True),
    ],
)
async def test_pages_are_compared_only_where_each_record_comes_once_in_order(fields, stable):
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        crm = sessions.open(Sagicc, {"access_token": "t"}, instance="acme")
        assert crm.caso.list(**fields)._plan.paging.stable is stable
