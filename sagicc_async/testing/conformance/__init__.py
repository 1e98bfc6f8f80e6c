"""
The conformance suite for people who write adapters: every promise of the SDK, checked at the adapter's own sandbox.

    from sagicc_async.testing.conformance import Conformance, Samples, Write

    class TestAcme(Conformance):
        adapter = Acme
        sandbox = AcmeSandbox
        samples = Samples(list="invoices", writes=[Write("invoices", "create", {"number": "A-1"})])
"""

from .law import Check, NotApplicable, Violation
from .samples import Samples, Write
from .subject import Subject
from .suite import Conformance, checks, examine, not_applicable

__all__ = [
    "Check",
    "Conformance",
    "NotApplicable",
    "Samples",
    "Subject",
    "Violation",
    "Write",
    "checks",
    "examine",
    "not_applicable",
]
