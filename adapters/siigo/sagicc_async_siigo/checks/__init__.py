"""
What Siigo documents about its requests, checked before anything is sent: pure functions.

Siigo blocks users whose share of errors grows, so a request that it is known to refuse is better not sent. Only
documented rules are checked, and where the vendor's texts contradict each other the lenient one counts: a check never
refuses what Siigo may accept. What depends on a company's data, such as whether an id exists, is Siigo's to say.
"""

from .credit_notes import check_credit_note
from .customers import check_customer
from .invoices import check_invoice, check_invoice_batch
from .journals import check_journal
from .mail import check_mail
from .products import check_account_group, check_product
from .purchases import check_purchase
from .quotations import check_quotation
from .reports import check_test_balance_report
from .totals import check_payments, invoice_total, payments_total
from .vouchers import check_payment_receipt, check_voucher
from .webhooks import check_webhook

__all__ = [
    "check_account_group",
    "check_credit_note",
    "check_customer",
    "check_invoice",
    "check_invoice_batch",
    "check_journal",
    "check_mail",
    "check_payment_receipt",
    "check_payments",
    "check_product",
    "check_purchase",
    "check_quotation",
    "check_test_balance_report",
    "check_voucher",
    "check_webhook",
    "invoice_total",
    "payments_total",
]
