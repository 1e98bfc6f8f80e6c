"""What all records of Siigo have in common."""

from __future__ import annotations

from typing import ClassVar

from sagicc_async import Record, record


@record
class SiigoRecord(Record):
    """
    A record of Siigo's: a field that is `None` is not there, and is not written.

    Siigo leaves empty keys out of its answers, and a request names only what it says something about. A null that came
    stands in `extra`, and one put there is sent: `extra={"cost_center": None}`.
    """

    omit_none: ClassVar[bool] = True
