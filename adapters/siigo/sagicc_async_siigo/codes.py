"""
Siigo's error codes, and what each is for a caller.

The vendor does not tie codes to statuses, so the code decides where it is known, and the status where it is not.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from sagicc_async import (
    Action,
    Conflict,
    CredentialsRejected,
    NotFound,
    PermissionDenied,
    RateLimited,
    RequestError,
    ServerError,
    ValidationFailed,
)

Meaning: TypeAlias = tuple[Action, type[RequestError], str]

_REFUSED: Final = (Action.FAIL, ValidationFailed)
_COLLIDES: Final = (Action.FAIL, Conflict)
_FAILED: Final = (Action.RETRY, ServerError)

#: Code -> what the gate does, which error it is, and what it says. Source: Siigo, "Manejo de errores".
CODES: Final[dict[str, Meaning]] = {
    "unauthorized": (Action.REAUTHENTICATE, CredentialsRejected, "Siigo refuses the token, or has blocked the user"),
    "requests_limit": (
        Action.RATE_LIMITED,
        RateLimited,
        "Siigo's limit of requests a minute for this company is used up",
    ),
    "not_found": (Action.FAIL, NotFound, "Siigo has no such record"),
    "disabled_functionality": (Action.FAIL, PermissionDenied, "Siigo has disabled this function for the company"),
    "already_exists": (*_COLLIDES, "a record with this id, code or number exists already"),
    "duplicated_document": (*_COLLIDES, "Siigo has this document already, or is creating it"),
    "delete_not_allowed": (*_COLLIDES, "the record has movements or related transactions, so it cannot be deleted"),
    "non_editable": (*_COLLIDES, "a field was changed that cannot be changed any more"),
    "update_not_allowed": (*_COLLIDES, "Siigo does not allow this change of the record as it is now"),
    "request_timeout": (*_FAILED, "Siigo did not finish in time"),
    "unhandled_error": (*_FAILED, "Siigo failed"),
    "service_unavailable": (*_FAILED, "Siigo is overloaded or under maintenance"),
    "header_required": (*_REFUSED, "Siigo misses a header"),
    "invalid_partner_id": (*_REFUSED, "Siigo refuses the Partner-Id"),
    "blocked_transactions": (*_REFUSED, "the company has closed its books for this date"),
    "company_settings": (*_REFUSED, "a field is not enabled for this company"),
    "customer_settings": (*_REFUSED, "the third party has no contact in its profile"),
    "document_settings": (*_REFUSED, "the document type is not set up for this"),
    "invalid_total_payments": (*_REFUSED, "the payments are not equal to the total"),
    "invalid_balance": (*_REFUSED, "debits and credits are not equal"),
}

#: What a person does about a code.
HINTS: Final[dict[str, str]] = {
    "blocked_transactions": "choose a date after the company's lock date, or ask its accountant to open the period",
    "company_settings": "switch the function on in the company's settings (foreign currency, tax data), or leave the field out",
    "customer_settings": "add a contact to the third party",
    "date_settings": "choose a date that the document type allows",
    "document_settings": "look at the document type's settings: an electronic one needs a DIAN resolution",
    "disabled_functionality": "it may be off for the company's plan, for a while, or on the shared test company",
    "duplicated_document": "call again with the same key to get the document, or look for it in the list",
    "header_required": "give partner_id= to open()",
    "invalid_partner_id": "partner_id is 3 to 100 letters and digits",
    "invalid_total_payments": "errors has the total that Siigo computed; invoice_total() computes it before sending",
    "requests_limit": "the whole company waits; a lower window leaves room for other programs of the same company",
    "unhandled_error": "if it stays, write to soporteapi@siigo.com with errors",
    "update_not_allowed": "a document in the DIAN's process, or with notes or receipts, stays as it is",
}


def meaning_of(code: str) -> Meaning | None:
    """
    What a code means; `None` for one that does not tell more than its status.

    A code outside the vendor's list that ends in `_service` names a service of Siigo's that is down, as those of the
    list do.
    """
    if code in CODES:
        return CODES[code]
    if code.endswith("_service"):
        return (*_FAILED, "a service of Siigo's is down; it asks to try again in a few minutes")
    return None
