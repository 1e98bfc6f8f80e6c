"""What every vendor in the sandbox can be told, whichever emulator it has."""

from __future__ import annotations

from typing import Literal

import attrs
from attrs.validators import ge, in_


@attrs.frozen(kw_only=True)
class Rules:
    """
    The settings that every vendor has.

    Args:
        overlap: What happens to a request whose token is in use: it is counted (`record`), counted and refused
            (`reject`), or not looked at (`off`). An emulator whose vendor does not mind is `off` by default.
        work: Seconds that the work of every request takes. Not 0 by default, since a vendor that is infinitely fast
            could not notice a client that uses a token twice.
    """

    overlap: Literal["off", "record", "reject"] = attrs.field(
        default="record", validator=in_(("off", "record", "reject"))
    )
    work: float = attrs.field(default=0.005, converter=float, validator=ge(0))
