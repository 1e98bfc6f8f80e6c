"""Names of folders and files: any text makes one, and no two texts the same, whatever the file system takes for alike."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from ..unit import Unit

#: What may stand in a name as it is. Capitals may not: some file systems take them for small letters. At the beginning
#: neither a dot may, nor an underscore: readers pass over names that begin so.
_PLAIN: Final = re.compile(rb"(?<!^)[._]|[a-z0-9-]")
#: File systems take 255 bytes; a longer name is cut, and told apart by a digest.
_LONGEST: Final = 200
#: Names of files sort as their numbers do, for longer than anybody will sync.
_DIGITS: Final = 9


def folder_of(folder: Path, unit: Unit) -> Path:
    """The folder of a unit's files."""
    return resource_folder(folder, unit.vendor, unit.resource) / safe(unit.account)


def resource_folder(folder: Path, vendor: str, resource: str) -> Path:
    """The folder of a resource, in which each account has one."""
    return folder / safe(vendor) / safe(resource)


def file_name(number: int, suffix: str) -> str:
    """The name of a unit's file of that number."""
    return f"{number:0{_DIGITS}}.{suffix}"


def safe(text: str) -> str:
    """A text as the name of a folder: what may not stand there is percent-encoded."""
    data = text.encode("utf-8", "surrogatepass")
    plain = {match.start() for match in _PLAIN.finditer(data)}
    name = "".join(chr(byte) if index in plain else f"%{byte:02X}" for index, byte in enumerate(data))
    if len(name) > _LONGEST:
        return f"{name[:_LONGEST]}~{hashlib.blake2b(data, digest_size=16).hexdigest()}"
    return name or "%"
