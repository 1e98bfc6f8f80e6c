"""What the adapter warns of: things that are sent all the same, since Sagicc's own list of them may be incomplete."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

_HERE = str(Path(__file__).parent)


class SagiccWarning(UserWarning):
    """
    Something may not mean at Sagicc what it says here; it was sent as it is.

    Turn it into an error with `warnings.simplefilter("error", SagiccWarning)`, or silence it with "ignore".
    """


def warn(message: str) -> None:
    """Warn at the line of the user's code that led here."""
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, SagiccWarning, stacklevel=level)
