"""airbyte-cdk's declarative source: a manifest, and the messages that its `read` gives."""

from __future__ import annotations

import logging
from typing import Final

import yaml
from airbyte_cdk.models import (
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

_MANIFEST: Final = """
version: 6.0.0
type: DeclarativeSource
check:
  type: CheckStream
  stream_names: [wide]
streams:
  - type: DeclarativeStream
    name: wide
    primary_key: [id]
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "{{ config['base_url'] }}"
        path: /Wide
        http_method: GET
        authenticator:
          type: BearerAuthenticator
          api_token: "{{ config['token'] }}"
      record_selector:
        type: RecordSelector
        extractor:
          type: DpathExtractor
          field_path: [result]
      paginator:
        type: DefaultPaginator
        page_token_option:
          type: RequestOption
          inject_into: request_parameter
          field_name: pagina
        page_size_option:
          type: RequestOption
          inject_into: request_parameter
          field_name: limite
        pagination_strategy:
          type: PageIncrement
          page_size: "{{ config['size'] }}"
          start_from_page: 1
          inject_on_first_request: true
    schema_loader:
      type: InlineSchemaLoader
      schema:
        type: object
        additionalProperties: true
spec:
  type: Spec
  connection_specification:
    type: object
    additionalProperties: true
"""

_LOG: Final = logging.getLogger("wide")
_CATALOG: Final = ConfiguredAirbyteCatalog(
    streams=[
        ConfiguredAirbyteStream(
            stream=AirbyteStream(
                name="wide", json_schema={"type": "object"}, supported_sync_modes=[SyncMode.full_refresh]
            ),
            sync_mode=SyncMode.full_refresh,
            destination_sync_mode=DestinationSyncMode.append,
        )
    ]
)


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    config = {"base_url": base_url, "token": "benchmark-token", "size": size}
    source = ConcurrentDeclarativeSource(
        catalog=_CATALOG, config=config, state=[], source_config=yaml.safe_load(_MANIFEST)
    )
    messages = source.read(_LOG, config, _CATALOG, [])
    return [message.record.data["id"] for message in messages if message.type is Type.RECORD]
