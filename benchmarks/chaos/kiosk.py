"""An invented vendor whose token bears one request at a time, and whose notes may be written twice: the adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from sagicc_async import (
    Adapter,
    Auth,
    Credentials,
    Login,
    Priority,
    Record,
    Request,
    Resource,
    Safety,
    Secret,
    Settings,
    Token,
    TokenRules,
    Window,
    field,
    mount,
    record,
    to_wire,
)


@attrs.frozen(kw_only=True)
class KioskCredentials(Credentials):
    """A token that never ends."""

    vendor: ClassVar[str] = "kiosk"
    token: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class KioskSettings(Settings):
    """
    Settings of `open`.

    Args:
        limit: Requests in `per` seconds that the company may make, and then any number at once; 0 for no such limit,
            and one request at a time on a token.
        per: Seconds.
    """

    limit: int = 0
    per: float = 1.0


class KioskAuth:
    """The token in a header."""

    hint: str = "there is one token, invented by the harness"

    def identity(self, credentials: KioskCredentials, token: Token) -> tuple[str | Secret, ...]:
        """The token itself."""
        return (token.value,)

    def company(self, credentials: KioskCredentials) -> tuple[str | Secret, ...]:
        """There is one."""
        return ("kiosk",)

    async def issue(self, credentials: KioskCredentials, login: Login, spent: Token | None) -> Token:
        """No login."""
        return Token(credentials.token)

    def headers(self, credentials: KioskCredentials, token: Token) -> Mapping[str, str]:
        """As most vendors have it."""
        return {"Authorization": f"Bearer {token.value.reveal()}"}


@record
class Note(Record):
    """A note: `mark` is what the client made up, and the vendor does not look at it."""

    id: int | None = field(default=None)
    mark: str | None = field(default=None)


class NotesResource(Resource[Note]):
    """Notes."""

    name: ClassVar[str] = "notes"
    path: ClassVar[str] = "notes"
    model: ClassVar[type[Record]] = Note
    operations: ClassVar[Mapping[str, Safety]] = {"read": Safety.REPEATABLE, "create": Safety.UNSAFE}

    async def read(self, *, priority: Priority | None = None) -> None:
        """Read something."""
        await self._send("read", Request(method="GET", path=self.path), priority=priority)

    async def create(self, mark: str, *, priority: Priority | None = None) -> None:
        """Write a note."""
        request = Request(method="POST", path=self.path, body=to_wire({"mark": mark}))
        await self._send("create", request, priority=priority)


class Kiosk(Adapter):
    """One request at a time on a token."""

    vendor: ClassVar[str] = "kiosk"
    title: ClassVar[str] = "Kiosk"
    base_url: ClassVar[str | None] = "https://kiosk.example/v1"
    credentials: ClassVar[type] = KioskCredentials
    settings_class: ClassVar[type[Settings]] = KioskSettings
    auth: ClassVar[Auth[KioskCredentials]] = KioskAuth()
    rules: ClassVar[TokenRules] = TokenRules(max_in_flight=1, settle=30)

    notes: mount[NotesResource] = mount(NotesResource)


class Turnstile(Kiosk):
    """Any number at once, but so many in a window."""

    vendor: ClassVar[str] = "turnstile"
    rules: ClassVar[TokenRules] = TokenRules()

    @classmethod
    def windows_for(cls, settings: Settings) -> tuple[Window, ...]:
        """The company's window."""
        assert isinstance(settings, KioskSettings)
        return (Window(settings.limit, per=settings.per, scope="company"),)
