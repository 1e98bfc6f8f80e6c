"""The options of what happens at the vendor's screens."""

from __future__ import annotations

from collections.abc import Iterable

from sagicc_async import ConfigError


def only(options: Iterable[str], known: tuple[str, ...]) -> None:
    """
    Check the options of an action.

    Raises:
        ConfigError: There is one that it does not have.
    """
    unknown = sorted(set(options) - set(known))
    if unknown:
        names = ", ".join(known) or "none"
        raise ConfigError(f"the action has no option {', '.join(unknown)}; it has: {names}")
