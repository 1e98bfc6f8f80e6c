"""
What only documents are refused for.

Codes are the vendor's. Messages are its own where a comment says so, else the sandbox's.
"""

from __future__ import annotations

from decimal import Decimal

from ..failures import Failure


def invalid_document(letters: str, value: object) -> Failure:
    """The document type does not exist, or is another resource's."""
    return Failure("invalid_document", f"The document.id {value} is not a document type of {letters}", ("document.id",))


def document_settings(name: str) -> Failure:
    """The document type does not have this field. The vendor's message, seen for `document.id`."""
    message = f"The {name} cannot be used, you must verify the document settings"
    return Failure("document_settings", message, (name,))


def invalid_cost_center(name: str, value: object) -> Failure:
    """There is no such cost centre."""
    return Failure("invalid_cost_center", f"The cost center doesn't exist: {value}", (name,))


def invalid_payment(name: str, value: object) -> Failure:
    """There is no such payment type for this kind of document."""
    return Failure("invalid_payment", f"The payment type doesn't exist: {value}", (name,))


def invalid_total_payments(noun: str, calculated: Decimal | int) -> Failure:
    """The payments are not the total. The vendor's message, printed for invoices and seen for purchases."""
    message = (
        f"The total payments must be equal to the total {noun}. The total {noun} calculated is {plain_text(calculated)}"
    )
    return Failure("invalid_total_payments", message, ("payments",))


def invalid_retentions(value: object) -> Failure:
    """A withholding that does not exist, is of another type, or is not the document type's."""
    return Failure("invalid_retentions", f"The retention {value} cannot be used in this document", ("retentions",))


def invalid_balance(debits: Decimal, credits_: Decimal) -> Failure:
    """Debits and credits differ."""
    message = f"The debits ({plain_text(debits)}) must be equal to the credits ({plain_text(credits_)})"
    return Failure("invalid_balance", message, ("items",))


def invalid_account(name: str, value: object) -> Failure:
    """An account that cannot be."""
    return Failure("invalid_account", f"The account {value} is invalid", (name,))


def product_settings(name: str) -> Failure:
    """A warehouse for a product without stock."""
    return Failure("product_settings", f"The field {name} needs a product with stock control", (name,))


def customer_settings() -> Failure:
    """A mail to somebody without a contact."""
    return Failure("customer_settings", "The customer has no contacts to send the mail to", ("customer",))


def before_today(name: str) -> Failure:
    """An electronic document with a date in the past."""
    return Failure("invalid_date", f"The field {name} of an electronic document cannot be before today", (name,))


def plain_text(amount: Decimal | int) -> str:
    """Write an amount as the vendor's messages do: `10000`, `5059932.36`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
