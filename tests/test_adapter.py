"""What a vendor declares, as its users meet it: settings, capabilities, what it cannot do, and what is not modelled."""

from __future__ import annotations

import copy
import enum
import math
from collections.abc import Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Literal

import attrs
import pytest

from sagicc_async import (
    Adapter,
    Capabilities,
    Checkpoint,
    CheckpointMismatch,
    ConfigError,
    Conflict,
    MemoryCoordinator,
    NotFound,
    NumberPaging,
    OutcomeUnknown,
    Priority,
    ProtocolError,
    Resource,
    Safety,
    SessionManager,
    Settings,
    Unsupported,
    mount,
)
from sagicc_async.adapter import settings_of
from sagicc_async.resource import capabilities_of
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi import Serpi

CREDENTIALS = {"token": "invented", "secretkey": "invented"}
NEW = {"codigo": "Z1", "abreviatura": "Z1", "descripcion": "UNO"}


class Grant(enum.Enum):
    PASSWORD = "password"
    CLIENT = "client_credentials"


@attrs.frozen(kw_only=True)
class Wishes(Settings):
    strict: bool = False
    style: Literal["flat", "wrapped"] = "flat"
    empty: Literal["201", "204"] = "201"
    level: Literal[1, 2] = 1
    grant: Grant = Grant.PASSWORD
    limit: int | None = 5
    share: float = 0.5
    title: str | None = "none of yours"
    names: Sequence[str] = attrs.field(default=(), validator=attrs.validators.instance_of(tuple))


class Wishing(Serpi):
    settings_class = Wishes


@asynccontextmanager
async def opened(**account):
    async with (
        Sandbox(["serpi"], records=60, seed=7, settings={"serpi": {"work": 0}}) as sandbox,
        SessionManager(coordinator=MemoryCoordinator()) as sessions,
    ):
        vendor = sandbox["serpi"]
        yield vendor, sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url, **account)


@pytest.fixture
async def serpi():
    """An account that is opened, at which nothing is asked."""
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        yield sessions.open(Serpi, CREDENTIALS)


@pytest.fixture
async def sessions():
    async with SessionManager(coordinator=MemoryCoordinator()) as manager:
        yield manager


async def test_an_unknown_setting_is_told_with_those_that_there_are(sessions):
    with pytest.raises(ConfigError, match=r"serpi has no setting pagesize; it has .*settle.*page_size.*busy_status"):
        sessions.open(Serpi, CREDENTIALS, pagesize=10)


@pytest.mark.parametrize(
    "setting", [{"settle": -1}, {"page_size": 0}, {"priority": "high"}, {"settle": "long"}, {"page_size": None, "x": 1}]
)
async def test_a_wrong_setting_is_one_sentence(sessions, setting):
    with pytest.raises(ConfigError, match="setting"):
        sessions.open(Serpi, CREDENTIALS, **setting)


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("strict", "false", "true or false, not a text"),
        ("strict", 0, "true or false"),
        ("style", "foo", "flat or wrapped"),
        ("empty", 205, "201 or 204"),
        ("level", True, "1 or 2"),
        ("level", None, "1 or 2"),
        ("grant", "implicit", "password or client_credentials"),
        ("limit", "lots", "a whole number or none, not a text"),
        ("limit", "7", "a whole number or none, not a text"),
        ("limit", 6.5, "a whole number or none"),
        ("limit", True, "a whole number or none"),
        ("share", math.nan, "a number"),
        pytest.param("share", 10**400, "a number", id="share-huge"),
        ("title", 5, "a text or none"),
    ],
)
def test_a_setting_of_another_type_is_refused_with_what_it_takes(name, value, takes):
    with pytest.raises(ConfigError) as caught:
        settings_of(Wishing, {name: value})

    assert str(caught.value) == f"the setting {name} of serpi takes {takes}"


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("strict", True, True),
        ("empty", 204, "204"),  # as TOML and JSON read it
        ("level", 2, 2),
        ("grant", "client_credentials", Grant.CLIENT),
        ("grant", Grant.CLIENT, Grant.CLIENT),
        ("limit", 7, 7),
        ("limit", None, None),
        ("limit", "none", None),  # TOML has no null
        ("share", 3, 3),
        ("title", "none", "none"),
        ("title", Path("a/b.toml"), "a/b.toml"),
        ("priority", 2, Priority.BULK),
        ("priority", Priority.BULK, Priority.BULK),
        ("names", ("a", 5), ("a", 5)),  # only its class knows what it takes
    ],
)
def test_a_setting_has_its_own_type(name, value, read):
    found = getattr(settings_of(Wishing, {name: value}), name)

    assert (found, type(found)) == (read, type(read))


def test_what_a_class_of_settings_refuses_is_told_without_its_insides():
    with pytest.raises(ConfigError) as caught:
        settings_of(Wishing, {"names": ["a"]})

    assert str(caught.value).startswith("a setting of serpi is wrong: 'names' must be <class 'tuple'> (got ['a']")
    assert "Attribute(" not in str(caught.value)


async def test_settings_reach_the_rules(sessions):
    serpi = sessions.open(Serpi, CREDENTIALS, settle=7.5)

    assert serpi.account.terms.rules.settle == 7.5
    assert Serpi.rules.settle == 30


async def test_the_page_size_is_a_setting_that_a_call_overrides():
    async with opened(page_size=25) as (vendor, serpi):
        await serpi.centro_costo.list().collect()
        await serpi.centro_costo.list(limite=60).collect()

        assert [entry.query["limite"] for entry in vendor.requests] == ["25"] * 4 + ["60"] * 2


async def test_resources_are_attributes_and_items(serpi):
    assert list(serpi) == list(serpi.resources) == list(Serpi.resource_classes())
    assert type(serpi["bodega"]) is type(serpi.bodega) is type(serpi.resources["bodega"])
    assert isinstance(Serpi.bodega, mount)
    assert (repr(serpi), repr(serpi.bodega)) == ("<Serpi account='default'>", "<serpi bodega>")


async def test_an_unknown_resource_is_told_with_those_that_there_are(serpi):
    with pytest.raises(ConfigError, match=r"serpi has no resource 'bodegas'; it has articulo, .*, tipo_documento"):
        serpi["bodegas"]
    with pytest.raises(AttributeError):
        serpi.bodegas  # noqa: B018 - the look is the test


async def test_an_adapter_without_resources_says_that_it_has_none():
    class Bare(Adapter):
        vendor = "bare"

    with pytest.raises(ConfigError, match=r"bare has no resource 'things'; it has none$"):
        Bare.resource_class("things")


async def test_what_a_vendor_cannot_do_is_unsupported_and_not_there(serpi):
    assert hasattr(serpi.centro_costo, "create")
    assert not hasattr(serpi.impuesto, "create")
    with pytest.raises(Unsupported, match="serpi has no create of impuesto; it has list"):
        serpi.impuesto.create  # noqa: B018 - the look is the test
    with pytest.raises(Unsupported, match="serpi has no delete of centro_costo; it has create, list, update"):
        serpi.centro_costo.delete(1)


async def test_any_other_name_is_an_ordinary_mistake(serpi):
    with pytest.raises(AttributeError, match="ImpuestoResource has no attribute 'lsit'") as caught:
        serpi.impuesto.lsit()

    assert not isinstance(caught.value, Unsupported)
    assert type(copy.copy(serpi.impuesto)) is type(serpi.impuesto)


def test_capabilities_tell_operations_filters_and_evidence():
    assert capabilities_of(Serpi.resource_classes()["articulo"]) == Capabilities(
        operations={"list": Safety.REPEATABLE, "create": Safety.UNSAFE, "update": Safety.UNSAFE},
        filters=("codigo",),
        paging=("limite", "pagina"),
        evidence="first 14 fields, writing unknown",
    )


def test_keywords_that_cut_a_list_into_pages_are_known_by_the_vendors_names_for_them():
    class Cut(Resource):
        paging = NumberPaging(number="page", size="pageSize")

        def list(self, *, page=None, page_size=None, size=None, params=None): ...

    assert capabilities_of(Cut).paging == ("page", "page_size")
    assert capabilities_of(Cut).filters == ("size",)


async def test_capabilities_are_the_same_with_an_account(serpi):
    for name, kind in Serpi.resource_classes().items():
        assert serpi[name].capabilities == capabilities_of(kind)
        assert serpi[name].capabilities.evidence


async def test_every_operation_that_is_declared_exists(serpi):
    for resource in serpi.resources.values():
        assert all(callable(getattr(resource, operation)) for operation in resource.operations)


async def test_a_misspelt_filter_is_an_error_before_sending(serpi):
    with pytest.raises(TypeError, match="codgio"):
        serpi.articulo.list(codgio="1")


@pytest.mark.parametrize("name", ["limite", "pagina"])
async def test_the_paging_of_a_list_cannot_be_hidden_among_its_other_parameters(serpi, name):
    with pytest.raises(ConfigError, match=f"params= of bodega cannot hold {name}"):
        serpi.bodega.list(params={name: 3})


@pytest.mark.parametrize("wrong", [{"limite": 0}, {"limite": -5}, {"pagina": 0}])
async def test_a_page_that_cannot_be_is_an_error_before_sending(serpi, wrong):
    with pytest.raises(ConfigError, match=r"at least 1 record|counted from 1"):
        serpi.bodega.list(**wrong)


async def test_an_adapter_inherits_resources_and_replaces_them():
    class Other(Resource):
        name, path = "other", "Other"

    class Extended(Serpi):
        bodega = mount(Other)
        other = mount(Other)

    assert Extended.resource_classes().keys() == {*Serpi.resource_classes(), "other"}
    assert Extended.resource_classes()["bodega"] is Other


async def test_a_resource_resumes_with_the_query_that_the_checkpoint_carries():
    async with opened() as (vendor, serpi):
        stream = serpi.articulo.list(params={"fechamodificaini": "2026-01-01"}, limite=20, pagina=2)
        await stream.collect(5)
        resumed = serpi.articulo.resume(Checkpoint.from_json(stream.checkpoint.to_json()))

        assert [record.id for record in await resumed.collect()] == [row["id"] for row in vendor.rows("articulo")[25:]]
        assert all(entry.query["fechamodificaini"] == "2026-01-01" for entry in vendor.requests)
        assert {entry.query["limite"] for entry in vendor.requests} == {"20"}
        with pytest.raises(CheckpointMismatch, match="belongs to serpi articulo, not to serpi bodega"):
            serpi.bodega.resume(stream.checkpoint)


async def test_a_path_that_is_not_modelled_streams_exact_mappings():
    async with opened() as (vendor, serpi):
        stream = serpi.list_path("Articulo", params={"x": 1}, size=25)

        assert await stream.collect() == vendor.rows("articulo")
        assert type((await stream.first())["costo"]) is Decimal
        assert vendor.requests[0].query == {"x": "1", "limite": "25", "pagina": "1"}
        read = await stream.collect(30)
        rest = await serpi.list_path("Articulo", params={"x": 1}, size=25).resume(stream.checkpoint).collect()
        assert read + rest == vendor.rows("articulo")


async def test_a_path_that_is_not_there_is_not_found():
    async with opened() as (_, serpi):
        with pytest.raises(NotFound, match=r"Nada\.list"):
            await serpi.list_path("Nada").collect()


async def test_a_vendor_without_a_common_paging_says_how_else(sessions):
    class Bare(Serpi):
        paging = None

    with pytest.raises(Unsupported, match=r"serpi has no common way of paging; use request\(\) for Marca"):
        sessions.open(Bare, CREDENTIALS).list_path("Marca")


async def test_a_request_that_is_not_modelled_goes_the_same_way():
    async with opened() as (vendor, serpi):
        answer = await serpi.request("get", "Articulo", params={"limite": 1, "codigo": None})

        assert (answer.status, answer.ok, answer.method) == (200, True, "GET")
        assert answer.json()["result"] == vendor.rows("articulo")[:1]
        (entry,) = vendor.requests
        assert (entry.method, entry.query, entry.body) == ("GET", {"limite": "1"}, b"")
        assert entry.headers["Authorization"] != f"Bearer {vendor.credentials['token']}"  # the sandbox hides it


async def test_a_request_that_is_not_modelled_fails_the_same_way():
    async with opened() as (vendor, serpi):
        with pytest.raises(Conflict) as caught:
            await serpi.request("POST", "CentroCosto", json={**vendor.rows("centro_costo")[0], "abreviatura": "ZZZ"})
        assert caught.value.operation == "POST CentroCosto"
        assert caught.value.errors[0].path == "codigo"


@pytest.mark.parametrize("wrong", ["", "GE T", "GET\r\nX-Evil: 1", "/clientes?token=CANARY", None])
async def test_a_method_that_is_none_is_an_error_before_anything_is_queued(wrong):
    async with opened() as (vendor, serpi):
        with pytest.raises(ConfigError, match="one word of HTTP, such as GET or POST") as caught:
            serpi.request(wrong, "Articulo").send(None)  # at its first step, in which nothing can have been waited for
        assert "CANARY" not in str(caught.value)
        assert vendor.stats.requests == 0


@pytest.mark.parametrize(
    ("method", "repeatable", "sent"),
    [("POST", None, 1), ("PUT", None, 1), ("DELETE", None, 1), ("POST", True, 2), ("GET", None, 2), ("GET", False, 1)],
)
async def test_only_what_is_declared_repeatable_is_sent_again(method, repeatable, sent):
    async with opened() as (vendor, serpi):
        fault = vendor.fault("status", status=503, times=1)
        json = NEW if method != "GET" else None
        if sent == 1:
            with pytest.raises(OutcomeUnknown):
                await serpi.request(method, "CentroCosto", json=json, repeatable=repeatable)
        else:
            assert (await serpi.request(method, "CentroCosto", json=json, repeatable=repeatable)).ok

        assert (fault.struck, vendor.stats.requests) == (1, sent)


async def test_bodies_keep_exact_numbers_and_explicit_nulls():
    async with opened() as (vendor, serpi):
        await serpi.request("POST", "Articulo", json={"codigo": "N1", "costo": Decimal("10.50"), "barras": None})

        (entry,) = vendor.requests
        assert entry.body == b'{"codigo":"N1","costo":10.50,"barras":null}'


async def test_credentials_never_go_to_another_origin():
    async with opened() as (vendor, serpi):
        with pytest.raises(ConfigError, match="not in the account's own origin"):
            await serpi.request("GET", "https://elsewhere.example/CentroCosto")
        assert vendor.stats.requests == 0


async def test_priorities_come_from_the_call_its_context_the_account_in_this_order(sessions, monkeypatch):
    serpi = sessions.open(Serpi, CREDENTIALS, priority=Priority.NORMAL)
    ranks = []

    async def send(request, *, priority, **options):
        ranks.append(priority)
        raise NotFound("spied")

    monkeypatch.setattr(serpi.account, "send", send)

    async def look(**options):
        with pytest.raises(NotFound):
            await serpi.bodega.list(**options).first()

    await look()
    await look(priority=Priority.BULK)
    with Priority.interactive():
        await look()
        await look(priority=Priority.BULK)
        stream = serpi.bodega.list()
    with pytest.raises(NotFound):
        await stream.first()  # captured when the stream was made

    assert ranks == [Priority.NORMAL, Priority.BULK, Priority.INTERACTIVE, Priority.BULK, Priority.INTERACTIVE]


def test_an_adapter_needs_no_more_than_its_declaration():
    class Minimal(Adapter):
        vendor = "minimal"
        title = "Minimal"

    assert Minimal.resource_classes() == {}


@pytest.mark.parametrize("result", ["5", "[1]"])
async def test_a_page_that_cannot_be_read_says_whose_it_is_without_the_query(
    sessions, http_server, answer_bytes, result
):
    page = answer_bytes(b'{"success":true,"code":200,"message":"","result":%s}' % result.encode())
    async with http_server(page) as server:
        serpi = sessions.open(Serpi, CREDENTIALS, account="acme", base_url=server.url)
        with pytest.raises(ProtocolError) as raised:
            await serpi.list_path("Articulo?codigo=A1").collect()
    assert (raised.value.account, raised.value.operation) == ("acme", "/Articulo.list")
    assert "A1" not in str(raised.value)
