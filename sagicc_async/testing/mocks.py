"""aioresponses, made to work with the aiohttp that is installed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch

import aiohttp
from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from aioresponses import aioresponses

# The pause that a full reader asks for fails in a protocol without a parser; no mocked body may fill it.
_NEVER_FULL = 2**30


@contextmanager
def mocked_responses(**settings: Any) -> Iterator[aioresponses]:
    """
    Answer aiohttp's requests from a script instead of the network.

    Mocks stand in for `ClientSession._request`: time-outs, connection limits and
    everything else below it do not happen. For those, use the sandbox.

    Args:
        **settings: Handed to `aioresponses`, for example `passthrough=["http://127.0.0.1"]`.

    Yields:
        The `aioresponses` object that takes the script: `mocked.get(url, payload={...})`.

    Raises:
        ModuleNotFoundError: The extra `testing` is not installed.
    """
    try:
        from aioresponses import aioresponses, core  # noqa: PLC0415 (an extra, imported where it is used)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("Install mocked responses with: pip install 'sagicc-async[testing]'") from error
    with ExitStack() as stack:
        if _lacks_default(aiohttp.ClientResponse, "stream_writer"):
            stack.enter_context(patch.object(core, "ClientResponse", _AnsweredResponse))
        if "parser" in inspect.signature(BaseProtocol).parameters:
            stack.enter_context(patch.object(core, "stream_reader_factory", _roomy_reader))
        yield stack.enter_context(aioresponses(**settings))


class _AnsweredResponse(aiohttp.ClientResponse):
    """A response whose request has left already: aiohttp 3.14 asks for the writer that sent it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


def _roomy_reader(loop: Any = None) -> aiohttp.StreamReader:
    return aiohttp.StreamReader(ResponseHandler(loop=loop), limit=_NEVER_FULL, loop=loop)


def _lacks_default(function: Any, name: str) -> bool:
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty
