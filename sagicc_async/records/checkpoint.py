"""Where a stream stands, as text that outlives the process and the release that wrote it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import attrs
import msgspec

from ..errors import CheckpointMismatch

S = TypeVar("S")

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
        started_at: The vendor's clock when the list's first page was answered; `None` if it was not, or told none.
        before: Records on all pages in front of this one; `None` if the stream began elsewhere than its list.
        total: Records in the whole list, as the vendor counted them last; `None` if it does not.
        drifted: Whether the list was seen to move.

    The last four are what was learned of the list on the way. They say nothing of the place, so they do not count when two
    checkpoints are compared.
    """

    adapter: str
    resource: str
    query: Mapping[str, Any]
    cursor: int | str
    index: int = attrs.field(validator=attrs.validators.ge(0))
    ids: tuple[str, ...] = ()
    started_at: datetime.datetime | None = attrs.field(default=None, eq=False)
    before: int | None = attrs.field(default=None, eq=False)
    total: int | None = attrs.field(default=None, eq=False)
    drifted: bool = attrs.field(default=False, eq=False)

    def to_json(self) -> str:
        """The checkpoint as one line of JSON. It holds the query's filters, and ids, but no other data."""
        known = {field.name: field.default for field in attrs.fields(Checkpoint) if not field.eq}
        fields = {
            name: value
            for name, value in attrs.asdict(self, recurse=False).items()
            if name not in known or value != known[name]
        }
        return msgspec.json.encode({"version": _VERSION, **fields}).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Checkpoint:
        """
        Read a checkpoint that `to_json` wrote.

        Raises:
            CheckpointMismatch: It is not one, or a newer release wrote it.
        """
        version = _decoded(_version, text)
        if version is not None and version.version > _VERSION:
            raise CheckpointMismatch(
                f"the checkpoint has version {version.version}, this release reads version {_VERSION}; "
                "upgrade sagicc-async, or start the stream anew"
            )
        stored = _decoded(_stored, text)
        if stored is None:
            raise CheckpointMismatch("this is not a checkpoint of sagicc-async; start the stream anew")
        return cls(
            adapter=stored.adapter,
            resource=stored.resource,
            query=msgspec.structs.asdict(stored.query),
            cursor=stored.cursor,
            index=stored.index,
            ids=stored.ids,
            started_at=stored.started_at,
            before=stored.before,
            total=stored.total,
            drifted=stored.drifted,
        )


_Whole = Annotated[int, msgspec.Meta(ge=0)]


class _Query(msgspec.Struct):
    path: str
    params: dict[str, Any]
    size: Annotated[int, msgspec.Meta(ge=1)]


class _Version(msgspec.Struct):
    version: _Whole


class _Stored(_Version):
    version: Literal[1]
    adapter: str
    resource: str
    query: _Query
    cursor: int | str
    index: _Whole
    ids: tuple[str, ...]
    started_at: datetime.datetime | None = None
    before: _Whole | None = None
    total: _Whole | None = None
    drifted: bool = False


_version = msgspec.json.Decoder(_Version)
_stored = msgspec.json.Decoder(_Stored)


def _decoded(decoder: msgspec.json.Decoder[S], text: str | bytes) -> S | None:
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
