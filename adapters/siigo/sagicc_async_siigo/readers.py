"""
Lists that come as an envelope or as a bare array.

Siigo's page prints the list of users as an array, its newer site and its service send an envelope; so every list is
read in either form. The first byte tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from sagicc_async import DeclaredReaders, PageData, ProtocolError, Reader, Record

T = TypeVar("T")

ENVELOPE: Final = "results"
_NAMED: Final = f'"{ENVELOPE}"'.encode()


@attrs.frozen
class _Either(Generic[T]):
    """
    Reads a page in the form that it has.

    Args:
        envelope: For an object.
        array: For an array, which is the whole list: it says so by its total, and as the last page there is.
    """

    envelope: Reader[T]
    array: Reader[T]

    def read(self, body: bytes) -> PageData[T]:
        """
        Read a page; see `PageReader.read`.

        Raises:
            ProtocolError: It is none. Neither the error nor its traceback keeps the body.
        """
        is_array, has_records = body.lstrip()[:1] == b"[", _NAMED in body
        try:
            page = (self.array if is_array else self.envelope).read(body)
        finally:
            del body
        if is_array:
            page.meta = {**page.meta, "total": len(page.items), "last": 1}
        elif not has_records and page.meta.get("total") is None:
            # Siigo leaves out keys that are empty, so its records may be missing; but not its total as well. Taken for
            # an empty page, such an answer would end the list.
            raise ProtocolError(
                f"the answer is no page of a list: it has neither {ENVELOPE} nor pagination",
                hint="check base_url; a proxy or another application may have answered in the vendor's place",
            )
        return page


class SiigoReaders:
    """
    Readers of Siigo's lists.

    Args:
        meta: Values of the envelope that paging needs.
    """

    def __init__(self, meta: Mapping[str, str]) -> None:
        self._envelope = DeclaredReaders(ENVELOPE, meta)
        self._array = DeclaredReaders(None)

    def records(self, model: type[Record], zone: tzinfo) -> Reader[Any]:
        """Read into records."""
        return _Either(self._envelope.records(model, zone), self._array.records(model, zone))

    def mappings(self) -> Reader[dict[str, Any]]:
        """Read into exact mappings."""
        return _Either(self._envelope.mappings(), self._array.mappings())

    def encoded(self, check: type[Record] | None, zone: tzinfo) -> Reader[msgspec.Raw]:
        """Leave each record as its own JSON."""
        return _Either(self._envelope.encoded(check, zone), self._array.encoded(check, zone))
