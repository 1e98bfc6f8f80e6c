"""Bazar's adapter: a login, two requests at once on a token, a window, things and orders."""

from __future__ import annotations

import attrs
import msgspec

from sagicc_async import (
    Adapter,
    Credentials,
    ErrorMap,
    ProtocolError,
    Request,
    Secret,
    Settings,
    Token,
    TokenRules,
    Window,
    mount,
    to_wire,
)

from .answers import read_answer
from .resources import OrdersResource, ThingsResource


@attrs.frozen(kw_only=True)
class BazarCredentials(Credentials):
    """What Bazar's counter hands over."""

    vendor = "bazar"
    shop: str
    key: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class BazarSettings(Settings):
    """
    Settings of `open`.

    Args:
        limit: Requests a minute.
    """

    limit: int = 600


class BazarAuth:
    """A login with shop and key."""

    hint = "compare shop and key with Bazar's counter: Menu > API > Keys"

    def identity(self, credentials, token):
        return (credentials.shop,)

    def company(self, credentials):
        return (credentials.shop,)

    async def issue(self, credentials, login, spent):
        response = await login(login_of(credentials))
        try:
            answer = msgspec.json.decode(response.body)
            return Token(Secret(answer["access"]), self.life(answer["seconds"]))
        except (msgspec.MsgspecError, KeyError, TypeError):
            raise ProtocolError("the answer to the login holds no token") from None

    def life(self, seconds):
        return float(seconds)

    def headers(self, credentials, token):
        return {"Authorization": f"Bearer {token.value.reveal()}"}


def login_of(credentials):
    body = {"shop": credentials.shop, "key": Secret(credentials.key).reveal()}
    return Request(method="POST", path="login", body=to_wire(body))


class Bazar(Adapter):
    """Bazar, for one shop."""

    vendor = "bazar"
    title = "Bazar"
    base_url = "https://api.bazar.example/v1"
    credentials = BazarCredentials
    settings_class = BazarSettings
    auth = BazarAuth()
    rules = TokenRules(max_in_flight=2, settle=20)
    errors = ErrorMap(inspect=read_answer)
    idempotency_header = "Idempotency-Key"

    things = mount(ThingsResource)
    orders = mount(OrdersResource)

    @classmethod
    def windows_for(cls, settings):
        return (Window(settings.limit, per=60, scope="company"),)
