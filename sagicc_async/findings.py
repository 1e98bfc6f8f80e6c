"""What was found out about an account, for a person who sets it up."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class Finding:
    """
    One thing that was looked at.

    Args:
        mark: Whether it is as it should be; `unknown` where nobody can tell.
        subject: What was looked at, in a word or two.
        text: What was found, and for a problem where it is mended. No secret, no value of a record.
    """

    mark: Literal["ok", "problem", "unknown"]
    subject: str
    text: str
