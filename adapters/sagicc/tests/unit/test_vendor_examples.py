"""
Every example request that the vendor's two pages print, produced by a public call: the same bytes after URL decoding.

JSON is compared without the white space between its tokens, which is the page's layout.

Source: Sagicc, "Uso de la API" (both generations) and "Credenciales de la API".
"""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import msgspec
import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.testing import mocked_responses
from sagicc_async_sagicc import F, Sagicc

TOKEN = {"access_token": "tu-token-de-acceso"}
LOGIN = {"client_secret": "clave", "username": "usuario", "password": "contraseña"}
ANSWER = b'{"access_token":"tu-token-de-acceso","data":[{"id":1}],"total":1}'


@attrs.frozen
class Sent:
    """A request as it arrived, byte by byte."""

    method: str
    target: str
    headers: str
    body: bytes

    @property
    def query(self) -> list[str]:
        """The parameters, URL-decoded, as the pages print them behind a question mark."""
        return [urllib.parse.unquote(part) for part in self.target.partition("?")[2].split("&")]


@attrs.define
class Wire:
    """A server that notes what arrives, and an account that is opened at it."""

    url: str = ""
    arrived: list[Sent] = attrs.field(factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, target, _ = head.split(" ", 2)
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                self.arrived.append(Sent(method, target, head, body))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def sends(
        self, call: Callable[[Sagicc], Awaitable[Any]], credentials: dict[str, str] = TOKEN, **settings: Any
    ) -> Sent:
        """The last request of a call."""
        async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
            await call(sessions.open(Sagicc, credentials, base_url=self.url, **settings))
        return self.arrived[-1]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.answer, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield wire
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("example", "call"),
    [
        ("?type=tree", lambda crm: crm.caso.list().first()),
        (
            "?columns=id,descripcion,cliente.nro_documento",
            lambda crm: crm.caso.list(type="normal", columns=["id", "descripcion", "cliente.nro_documento"]).first(),
        ),
        (
            '?relations={"caso":["id","cliente_id"]}',
            lambda crm: crm.cliente.list(type="normal", relations={"caso": ["id", "cliente_id"]}).first(),
        ),
        (
            "?conditions=cliente.nro_documento=1234567 AND cliente.primer_nombre!=Jane",
            lambda crm: crm.caso.list(
                type="normal",
                where=(F.cliente.nro_documento == "1234567") & (F.cliente.primer_nombre != "Jane"),
            ).first(),
        ),
        (
            "?conditions=cliente.nro_documento=1234567 AND cliente.primer_nombre!=Jane",
            lambda crm: crm.cliente.list(
                type="normal",
                relations=["caso"],
                where=(F.nro_documento == "1234567") & (F.primer_nombre != "Jane"),
            ).first(),
        ),
        ("?searchText=john", lambda crm: crm.cliente.list(search="john").first()),
        ("?page=2", lambda crm: crm.caso.list().page(2)),
        ("?sizePerPage=20", lambda crm: crm.caso.list(size_per_page=20).collect()),
        ("?sortName=id", lambda crm: crm.caso.list().first()),
        ("?sortOrder=desc", lambda crm: crm.caso.list(sort_order="desc").first()),
        ("?disabled=false", lambda crm: crm.caso.list(disabled=False).first()),
        ('?grouping=["prioridad"]', lambda crm: crm.caso.list(grouping=["prioridad"]).first()),
        # The structures, with their own placeholders.
        ("?conditions=column=value AND column!=value", lambda crm: crm.caso.list(where=(F.column == "value") & (F.column != "value")).first()),
        (
            "?conditions=model.column=value AND model.column!=value",
            lambda crm: crm.caso.list(
                type="normal", where=(F.model.column == "value") & (F.model.column != "value")
            ).first(),
        ),
        ("?conditions=(column=value) OR (column!=value)", lambda crm: crm.caso.list(where=(F.column == "value") | (F.column != "value")).first()),
        ("?type=lineal", lambda crm: crm.caso.list(type="lineal").first()),
        ("?type=normal", lambda crm: crm.caso.list(type="normal").first()),
    ],
)  # fmt: skip
async def test_each_parameter_of_the_page_is_sent_as_it_is_printed(wire, example, call):
    sent = await wire.sends(call)
    assert example.removeprefix("?") in sent.query
    assert sent.method == "GET"


@pytest.mark.filterwarnings("ignore:Sagicc's page lists no")
@pytest.mark.parametrize(
    ("example", "type_", "style", "relations"),
    [
        (
            '{ "complexRelations": { "relationName": ["column1", "column2"] } }',
            "tree", "wrapped", {"relationName": ["column1", "column2"]},
        ),
        (
            '{ "complexRelations": { "relationName": ["column1", "column2"] } }',
            "lineal", "wrapped", {"relationName": ["column1", "column2"]},
        ),
        ('{ "model": ["column1", "column2"] }', "normal", "wrapped", {"model": ["column1", "column2"]}),
        ('{ "relation.internalRelationship.deepInternalRelationship": [] }', "tree", "flat",
         ["relation.internalRelationship.deepInternalRelationship"]),
    ],
)  # fmt: skip
async def test_each_structure_of_relations_is_sent_as_it_is_printed(*, wire, recwarn, example, type_, style, relations):
    sent = await wire.sends(
        lambda crm: crm["caso"].list(type=type_, relations=relations).first(), relations_style=style
    )
    (mine,) = [part.removeprefix("relations=") for part in sent.query if part.startswith("relations=")]
    assert mine == compact(example)


@pytest.mark.parametrize(
    ("generation", "example", "flags"),
    [
        ("legacy", "enabled=true", {"enabled": True}),
        ("legacy", "enabled=null", {"enabled": "null"}),
        ("legacy", "deleted=false", {"deleted": False}),
        ("current", "disabled=true", {"disabled": True}),
        ("current", "disabled=null", {"disabled": "null"}),
    ],
)
async def test_each_value_of_the_filters_of_state(*, wire, generation, example, flags):
    sent = await wire.sends(lambda crm: crm.caso.list(**flags).first(), generation=generation)
    assert example in sent.query


RESOURCES = """
{
"resources": [
{
"cliente_id": "154472",
"tipo_dato_contacto_id": "3",
"etiqueta": "Personal",
"valor": "3002255845",
"indicativo": "57",
"extension": null,
"barrio": null,
"ciudad_id": null
}
]
}
"""
RESOURCE = msgspec.json.decode(RESOURCES)["resources"][0]


async def test_the_body_of_a_post(wire):
    sent = await wire.sends(lambda crm: crm.cliente_dato_contacto.create(RESOURCE))
    assert (sent.method, sent.target, sent.body.decode()) == ("POST", "/api/cliente_dato_contacto", compact(RESOURCES))


async def test_the_body_of_a_delete(wire):
    sent = await wire.sends(lambda crm: crm.caso.delete_many([1, 2, 3], bulk=True))
    assert (sent.method, sent.target) == ("DELETE", "/api/caso")
    assert sent.body.decode() == compact('{ "ids": [1, 2, 3] }')


@pytest.mark.parametrize(
    ("example", "call"),
    [
        ("GET {model}/", lambda crm: crm.caso.list().first()),
        ("GET {model}/{id}", lambda crm: crm.caso.get(1)),
        ("DELETE {model}/{id}", lambda crm: crm.caso.delete(1)),
        ("PUT {model}/", lambda crm: anext(crm.caso.update_many([{"id": 1, "asunto": "x"}]))),
        ("PUT {model}/{id}", lambda crm: crm.caso.update(1, {"asunto": "x"})),
        ("POST {model}/", lambda crm: crm.caso.create({"asunto": "x"})),
        ("POST {service}/{name}", lambda crm: crm.call("service/name", {})),
    ],
)
async def test_each_endpoint_of_the_older_page(wire, example, call):
    sent = await wire.sends(call, trailing_slash=True, allow_services=True)
    path = example.format(model="caso", id=1, service="service", name="name").partition(" ")[2]
    assert f"{sent.method} {sent.target.partition('?')[0]}" == f"{example.partition(' ')[0]} /api/{path}"


async def test_the_header_that_authorises(wire):
    sent = await wire.sends(lambda crm: crm.caso.list().first())
    assert "\r\nAuthorization: Bearer tu-token-de-acceso\r\n" in sent.headers
    assert "\r\nAccept: application/json\r\n" in sent.headers


async def test_the_addresses_of_an_instance():
    asked: list[str] = []
    with mocked_responses() as mocked:
        mocked.post(
            re.compile(".*"), payload=msgspec.json.decode(ANSWER), callback=lambda url, **_: asked.append(str(url))
        )
        mocked.get(re.compile(".*"), payload={"data": []}, callback=lambda url, **_: asked.append(str(url)))
        async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
            await sessions.open(Sagicc, LOGIN, instance="tuinstancia").caso.list().first()
    assert asked[0] == "https://tuinstancia.sagicc.co/oauth/token"
    assert asked[1].partition("?")[0] == "https://tuinstancia.sagicc.co/api/caso"


def compact(text: str) -> str:
    return msgspec.json.format(text.encode(), indent=-1).decode()
