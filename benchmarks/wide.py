"""
The wide record (`server.wide`) as each library declares it, all made of one list of fields, and the vendor that has it.

Every library is given the same names, types and order; the order is the wire's, which is what msgspec likes best.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

import attrs
import msgspec

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
    Stream,
    Token,
    TokenRules,
    mount,
    record,
)

TOKEN: Final = {"token": "benchmark-token"}
HEADERS: Final = {"Authorization": "Bearer benchmark-token"}

_CONTACT: Final[Mapping[str, Any]] = {"nombre": str, "correo": str, "telefono": str | None}
_FIELDS: Final[Mapping[str, Any]] = {
    "id": int,
    **{f"campo_{i}": str for i in range(8)},
    **{f"campo_{i}": str | None for i in range(8, 11)},
    "contactos": list,  # of the library's own contacts
    **{f"numero_{i}": int for i in range(4)},
    **{f"numero_{i}": int | None for i in range(4, 6)},
    **{f"activo_{i}": bool for i in range(2)},
    **{f"nulo_{i}": str | None for i in range(2)},
    "valor": Decimal,
    "saldo": Decimal,
}
#: What the models of the row about unknown fields do not declare, although the vendor sends it.
LEFT_OUT: Final = frozenset({"campo_10", "numero_5", "saldo"})


def _with(contact: Any, *, narrow: bool = False) -> dict[str, Any]:
    fields = {**_FIELDS, "contactos": list[contact]}
    return {name: kind for name, kind in fields.items() if not (narrow and name in LEFT_OUT)}


def _record(name: str, fields: Mapping[str, Any]) -> Any:
    """A record of the SDK, as `@record` makes it of a class that somebody wrote."""
    return record(type(name, (Record,), {"__annotations__": dict(fields), "__module__": __name__}))


_ContactStruct: Final[Any] = msgspec.defstruct("ContactStruct", list(_CONTACT.items()))
#: A struct of msgspec, which is what the reference loop decodes into.
WideStruct: Final[Any] = msgspec.defstruct("WideStruct", list(_with(_ContactStruct).items()))
NarrowStruct: Final[Any] = msgspec.defstruct("NarrowStruct", list(_with(_ContactStruct, narrow=True).items()))

_ContactAttrs: Final[Any] = attrs.make_class(
    "ContactAttrs", {name: attrs.field(type=kind) for name, kind in _CONTACT.items()}, slots=True
)
#: A class of attrs, for the loop by hand and for cattrs.
WideAttrs: Final[Any] = attrs.make_class(
    "WideAttrs", {name: attrs.field(type=kind) for name, kind in _with(_ContactAttrs).items()}, slots=True
)

_ContactRecord: Final[Any] = _record("ContactRecord", _CONTACT)
#: A record of ours.
WideRecord: Final[Any] = _record("WideRecord", _with(_ContactRecord))
NarrowRecord: Final[Any] = _record("NarrowRecord", _with(_ContactRecord, narrow=True))


def wide_pydantic() -> Any:
    """A model of pydantic, which is not among our dependencies."""
    pydantic: Any = importlib.import_module("pydantic")
    contact = pydantic.create_model("ContactModel", **{name: (kind, ...) for name, kind in _CONTACT.items()})
    return pydantic.create_model("WideModel", **{name: (kind, ...) for name, kind in _with(contact).items()})


@attrs.frozen(kw_only=True)
class WideCredentials(Credentials):
    """A token that never ends."""

    vendor: ClassVar[str] = "wide"
    token: Secret = attrs.field(converter=Secret)


class _WideAuth:
    """The token in a header."""

    hint: str = "there is one token, invented by the benchmark"

    def identity(self, credentials: WideCredentials, token: Token) -> tuple[str | Secret, ...]:
        return (token.value,)

    def company(self, credentials: WideCredentials) -> tuple[str | Secret, ...]:
        return (credentials.token,)

    async def issue(self, credentials: WideCredentials, login: Login, spent: Token | None) -> Token:
        return Token(credentials.token)

    def headers(self, credentials: WideCredentials, token: Token) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {token.value.reveal()}"}


class WideResource(Resource[Any]):
    """The wide records."""

    name: ClassVar[str] = "wide"
    path: ClassVar[str] = "Wide"
    model: ClassVar[type[Record]] = WideRecord
    paging: ClassVar[Paging] = NumberPaging(number="pagina", size="limite")
    items: ClassVar[str | None] = "result"

    def list(self, *, size: int | None = None) -> Stream[Any]:
        """All of them."""
        return self._stream({}, size=size)


class NarrowResource(WideResource):
    """The same answers, read by a model that lacks three of the fields."""

    name: ClassVar[str] = "narrow"
    model: ClassVar[type[Record]] = NarrowRecord


class Wide(Adapter):
    """A vendor whose token may be used by many requests at once."""

    vendor: ClassVar[str] = "wide"
    title: ClassVar[str] = "Wide"
    credentials: ClassVar[type] = WideCredentials
    auth: ClassVar[Auth[WideCredentials]] = _WideAuth()

    wide: mount[WideResource] = mount(WideResource)
    narrow: mount[NarrowResource] = mount(NarrowResource)


class WideOneAtATime(Wide):
    """The same vendor with SERPI's rule: one request at a time on a token, which stays taken when its end is unknown."""

    vendor: ClassVar[str] = "wide_one_at_a_time"
    rules: ClassVar[TokenRules] = TokenRules(max_in_flight=1, settle=30)
