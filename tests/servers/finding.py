"""Where the programs of servers are: in the wheels that `pip install -e .[dev]` brings, else on the machine."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path


class Unavailable(Exception):
    """There is no such server here: what would bring it is in the message."""


def program_in_wheel(package: str, pattern: str) -> Path | None:
    """
    A program in an installed package, which is not imported for it.

    Args:
        package: Name of the package.
        pattern: Where in it, as a glob.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return next(Path(spec.submodule_search_locations[0]).glob(pattern), None)


def program_on_path(*names: str) -> Path | None:
    """The first of these programs that is installed; links are followed to the folder where its helpers are."""
    found = next(filter(None, map(shutil.which, names)), None)
    return None if found is None else Path(found).resolve()
