"""From a vendor's names to Python's."""

from __future__ import annotations

import keyword
import re
from typing import Final

_WORD_BREAK: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER: Final = re.compile(r"[^0-9a-z]+")


def python_name(wire: str, taken: frozenset[str] = frozenset()) -> str:
    """
    A vendor's name in snake_case: `updatedAt` is `updated_at`, `clientIds[]` is `client_ids`, `class` is `class_`.

    Args:
        wire: The vendor's name.
        taken: Names that it must not hide, from which an underscore tells it apart.
    """
    name = _NO_LETTER.sub("_", _WORD_BREAK.sub("_", wire).lower()).strip("_")
    if not name or name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if name in taken or keyword.iskeyword(name) else name
