"""The same list as a dlt resource that is iterated, without a pipeline behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator


@dlt.resource(name="wide", primary_key="id")
def wide(base_url: str, size: int) -> Iterator[Any]:
    """The wide records, page by page."""
    client = RESTClient(
        base_url=base_url,
        auth=BearerTokenAuth(token="benchmark-token"),
        paginator=PageNumberPaginator(base_page=1, page_param="pagina", total_path=None),
        data_selector="result",
    )
    yield from client.paginate("/Wide", params={"limite": size})


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    return [record["id"] for record in wide(base_url, size)]
