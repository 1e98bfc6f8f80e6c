"""The models and relations that Sagicc's page lists, as data: for hints and completion, never to refuse a name."""

from __future__ import annotations

import difflib
import functools
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import attrs

from sagicc_async import ConfigError

_NAME: Final = re.compile(r"\w+", re.ASCII)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Names of one record that end like those of many.
_SINGULAR: Final = frozenset({"pais"})


@attrs.frozen
class Catalogue:
    """
    What is known of an instance's models.

    Args:
        models: Their names, which are those of their tables.
        relations: The names of each one's relations, as far as they are known.
    """

    models: tuple[str, ...]
    relations: Mapping[str, tuple[str, ...]]

    def extended(self, path: str | os.PathLike[str]) -> Catalogue:
        """
        Add what a file knows, in the form of this package's own `catalogue.toml`.

        Raises:
            ConfigError: The file cannot be read, or is of another form.
        """
        more = _parse(_text_of(path), os.fspath(path))
        names = {*self.relations, *more.relations}
        both = {name: _merged(self.relations.get(name, ()), more.relations.get(name, ())) for name in sorted(names)}
        return Catalogue(_merged(self.models, more.models), both)

    def doubt_model(self, name: str) -> str | None:
        """Why a model's name may be wrong; `None` if it is listed."""
        if name in self.models:
            return None
        return f"Sagicc's page lists no model {name!r}; it is sent all the same{_near(name, self.models)}"

    def doubt_relation(self, model: str, name: str) -> str | None:
        """Why the name of a model's own relation may be wrong; `None` if it is listed, or the model is not."""
        if model not in self.models or name in self.relations.get(model, ()):
            return None
        known = self.relations.get(model, ())
        listed = f"it lists {', '.join(known)}" if known else "it lists none there"
        return (
            f"Sagicc's page lists no relation {name!r} of {model} ({listed}, and seems incomplete); it is sent all the "
            f"same{_near(name, known)}"
        )


@functools.cache
def documented() -> Catalogue:
    """The vendor's own list."""
    return _parse(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"), "catalogue.toml")


def camel_case(name: str) -> str:
    """`dato_contactos` as Sagicc's page writes relations: `datoContactos`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def snake_case(name: str) -> str:
    """`datoContactos` as Laravel writes keys by default: `dato_contactos`."""
    return _HUMP.sub("_", name).lower()


def is_to_many(relation: str) -> bool:
    """Whether a relation leads to many records: by the vendor's convention their names are plural."""
    last = snake_case(relation).rpartition("_")[2]
    return last.endswith("s") and last not in _SINGULAR


def _parse(text: str, name: str) -> Catalogue:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from None
    unknown = sorted(set(content) - {"models", "relations"})
    relations: Any = content.get("relations", {})
    if unknown or not isinstance(relations, dict):
        raise ConfigError(f"{name} has a list `models` and a table `relations`, and nothing else: {', '.join(unknown)}")
    lists = {"models": content.get("models", []), **relations}
    for key, names in lists.items():
        if not isinstance(names, list) or not all(isinstance(item, str) and _NAME.fullmatch(item) for item in names):
            raise ConfigError(f'{name}: {key} is a list of names, such as ["caso"]')
    models = tuple(lists.pop("models"))
    return Catalogue(models, {model: tuple(names) for model, names in lists.items()})


def _text_of(path: str | os.PathLike[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the catalogue {os.fspath(path)} cannot be read: {type(error).__name__}") from None


def _merged(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" - did you mean {found[0]}?" if found else ""
