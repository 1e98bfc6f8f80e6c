"""singer-sdk's REST stream: `get_records`, without the messages that a tap would write."""

from __future__ import annotations

from typing import Any, Final

from requests import Response
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.pagination import BasePageNumberPaginator

_CONTACT: Final = th.ObjectType(
    th.Property("nombre", th.StringType),
    th.Property("correo", th.StringType),
    th.Property("telefono", th.StringType),
)
_PROPERTIES: Final = (
    th.Property("id", th.IntegerType),
    *(th.Property(f"campo_{i}", th.StringType) for i in range(11)),
    th.Property("contactos", th.ArrayType(_CONTACT)),
    *(th.Property(f"numero_{i}", th.IntegerType) for i in range(6)),
    *(th.Property(f"activo_{i}", th.BooleanType) for i in range(2)),
    *(th.Property(f"nulo_{i}", th.StringType) for i in range(2)),
    th.Property("valor", th.NumberType),
    th.Property("saldo", th.NumberType),
)


class Pages(BasePageNumberPaginator):
    """Page after page, until one is empty."""

    def has_more(self, response: Response) -> bool:
        """Whether this page held anything."""
        return bool(response.json()["result"])


class WideStream(RESTStream[int]):
    """The wide records."""

    name = "wide"
    path = "/Wide"
    primary_keys = ("id",)
    records_jsonpath = "$.result[*]"
    schema = th.PropertiesList(*_PROPERTIES).to_dict()

    @property
    def url_base(self) -> str:
        """Where the vendor is."""
        return str(self.config["base_url"])

    @property
    def authenticator(self) -> BearerTokenAuthenticator:
        """The token."""
        return BearerTokenAuthenticator(token="benchmark-token")

    def get_new_paginator(self) -> Pages:
        """Pages are counted from 1."""
        return Pages(start_value=1)

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:
        """Which page."""
        return {"limite": self.config["size"], "pagina": next_page_token}


class WideTap(Tap):
    """A tap with one stream."""

    name = "tap-wide"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True), th.Property("size", th.IntegerType, required=True)
    ).to_dict()

    def discover_streams(self) -> list[WideStream]:
        """The stream."""
        return [WideStream(self)]


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    stream = WideTap(config={"base_url": base_url, "size": size}).streams["wide"]
    return [record["id"] for record in stream.get_records(None)]
