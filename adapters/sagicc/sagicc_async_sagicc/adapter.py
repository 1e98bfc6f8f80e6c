"""Sagicc (contact-centre CRM, Colombia): the adapter."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Final, Literal

import attrs
import msgspec
from attrs.validators import ge, in_, optional

from sagicc_async import (
    Account,
    Adapter,
    Auth,
    ConfigError,
    Deadline,
    ErrorMap,
    Finding,
    Priority,
    Request,
    Resource,
    Response,
    Safety,
    Settings,
    TokenRules,
    Window,
    mount,
    to_wire,
)

from .answers import failure_of, read_answer
from .auth import API, SagiccAuth, SagiccCredentials
from .catalogue import Catalogue, documented
from .notices import warn
from .probe import Probe, probe
from .query import Dialect, Generation, RelationsStyle
from .readers import Instance, instance_at
from .resource import ModelResource, resource_of
from .services import interaction, service_path

_INSTANCE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(r"\w+", re.ASCII)
_AT_LEAST_ONE: Final[Any] = optional(ge(1))


@attrs.frozen(kw_only=True)
class SagiccSettings(Settings):
    """
    Settings of `open("sagicc", ...)`; `check sagicc` finds out those that depend on the instance.

    Args:
        instance: The instance's name, the first part of its address: `acme` for https://acme.sagicc.co.
        grant: How to log in: as the API's user, or as the client alone.
        token_body: How the login is written: a form, or JSON.
        token_url: Where to log in, if it is not `/oauth/token`: a path from the instance's root, beside `/api`, or a whole
            URL.
        scope: OAuth scope; nothing is sent if not given.
        relations_style: `flat` or `wrapped`, see `Dialect`. Sagicc's two pages disagree.
        generation: Which filters of state exist, see `Dialect`.
        null_literal: How null travels in a query.
        record_path: Dotted path of the records in a list's answer, where they cannot be found; a single one is looked for
            there first.
        catalogue: A file of further models and relations, in the form of this package's `catalogue.toml`.
        requests_per_minute: Our own throttle, since no limit is documented and a stock server has one of 60; `None`
            for none.
        trailing_slash: Whether the path of a model, without an id behind it, ends with a slash, as the older page writes
            it: in lists, and in every POST, PUT and DELETE there. A server that redirects such a write fails it.
        allow_services: Whether `call` and `interaction_send` may be used, which send messages to people.
    """

    instance: str | None = None
    grant: Literal["password", "client_credentials"] = attrs.field(
        default="password", validator=in_(("password", "client_credentials"))
    )
    token_body: Literal["form", "json"] = attrs.field(default="form", validator=in_(("form", "json")))
    token_url: str | None = None
    scope: str | None = None
    relations_style: RelationsStyle = attrs.field(default="flat", validator=in_(("flat", "wrapped")))
    generation: Generation = attrs.field(default="current", validator=in_(("current", "legacy")))
    null_literal: Literal["null", ""] = attrs.field(default="null", validator=in_(("null", "")))
    record_path: str | None = None
    catalogue: str | None = None
    requests_per_minute: int | None = attrs.field(default=55, validator=_AT_LEAST_ONE)
    trailing_slash: bool = False
    allow_services: bool = False


class Sagicc(Adapter):
    """
    Sagicc, for one instance.

    `crm.caso` and `crm["caso"]` are the same resource. A model that Sagicc's page does not list is sent with a warning.
    """

    vendor: ClassVar[str] = "sagicc"
    title: ClassVar[str] = "Sagicc"
    credentials: ClassVar[type] = SagiccCredentials
    settings_class: ClassVar[type[Settings]] = SagiccSettings
    auth: ClassVar[Auth[SagiccCredentials]] = SagiccAuth()
    #: No rule for the use of a token is documented. `settle` is our assumption: how long Sagicc may work on a request that
    #: we lost sight of, the rest of the attempt included.
    rules: ClassVar[TokenRules] = TokenRules(settle=120)
    errors: ClassVar[ErrorMap] = ErrorMap(inspect=read_answer)
    settings: SagiccSettings

    caso: mount[ModelResource] = mount(resource_of("caso"))
    adjunto: mount[ModelResource] = mount(resource_of("adjunto"))
    agente_campana_canal: mount[ModelResource] = mount(resource_of("agente_campana_canal"))
    agente_estado_agente: mount[ModelResource] = mount(resource_of("agente_estado_agente"))
    bolsa_clientes: mount[ModelResource] = mount(resource_of("bolsa_clientes"))
    calificacion: mount[ModelResource] = mount(resource_of("calificacion"))
    campana: mount[ModelResource] = mount(resource_of("campana"))
    campana_canal: mount[ModelResource] = mount(resource_of("campana_canal"))
    campana_estado_caso: mount[ModelResource] = mount(resource_of("campana_estado_caso"))
    campana_supervisor: mount[ModelResource] = mount(resource_of("campana_supervisor"))
    campo: mount[ModelResource] = mount(resource_of("campo"))
    canal: mount[ModelResource] = mount(resource_of("canal"))
    ciudad: mount[ModelResource] = mount(resource_of("ciudad"))
    cliente: mount[ModelResource] = mount(resource_of("cliente"))
    cliente_etiqueta_cliente: mount[ModelResource] = mount(resource_of("cliente_etiqueta_cliente"))
    cliente_dato_contacto: mount[ModelResource] = mount(resource_of("cliente_dato_contacto"))
    cola_campana_canal: mount[ModelResource] = mount(resource_of("cola_campana_canal"))
    conexion: mount[ModelResource] = mount(resource_of("conexion"))
    cuenta: mount[ModelResource] = mount(resource_of("cuenta"))
    cuenta_campana: mount[ModelResource] = mount(resource_of("cuenta_campana"))
    cuenta_caso: mount[ModelResource] = mount(resource_of("cuenta_caso"))
    encuesta_pregunta: mount[ModelResource] = mount(resource_of("encuesta_pregunta"))
    encuesta_resultado: mount[ModelResource] = mount(resource_of("encuesta_resultado"))
    desuscripcion_email: mount[ModelResource] = mount(resource_of("desuscripcion_email"))
    etiqueta_cliente: mount[ModelResource] = mount(resource_of("etiqueta_cliente"))
    formulario: mount[ModelResource] = mount(resource_of("formulario"))
    gestion: mount[ModelResource] = mount(resource_of("gestion"))
    lista_bloqueo: mount[ModelResource] = mount(resource_of("lista_bloqueo"))
    pais: mount[ModelResource] = mount(resource_of("pais"))
    registro_canal: mount[ModelResource] = mount(resource_of("registro_canal"))
    skill: mount[ModelResource] = mount(resource_of("skill"))
    tipo_campo: mount[ModelResource] = mount(resource_of("tipo_campo"))
    tipo_canal: mount[ModelResource] = mount(resource_of("tipo_canal"))
    tipo_canal_tipo_dato_contacto: mount[ModelResource] = mount(resource_of("tipo_canal_tipo_dato_contacto"))
    tipo_caso: mount[ModelResource] = mount(resource_of("tipo_caso"))
    tipo_dato_contacto: mount[ModelResource] = mount(resource_of("tipo_dato_contacto"))
    tipo_documento: mount[ModelResource] = mount(resource_of("tipo_documento"))
    usuario: mount[ModelResource] = mount(resource_of("usuario"))
    usuario_skill: mount[ModelResource] = mount(resource_of("usuario_skill"))

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__(account, settings)
        #: The models and relations that are known.
        self.catalogue: Catalogue = documented()
        if self.settings.catalogue is not None:
            self.catalogue = self.catalogue.extended(self.settings.catalogue)
        #: How queries are written.
        self.dialect: Dialect = Dialect(
            relations_style=self.settings.relations_style,
            generation=self.settings.generation,
            null_literal=self.settings.null_literal,
        )

    @property
    def instance(self) -> Instance:
        """What this process has learned of the instance."""
        return instance_at(self.account.terms.base_url)

    @classmethod
    def address(cls, settings: Settings, base_url: str | None) -> str | None:
        """The API of the instance; an origin alone is completed."""
        assert isinstance(settings, SagiccSettings)
        if base_url is None and settings.instance is None:
            raise ConfigError("say which instance: instance='acme' (SAGICC_INSTANCE), or base_url= (SAGICC_BASE_URL)")
        if base_url is not None and settings.instance is not None:
            raise ConfigError("instance= and base_url= exclude each other")
        if base_url is None:
            name = settings.instance or ""
            if not _INSTANCE.fullmatch(name):
                raise ConfigError("instance is the first part of its address: 'acme' for https://acme.sagicc.co")
            return f"https://{name}.sagicc.co{API}"
        whole = base_url.rstrip("/")
        return whole if whole.endswith(API) else f"{whole}{API}"

    @classmethod
    def auth_for(cls, settings: Settings) -> Auth[SagiccCredentials]:
        """How to log in under these settings."""
        assert isinstance(settings, SagiccSettings)
        return SagiccAuth(
            grant=settings.grant,
            token_body=settings.token_body,
            token_url=settings.token_url,
            scope=settings.scope,
        )

    @classmethod
    def windows_for(cls, settings: Settings) -> tuple[Window, ...]:
        """Our own throttle."""
        limit = settings.requests_per_minute if isinstance(settings, SagiccSettings) else None
        return () if limit is None else (Window(limit, per=60, scope="company"),)

    @classmethod
    def resource_class(cls, name: str) -> type[Resource[Any]]:
        """A model, listed or not."""
        known = cls.resource_classes().get(name)
        if known is not None:
            return known
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no model: a model's name is its table's, letters, digits and _")
        return resource_of(name)

    def __getitem__(self, name: str) -> ModelResource:
        kind = self.resource_class(name)
        assert issubclass(kind, ModelResource)
        doubt = self.catalogue.doubt_model(name)
        if doubt is not None:
            warn(doubt)
        return kind(self)

    async def call(
        self,
        service: str,
        body: Mapping[str, Any] | None = None,
        *,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Any:
        """
        Call a service, `POST /{service}/{name}`; it is never sent twice, not even where Sagicc asks to slow down.

        Args:
            service: Its path below `/api`, of any number of names: `interaction/send`.
            body: What to send, as it is.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The answer's JSON; `None` if it has no body.

        Raises:
            ConfigError: The account was not opened with `allow_services=True`: services do things, such as sending
                messages to people, so it must be meant.
            OutcomeUnknown: The answer was lost; it is never sent again.

        Source: Sagicc, "Uso de la API" (the older page), `{service}/{name}`.
        """
        return await self._call(service_path(service), dict(body or {}), deadline, priority)

    async def interaction_send(
        self,
        *,
        ticket_id: int | str,
        type: Literal["sm", "hsm"],  # noqa: A002 - the vendor's word
        message: str,
        contact_info_id: int | str | None = None,
        contact_info: str | None = None,
        channel_id: int | str | None = None,
        channel_type_id: int | str | None = None,
        fields: Mapping[str, Any] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Any:
        """
        Send a message to a person through a channel, and record it on the case; it is never sent twice: see `call`.

        Args:
            ticket_id: The case.
            type: `sm`, a standard message, or `hsm`, a WhatsApp template.
            message: The text, or the template's.
            contact_info_id: To whom, by the id of the contact's data, or
            contact_info: by the data itself.
            channel_id: Through which channel, or
            channel_type_id: through the first one of this type.
            fields: Further fields, sent as they are: the vendor's text is cut where they would stand.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Returns:
            The answer's JSON; `None` if it has no body.

        Raises:
            ConfigError: The account was not opened with `allow_services=True`.
            ValidationFailed: A documented rule is broken, or Sagicc refuses.
            OutcomeUnknown: The answer was lost, and the message may have been sent.

        Source: Sagicc, pageId 2148827141.
        """
        body = interaction(
            ticket_id=ticket_id,
            type=type,
            message=message,
            contact_info_id=contact_info_id,
            contact_info=contact_info,
            channel_id=channel_id,
            channel_type_id=channel_type_id,
            fields=fields or {},
        )
        return await self._call("interaction/send", body, deadline, priority)

    async def probe(self, model: str = "caso") -> Probe:
        """
        Find out what this instance speaks, by half a dozen small reads.

        Args:
            model: Whose list is asked for; one that has a listed relation and some records tells most.

        Returns:
            Envelope, page cap, relation style and generation, and the settings to keep.

        Raises:
            RequestError: The list itself cannot be read.
        """
        return await probe(self, model)

    async def examine(self, resource: str) -> AsyncIterator[Finding]:
        """What `check sagicc` shows besides credentials and clock."""
        for finding in (await self.probe(resource)).findings(self.dialect):
            yield finding

    async def _send(
        self,
        operation: str,
        request: Request,
        safety: Safety,
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> Response:
        """
        Send a request that is no list's, and look into its whole answer: `read_answer` leaves large ones to the lists' readers.

        Raises:
            ValidationFailed: The body of a success says that the request failed.
            RequestError: See `errors`.
        """
        response = await super()._send(operation, request, safety, deadline, priority)
        failure = failure_of(response.body)
        if failure is not None:
            failure.vendor, failure.account, failure.operation = self.vendor, self.account.terms.label, operation
            failure.status, failure.request_id = response.status, response.request_id
            self.account.scrub(failure)
            raise failure
        return response

    async def _call(
        self,
        path: str,
        body: Mapping[str, Any],
        deadline: Deadline | float | None,
        priority: Priority | None,
    ) -> Any:
        if not self.settings.allow_services:
            raise ConfigError(
                f"{path} does something, such as sending a message to a person; open the account with allow_services=True "
                "to mean it"
            )
        request = Request(method="POST", path=path, body=to_wire(body))
        response = await self._send(path.replace("/", "."), request, Safety.ONCE, deadline, priority)
        try:
            return response.json() if response.body.strip() else None
        except msgspec.DecodeError:
            return response.body.decode(errors="replace")
