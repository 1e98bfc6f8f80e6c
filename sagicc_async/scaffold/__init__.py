"""
A new adapter's distribution: a small, complete one of a vendor that does not exist, under the name that is asked for.

The files lie in `template/`, written for a vendor "Acme Shop": what they say is what is made of them, word for word.
"""

from __future__ import annotations

import builtins
import keyword
import re
import shutil
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import attrs

import sagicc_async
import sagicc_async.sandbox

from ..errors import ConfigError
from ..registry import installed_adapters

#: Of the files in the package, so that no tool takes them for code of its own project.
_SUFFIX: Final = ".template"
_VENDOR: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 30
#: Names that a new adapter's class would hide from its own modules and tests.
_TAKEN: Final = frozenset(
    {
        *keyword.kwlist,
        *dir(builtins),
        *sagicc_async.__all__,
        *sagicc_async.sandbox.__all__,
        # What the template imports besides: of the standard library, and of the testing kit, which may not be installed.
        *("Any", "AsyncIterator", "ClassVar", "Decimal", "Mapping", "Random", "Sequence"),
        *("Conformance", "LocalVendors", "Samples", "Write"),
    }
)
#: How a class begins that pytest takes for one of tests, wherever it is imported.
_TEST: Final = "Test"


@attrs.frozen(kw_only=True)
class Names:
    """
    A vendor's name in all its spellings.

    Args:
        vendor: As users write it: the name of the entry points (`acme-shop`).
    """

    vendor: str

    @property
    def distribution(self) -> str:
        """What is installed, and the folder: `sagicc-async-acme-shop`."""
        return f"sagicc-async-{self.vendor}"

    @property
    def package(self) -> str:
        """What is imported: `sagicc_async_acme_shop`."""
        return self.distribution.replace("-", "_")

    @property
    def title(self) -> str:
        """For people: `Acme Shop`."""
        return " ".join(word.capitalize() for word in self.vendor.split("-"))

    @property
    def adapter(self) -> str:
        """The class: `AcmeShop`."""
        return self.title.replace(" ", "")

    @property
    def variables(self) -> str:
        """The beginning of environment variables: `ACME_SHOP`."""
        return self.vendor.replace("-", "_").upper()

    @property
    def spellings(self) -> Mapping[str, str]:
        """Every spelling in the template, and what stands in its place."""
        template, mine = Names(vendor="acme-shop"), self
        return {
            template.vendor: mine.vendor,
            template.vendor.replace("-", "_"): mine.vendor.replace("-", "_"),
            template.title: mine.title,
            template.adapter: mine.adapter,
            template.variables: mine.variables,
        }


def names_for(vendor: str) -> Names:
    """
    The spellings of a new vendor's name.

    Raises:
        ConfigError: It cannot be one; the message says why.
    """
    if not _VENDOR.fullmatch(vendor) or len(vendor) > _LONGEST:
        raise ConfigError(
            f"{vendor!r} cannot be the name of an adapter: take small letters and digits, with hyphens between words "
            f"(acme-shop), {_LONGEST} at most"
        )
    names = Names(vendor=vendor)
    if names.adapter in _TAKEN:
        raise ConfigError(f"{vendor!r} cannot be the name of an adapter: its class {names.adapter} would hide another")
    if names.adapter.startswith(_TEST):
        raise ConfigError(
            f"{vendor!r} cannot be the name of an adapter: pytest would take its class {names.adapter} for one of "
            "tests; let another word come first"
        )
    taken = next((found.distribution for found in installed_adapters() if found.vendor == vendor), None)
    if taken is not None:
        raise ConfigError(f"an adapter named {vendor!r} is installed already, by {taken}; two would make both unusable")
    return names


def create_adapter(vendor: str, folder: Path) -> Path:
    """
    Write a new adapter's distribution.

    Args:
        vendor: Its name, as users will write it.
        folder: Where its own folder is made.

    Returns:
        Its own folder.

    Raises:
        ConfigError: The name cannot be one, or the folder is there already; nothing was written.
        OSError: It cannot be written; nothing of it is left.
    """
    names = names_for(vendor)
    made = folder / names.distribution
    try:
        made.mkdir()
    except FileExistsError:
        raise ConfigError(f"{made} is there already; nothing is overwritten: take another name or --folder") from None
    try:
        for path, text in _files(names):
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return made


def _files(names: Names) -> Iterator[tuple[str, str]]:
    """Every file of the distribution: its path, and its text."""
    words = {**names.spellings, "CORE_VERSION": ".".join(version("sagicc-async").split(".")[:2])}
    any_word = re.compile("|".join(map(re.escape, words)))

    def spelt(text: str) -> str:
        return any_word.sub(lambda found: words[found[0]], text)

    for path, source in _walk(resources.files(__name__) / "template", ""):
        yield spelt(path.removesuffix(_SUFFIX)), spelt(source.read_text(encoding="utf-8"))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield f"{prefix}{entry.name}", entry
