"""airbyte-cdk's HTTP stream, in Python: `parse_response` and `next_page_token` as its guide writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airbyte_cdk.sources.streams.http import HttpStream
from airbyte_cdk.sources.streams.http.requests_native_auth import TokenAuthenticator
from requests import Response


class Wide(HttpStream):
    """The wide records."""

    primary_key = "id"

    def __init__(self, base_url: str, size: int) -> None:
        super().__init__(authenticator=TokenAuthenticator("benchmark-token"))
        self._base_url = base_url
        self._size = size

    @property
    def url_base(self) -> str:
        """Where the vendor is."""
        return f"{self._base_url}/"

    def path(self, **_: Any) -> str:
        """Which list."""
        return "Wide"

    def get_json_schema(self) -> Mapping[str, Any]:
        """No more than that it is an object: nothing is converted."""
        return {"type": "object", "additionalProperties": True}

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Mapping[str, Any] | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Which page."""
        return {"limite": self._size, "pagina": 1, **(next_page_token or {})}

    def parse_response(self, response: Response, **_: Any) -> Iterable[Mapping[str, Any]]:
        """The records of a page."""
        yield from response.json()["result"]

    def next_page_token(self, response: Response) -> Mapping[str, Any] | None:
        """The page after this one, unless this one was empty."""
        if not response.json()["result"]:
            return None
        page = int(response.request.url.rpartition("pagina=")[2].partition("&")[0])
        return {"pagina": page + 1}


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    return [record["id"] for record in Wide(base_url, size).read_only_records()]
