"""SERPI (ERP, Colombia): the adapter."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import ClassVar, Final, Literal, TypeAlias

import attrs
from attrs.validators import in_

from sagicc_async import (
    Adapter,
    Auth,
    Credentials,
    ErrorMap,
    Login,
    Paging,
    Secret,
    Settings,
    Token,
    TokenRules,
    mount,
)

from .answers import read_answer
from .centro_costo import CentroCostoResource
from .resources import (
    PAGING,
    POLL_EVERY,
    ArticuloProveedorResource,
    ArticuloResource,
    BodegaResource,
    CentroOperacionResource,
    FormaPagoResource,
    ImpuestoResource,
    SucursalResource,
    TipoDocumentoResource,
)

Bearer: TypeAlias = Literal["spaced", "lower", "joined"]

#: What stands before the token. The wiki's prose prints `bearer {{token}}`, its samples `Bearer{{token}}`; neither is the
#: form that users of the API send.
_BEARER: Final[Mapping[Bearer, str]] = {"spaced": "Bearer ", "lower": "bearer ", "joined": "Bearer"}


@attrs.frozen(kw_only=True)
class SerpiCredentials(Credentials):
    """
    What SERPI hands over to a customer for the use of its API.

    Args:
        token: "Token de acceso entregado por SERPI ERP". No way to get one by program is documented.
        secretkey: "Secretkey proporcionada al cliente para consumos de las APIs".
    """

    vendor: ClassVar[str] = "serpi"
    token: Secret = attrs.field(converter=Secret)
    secretkey: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class SerpiSettings(Settings):
    """
    Settings of `open("serpi", ...)`.

    Args:
        busy_status: HTTP status or body code that means that the token is in use. SERPI forbids simultaneous use and
            does not document what happens then, so nothing is assumed.
        bearer: How the token stands in `Authorization`, see `SerpiAuth`. SERPI's pages disagree.
    """

    busy_status: int | None = None
    bearer: Bearer = attrs.field(default="spaced", validator=in_(tuple(_BEARER)))


class SerpiAuth:
    """
    Two headers on every request; the token is static (SERPI, header tables of all nine pages).

    Args:
        bearer: `spaced`, `Bearer {{token}}`, as public programs send it (inference); `lower`, `bearer {{token}}`, as the
            wiki's prose prints it; or `joined`, `Bearer{{token}}`, as its samples do.
    """

    hint: str = (
        "compare token and secretkey with what SERPI handed over (Token de acceso entregado por SERPI ERP; Secretkey "
        "proporcionada al cliente); only SERPI can issue new ones"
    )

    def __init__(self, bearer: Bearer = "spaced") -> None:
        self.bearer: Bearer = bearer

    def identity(self, credentials: SerpiCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The token itself: "un mismo token no puede ser consumidos de manera simultanea"."""
        return (token.value,)

    def company(self, credentials: SerpiCredentials) -> tuple[str | Secret, ...]:
        """No request window is documented; the token stands for the company."""
        return (credentials.token,)

    async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
        """The token is part of the credentials; no login is documented."""
        return Token(credentials.token)

    def headers(self, credentials: SerpiCredentials, token: Token) -> Mapping[str, str]:
        """Source: SERPI, header tables of all nine pages."""
        return {
            "Authorization": f"{_BEARER[self.bearer]}{token.value.reveal()}",
            "secretkey": credentials.secretkey.reveal(),
        }


class Serpi(Adapter):
    """
    SERPI ERP.

    One token must not be used twice at once: every request of all resources waits for its turn on the token.
    """

    vendor: ClassVar[str] = "serpi"
    title: ClassVar[str] = "SERPI"
    base_url: ClassVar[str | None] = "https://www.apis.serpi.com.co/api/v1"
    credentials: ClassVar[type] = SerpiCredentials
    settings_class: ClassVar[type[Settings]] = SerpiSettings
    auth: ClassVar[Auth[SerpiCredentials]] = SerpiAuth()
    #: `settle` is our assumption: how long SERPI may work on a request that we lost sight of. Nothing is documented.
    rules: ClassVar[TokenRules] = TokenRules(max_in_flight=1, settle=30)
    errors: ClassVar[ErrorMap] = ErrorMap(inspect=read_answer)
    paging: ClassVar[Paging | None] = PAGING
    items: ClassVar[str | None] = "result"
    poll_every: ClassVar[float | None] = POLL_EVERY

    centro_costo: mount[CentroCostoResource] = mount(CentroCostoResource)
    impuesto: mount[ImpuestoResource] = mount(ImpuestoResource)
    tipo_documento: mount[TipoDocumentoResource] = mount(TipoDocumentoResource)
    bodega: mount[BodegaResource] = mount(BodegaResource)
    centro_operacion: mount[CentroOperacionResource] = mount(CentroOperacionResource)
    sucursal: mount[SucursalResource] = mount(SucursalResource)
    forma_pago: mount[FormaPagoResource] = mount(FormaPagoResource)
    articulo: mount[ArticuloResource] = mount(ArticuloResource)
    articulo_proveedor: mount[ArticuloProveedorResource] = mount(ArticuloProveedorResource)

    @classmethod
    def auth_for(cls, settings: Settings) -> Auth[SerpiCredentials]:
        """The two headers, the token in the form that these settings say."""
        bearer = settings.bearer if isinstance(settings, SerpiSettings) else "spaced"
        return cls.auth if bearer == "spaced" else SerpiAuth(bearer)

    @classmethod
    def errors_for(cls, settings: Settings) -> ErrorMap:
        """The error map, with the status for a busy token if the user knows one."""
        busy = settings.busy_status if isinstance(settings, SerpiSettings) else None
        return cls.errors if busy is None else ErrorMap(inspect=functools.partial(read_answer, busy_status=busy))
