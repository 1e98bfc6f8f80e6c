"""The circuit of an account: after failures in a row its other resources are left alone, and everybody else goes on."""

from __future__ import annotations

from typing import Final

from ..errors import CredentialsRejected, NotFound, PermissionDenied, Unsupported
from .outcome import Ending, Outcome

#: The account itself is shut, and one more try may have its user blocked.
_AT_ONCE: Final = CredentialsRejected.__name__
#: What says nothing of the account's other resources.
_OF_THE_RESOURCE: Final = frozenset({kind.__name__ for kind in (NotFound, PermissionDenied, Unsupported)})


class Circuit:
    """
    Opens after failures in a row, for as long as it lives: one round of one account.

    Args:
        failures: How many.
    """

    def __init__(self, failures: int) -> None:
        self._failures = failures
        self._in_a_row = 0
        self._latest = ""

    def take(self, outcome: Outcome) -> None:
        """Hear how it went with a resource."""
        if outcome.ending is Ending.DONE:
            self._in_a_row = 0
        if outcome.ending is not Ending.FAILED or outcome.kind in _OF_THE_RESOURCE:
            return
        self._in_a_row = self._failures if outcome.kind == _AT_ONCE else self._in_a_row + 1
        self._latest = outcome.error

    @property
    def open(self) -> bool:
        """Whether the account's other resources are to be left alone."""
        return self._in_a_row >= self._failures

    @property
    def reason(self) -> str:
        """Why; empty while it is closed."""
        return self._latest if self.open else ""
