"""`sagicc-async new-adapter NAME`."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..scaffold import create_adapter
from .console import say


def new_adapter(name: str, *, folder: Path = Path()) -> None:
    """
    Begin an adapter of your own: a small distribution that installs and passes its tests at once.

    It has an adapter of a vendor that does not exist, its sandbox, and tests; put your vendor in its place.

    Parameters
    ----------
    name
        The vendor's name as users will write it, such as acme-shop.
    folder
        Where the distribution's own folder, sagicc-async-NAME, is made.
    """
    made = create_adapter(name, folder)
    say(f"Written: {made}/ - its README.md says what to put where. Try it:\n")
    for step in (f"cd {shlex.quote(str(made))}", "pip install -e '.[dev]'", "pytest", f"sagicc-async resources {name}"):
        say(f"  {step}", whole=True)
