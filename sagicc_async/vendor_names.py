"""Names of vendors that people write into files: whether there is such a one, and which was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from .errors import ConfigError
from .registry import ADAPTERS, points_by_name

#: How alike a slip is to the name that was meant, where another vendor may have that name: one letter of five may differ.
_SLIP: Final = 0.75


def check_vendors(where: str, named: Iterable[str], vendors: Iterable[str]) -> None:
    """
    See that what a table says for each vendor is for vendors that there are: an adapter is installed, or an account is theirs.

    Args:
        where: The table's place, for errors.
        named: The vendors that it names.
        vendors: Those of the accounts; empty for an account of which nobody knows whose it is.

    Raises:
        ConfigError: There is no such vendor. Where an account may be anybody's, only a name that looks like a slip is refused.
    """
    installed = points_by_name(ADAPTERS)
    doubtful = [name for name in named if name not in installed]
    if not doubtful:
        return
    of_accounts = set(vendors)
    known = sorted({*installed, *of_accounts} - {""})
    for name in doubtful:
        if name in of_accounts or ("" in of_accounts and not difflib.get_close_matches(name, known, n=1, cutoff=_SLIP)):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f" - did you mean {near[0]}?" if near else ""
        raise ConfigError(
            f"{where} {name}: no adapter of that name is installed, and no account is of that vendor; "
            f"there are {', '.join(known) or 'none'}{meant}"
        )
