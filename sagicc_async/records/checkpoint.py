"""Where a stream stands, as text that outlives the process and the release that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import msgspec

from ..errors import CheckpointMismatch

#: Raised when the meaning of a field changes. Older versions stay readable.
_VERSION: Final = 1


@attrs.frozen(kw_only=True)
class Checkpoint:
    """
    A place in a stream: after `index` records of the page at `cursor`.

    Args:
        adapter: Entry-point name of the vendor's adapter.
        resource: Name of the resource.
        query: The whole query: `path`, `params` and page `size`. It resumes without anything else.
        cursor: The page, in the words of the paging strategy: a number, an offset or a link.
        index: How many records of that page have been handed out.
        ids: The last records handed out, oldest first, by which a resumed stream finds its place again.
    """

    adapter: str
    resource: str
    query: Mapping[str, Any]
    cursor: int | str
    index: int = attrs.field(validator=attrs.validators.ge(0))
    ids: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The checkpoint as one line of JSON. It holds the query's filters, and ids, but no other data."""
        fields = attrs.asdict(self, recurse=False)
        return msgspec.json.encode({"version": _VERSION, **fields}).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Checkpoint:
        """
        Read a checkpoint that `to_json` wrote.

        Raises:
            CheckpointMismatch: It is not one, or a newer release wrote it.
        """
        try:
            stored = _decoder.decode(text)
        except msgspec.MsgspecError:
            stored = None
        if stored is None:
            raise CheckpointMismatch("this is not a checkpoint of sagicc-async; start the stream anew")
        if stored.version != _VERSION:
            raise CheckpointMismatch(
                f"the checkpoint has version {stored.version}, this release reads version {_VERSION}; "
                "upgrade sagicc-async, or start the stream anew"
            )
        return cls(
            adapter=stored.adapter,
            resource=stored.resource,
            query=stored.query,
            cursor=stored.cursor,
            index=stored.index,
            ids=stored.ids,
        )


class _Stored(msgspec.Struct):
    version: int
    adapter: str
    resource: str
    query: dict[str, Any]
    cursor: int | str
    index: int
    ids: tuple[str, ...]


_decoder = msgspec.json.Decoder(_Stored)
