"""sagicc-async: the vendor as its adapter declares it, one request at a time on a token, and its typed stream."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

import attrs

from sagicc_async import (
    Adapter,
    Auth,
    Credentials,
    Login,
    NumberPaging,
    Paging,
    Record,
    Resource,
    Secret,
    SessionManager,
    Stream,
    Token,
    TokenRules,
    mount,
    record,
)


@attrs.frozen(kw_only=True)
class ErpCredentials(Credentials):
    """A token that never ends."""

    vendor: ClassVar[str] = "erp"
    token: Secret = attrs.field(converter=Secret)


class ErpAuth:
    """The token in a header."""

    hint: str = "there is one token, invented by the benchmark"

    def identity(self, credentials: ErpCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The token itself."""
        return (token.value,)

    def company(self, credentials: ErpCredentials) -> tuple[str | Secret, ...]:
        """One token, one company."""
        return (credentials.token,)

    async def issue(self, credentials: ErpCredentials, login: Login, spent: Token | None) -> Token:
        """No login."""
        return Token(credentials.token)

    def headers(self, credentials: ErpCredentials, token: Token) -> Mapping[str, str]:
        """As most vendors have it."""
        return {"Authorization": f"Bearer {token.value.reveal()}"}


@record
class Contact(Record):
    """A contact of a wide record."""

    nombre: str
    correo: str
    telefono: str | None


@record
class Wide(Record):
    """The wide record."""

    id: int
    campo_0: str
    campo_1: str
    campo_2: str
    campo_3: str
    campo_4: str
    campo_5: str
    campo_6: str
    campo_7: str
    campo_8: str | None
    campo_9: str | None
    campo_10: str | None
    contactos: list[Contact]
    numero_0: int
    numero_1: int
    numero_2: int
    numero_3: int
    numero_4: int | None
    numero_5: int | None
    activo_0: bool
    activo_1: bool
    nulo_0: str | None
    nulo_1: str | None
    valor: Decimal
    saldo: Decimal


class WideResource(Resource[Wide]):
    """The wide records."""

    name: ClassVar[str] = "wide"
    path: ClassVar[str] = "Wide"
    model: ClassVar[type[Record]] = Wide
    paging: ClassVar[Paging] = NumberPaging(number="pagina", size="limite")
    items: ClassVar[str | None] = "result"

    def list(self, *, size: int | None = None) -> Stream[Wide]:
        """Stream them."""
        return self._stream({}, size=size)


class Erp(Adapter):
    """A vendor of one list."""

    vendor: ClassVar[str] = "erp"
    title: ClassVar[str] = "ERP"
    credentials: ClassVar[type] = ErpCredentials
    auth: ClassVar[Auth[ErpCredentials]] = ErpAuth()
    rules: ClassVar[TokenRules] = TokenRules(max_in_flight=1, settle=30)

    wide: mount[WideResource] = mount(WideResource)


async def _read(base_url: str, size: int) -> list[int]:
    async with SessionManager(coordinator="memory:") as sessions:
        erp = sessions.open(Erp, {"token": "benchmark-token"}, base_url=base_url)
        return [record.id async for record in erp.wide.list(size=size)]


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    return asyncio.run(_read(base_url, size))
