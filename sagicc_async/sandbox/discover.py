"""Which vendors the sandbox can run, and how their emulators are built."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Any, Final, TypeAlias, TypeVar, cast

import attrs

from ..errors import AdapterNotFound, ConfigError
from ..registry import loaded, points_by_name
from ..setting_values import made_of
from .declared import DeclaredSandbox
from .optional import overlap_of
from .rules import Rules
from .vendor import SandboxVendor

T = TypeVar("T")

GROUP = "sagicc_async.sandboxes"
_FILE: Final = ".toml"

#: A vendor by the name of its entry point, or the path of a resource file (`acme.toml`), or the emulator's class, or an emulator that is ready.
VendorChoice: TypeAlias = "str | type[SandboxVendor] | SandboxVendor"

_RULES = frozenset(field.name for field in attrs.fields(Rules))


def installed() -> dict[str, EntryPoint]:
    """Return the entry points of all installed emulators, by name, sorted."""
    return {name: points[0] for name, points in points_by_name(GROUP).items()}


def emulators(
    choices: Iterable[VendorChoice] | None, settings: Mapping[str, Mapping[str, Any]]
) -> list[tuple[SandboxVendor, Rules]]:
    """
    Build the emulators that a sandbox runs.

    Args:
        choices: Which vendors; none for all that are installed and load. A warning tells which do not.
        settings: Settings by vendor: those of `Rules`, and the emulator's own.

    Raises:
        AdapterNotFound: No emulator of that name is installed, or it does not load.
        ConfigError: A setting is unknown, wrong, or for a vendor that is not there.
    """
    chosen = list(choices or _usable())
    if not chosen:
        raise AdapterNotFound("no vendor's sandbox is installed; install the adapter of one")
    built = [_build(choice, settings) for choice in chosen]
    names = [emulator.name for emulator, _ in built]
    if len(set(names)) < len(names):
        raise ConfigError(f"a vendor is named twice: {', '.join(sorted(names))}")
    strangers = sorted(set(settings) - set(names))
    if strangers:
        raise ConfigError(f"there are settings for {', '.join(strangers)}, but the sandbox runs {', '.join(names)}")
    return built


def _build(choice: VendorChoice, settings: Mapping[str, Mapping[str, Any]]) -> tuple[SandboxVendor, Rules]:
    made = _chosen(choice)
    mine = dict(settings.get(made.name, {}))
    rules = {name: mine.pop(name) for name in _RULES & set(mine)}
    if isinstance(choice, str) and choice.endswith(_FILE):
        emulator = cast("SandboxVendor", _construct(DeclaredSandbox, made.name, {"declaration": choice, **mine}))
    elif isinstance(made, type):
        emulator = _construct(made, made.name, mine)
    elif mine:
        raise ConfigError(f"the emulator of {made.name!r} is ready made; give it its settings where it is made")
    else:
        emulator = made
    return emulator, _construct(Rules, made.name, {"overlap": overlap_of(emulator), **rules})


def _chosen(choice: VendorChoice) -> type[SandboxVendor] | SandboxVendor:
    """Return what a name means: a resource file, or an installed emulator."""
    if not isinstance(choice, str):
        return choice
    # The protocol asks for names that can be set; what is read of a file cannot be.
    return cast("SandboxVendor", DeclaredSandbox(choice)) if choice.endswith(_FILE) else _load(choice)


def _usable() -> Iterator[type[SandboxVendor]]:
    """Load all emulators; one that is broken must not keep the others from running."""
    for name in installed():
        try:
            yield _load(name)
        except AdapterNotFound as error:
            warnings.warn(f"left out: {error}", UserWarning, stacklevel=4)


def _load(name: str) -> type[SandboxVendor]:
    points = points_by_name(GROUP)
    if name not in points:
        known = ", ".join(points) or "none"
        raise AdapterNotFound(f"no sandbox for {name!r} is installed; installed: {known}")
    try:
        emulator: type[SandboxVendor] = loaded(points[name])
    except AdapterNotFound as error:
        raise AdapterNotFound(f"the sandbox for {name!r} cannot be used: {error}") from error
    return emulator


def _construct(cls: type[T], vendor: str, settings: Mapping[str, Any]) -> T:
    known = {field.alias for field in attrs.fields(cls) if field.init} if attrs.has(cls) else set(settings)
    unknown = sorted(set(settings) - known)
    if unknown:
        names = ", ".join(sorted({*known, *_RULES}))
        raise ConfigError(f"the sandbox of {vendor!r} has no setting {', '.join(unknown)}; it has: {names}")
    return made_of(cls, settings, f"the sandbox of {vendor!r}")
