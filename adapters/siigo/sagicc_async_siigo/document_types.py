"""Documents whose types have settings of their own, which say what a document may have and how it is reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from sagicc_async import Record

from .models import DocumentType
from .operations import Creatable
from .replacement import Updatable
from .unshown import Unshown

T = TypeVar("T", bound=Record)
Q = TypeVar("Q", bound=Record)


class Typed(Creatable[T, Q]):
    """A resource whose documents have a type with settings of its own."""

    #: Kind of its document types: FV, C, NC, FC or RP.
    document_kind: ClassVar[str]

    async def _document_type(self, document: Mapping[str, Any]) -> DocumentType | None:
        kinds = await self._adapter.catalogue().document_types(self.document_kind)
        wanted = str((document.get("document") or {}).get("id"))
        return kinds.get(int(wanted)) if wanted.isdecimal() else None


class TypedUpdatable(Typed[T, Q], Updatable[T, Q]):
    """A resource whose records can be changed in some fields, of which their type says whether there are any."""

    async def _is_possible(self, field: Unshown, document: Mapping[str, Any]) -> bool:
        """What the type says; a record whose type is not listed any more may have everything."""
        if field.setting is None:
            return True
        settings = await self._document_type(document)
        return settings is None or bool(getattr(settings, field.setting))
