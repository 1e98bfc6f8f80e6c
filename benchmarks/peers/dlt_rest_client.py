"""dlt's REST client: pages of mappings."""

from __future__ import annotations

from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    client = RESTClient(
        base_url=base_url,
        auth=BearerTokenAuth(token="benchmark-token"),
        paginator=PageNumberPaginator(base_page=1, page_param="pagina", total_path=None),
        data_selector="result",
    )
    return [record["id"] for page in client.paginate("/Wide", params={"limite": size}) for record in page]
