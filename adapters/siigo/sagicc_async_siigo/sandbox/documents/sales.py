"""What invoices and credit notes have in common: items with much detail, withholdings, fields of some trades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from .. import failures
from ..checks import Amount, Day, Fields, Rule, Text, Whole, refuse_if
from ..context import Context
from ..failures import Failure, Refused
from . import references
from .amounts import decimal
from .fields import kept
from .items import Terms, of_product, tax_answer
from .refusals import document_settings, invalid_retentions
from .totals import Discount, DocumentTotal, retention

_CHARGE: Final = Amount(most=Decimal("9999999999.99"), above=Decimal(0), or_text=True)
_CHARGES: Final[dict[str, Rule]] = dict.fromkeys(
    ("copayment", "coinsurance", "cost_sharing", "recovery_charge"), _CHARGE
)
HEALTHCARE: Final = Fields(
    {
        "operation_type": Text(required=True, choices=("SS-CUFE", "SS-SinAporte", "SS-Recaudo")),
        "period_start": Day(),
        "period_end": Day(),
        # The tables call both a number, the examples print "04" and "01".
        "payment_method": Whole(least=1, most=5, or_text=True),
        "service_plan": Whole(least=1, most=15, or_text=True),
        "policy_number": Text(most=50),
        "contract_number": Text(most=50),
        **_CHARGES,
    }
)

#: The flag of the document type that lets an item have a field.
_ITEM_FLAGS: Final = {
    "seller": "seller_by_item",
    "customer": "customer_by_item",
    "transport": "cargo_transportation",
}

#: The flag of the document type that lets a document have a withholding.
_RETENTION_FLAGS: Final = {"ReteIVA": "reteiva", "ReteICA": "reteica", "Autorretencion": "self_withholding"}


def terms_of(document_type: Mapping[str, Any], global_discounts: Sequence[Discount] = ()) -> Terms:
    """Return how a document type works out its items."""
    return Terms(
        find=of_product,
        decimals=document_type.get("decimals", True),
        by_percentage=document_type.get("discount_type") == "Percentage",
        gifts=True,
        global_discounts=tuple(global_discounts),
        extras=_extras(document_type),
    )


def retentions(
    context: Context, document_type: Mapping[str, Any], total: DocumentTotal, *, flags: bool = True
) -> list[dict[str, Any]]:
    """
    Return the withholdings of a document as they are answered.

    Args:
        context: The request.
        document_type: Whose flags let it have them.
        total: What it comes to.
        flags: The document type has such flags.
    """
    sent = [row["id"] for row in context.body.get("retentions") or ()]
    found = [(identifier, context.catalogue("taxes", identifier)) for identifier in sent]
    for identifier, tax in found:
        flag = _RETENTION_FLAGS.get(tax["type"]) if tax else None
        if flag is None or (flags and not document_type.get(flag)):
            raise Refused(invalid_retentions(identifier))
    taxes = [tax for _, tax in found if tax is not None]
    if any(count > 1 for count in Counter(tax["type"] for tax in taxes).values()):
        raise Refused(failures.invalid_array("retentions", "cannot have two retentions of the same type"))
    places = 2 if document_type.get("decimals", True) else 0
    return [tax_answer(tax, retention(tax["type"], decimal(tax["percentage"]), total, places)) for tax in taxes]


def healthcare(body: Mapping[str, Any], document_type: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the health trade, which its document types must have and others cannot."""
    sent = body.get("healthcare_company")
    if not document_type.get("healthcare_company"):
        refuse_if(document_settings("healthcare_company") if sent else None)
        return {}
    if not sent:
        raise Refused(failures.parameter_required("healthcare_company"))
    refuse_if(*_healthcare_failures(sent))
    return {"healthcare_company": sent}


def _healthcare_failures(sent: Mapping[str, Any]) -> list[Failure]:
    path = "healthcare_company"
    if sent["operation_type"] == "SS-Recaudo":
        return []
    missing = [name for name in ("period_start", "period_end") if sent.get(name) is None]
    found = [failures.parameter_required(f"{path}.{name}") for name in missing]
    if not missing and sent["period_start"] > sent["period_end"]:
        found.append(failures.invalid_date_range(f"{path}.period_end", "must not be before the period's start"))
    if sent["operation_type"] == "SS-CUFE" and all(sent.get(name) is None for name in _CHARGES):
        # Documented: one of four must be there. Which one the message names is the sandbox's own choice.
        found.append(failures.parameter_required(f"{path}.copayment"))
    return found


def _extras(document_type: Mapping[str, Any]) -> Callable[[Context, Mapping[str, Any], str], dict[str, Any]]:
    def extras(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
        for name, flag in _ITEM_FLAGS.items():
            if item.get(name) is not None and not document_type.get(flag):
                raise Refused(document_settings(f"{path}.{name}"))
        found = kept(item, "transport")
        if document_type.get("seller_by_item"):
            if item.get("seller") is None:
                raise Refused(failures.parameter_required(f"{path}.seller"))
            found["seller"] = references.seller(context, item["seller"], f"{path}.seller")
        if item.get("customer") is not None:
            # It is checked; no field of the answer is documented for it, nor for the fields of gifts.
            references.party(context, item["customer"], f"{path}.customer.identification")
        return found

    return extras
