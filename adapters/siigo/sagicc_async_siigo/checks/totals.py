"""
What Siigo will reckon as the total of a document, which its payments must add up to.

Siigo documents: an item's base is `round(quantity * price - discount, 2)`, a tax `round(base * percentage / 100, 2)`,
the item's total base and taxes, the document's total the sum. Where that rule does not say what the total is, nothing
is claimed. That halves are rounded up is our reading.

Source: Siigo, "Facturas de Venta"; the same rule is taken for purchases and credit notes, whose payments are checked
with the same error.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, Final, Literal

from sagicc_async import FieldError, Record

from .reading import MAX_TOTAL, is_given, read_amount, read_list, read_number, read_object, read_word
from .rules import complain

_NO_TAXES: Final[Mapping[int, Decimal]] = {}
_CENT: Final[Decimal] = Decimal("0.01")
#: Digits enough for a quantity, a price and a percentage multiplied, of the most that each may have.
_EXACT: Final[Context] = Context(prec=80, rounding=ROUND_HALF_UP)

#: What changes a total in a way that is not documented.
_UNCLEAR_IN_DOCUMENT: Final = (
    *("retentions", "global_discounts", "globaldiscounts", "global_charges"),
    *("currency", "tax_included", "healthcare_company"),
)
_UNCLEAR_IN_ITEM: Final = ("taxed_price", "tax_base", "taxpayer")


def invoice_total(
    invoice: Mapping[str, Any] | Record,
    *,
    taxes: Mapping[int, Decimal] = _NO_TAXES,
    discount_type: Literal["Value", "Percentage"] | None = None,
    decimals: bool = True,
) -> Decimal | None:
    """
    Reckon the total of an invoice, a purchase or a credit note by the documented rule.

    Args:
        invoice: The request.
        taxes: Percentages by tax id, of taxes that are added to the price (IVA, Impoconsumo). Leave out those that are
            withheld, or reckoned in another way: how they change the total is not documented.
        discount_type: What the document type makes of a discount; a purchase says it itself.
        decimals: Whether the document type reckons with decimals.

    Returns:
        The total, or None where the rule does not say what it is: a tax that is not in `taxes`, a discount of unknown
        type, retentions, global discounts, a price with VAT included, a foreign currency and the like.
    """
    document = read_object(invoice)
    if document is None or not decimals or any(document.get(name) for name in _UNCLEAR_IN_DOCUMENT):
        return None
    meant = read_word(discount_type or document.get("discount_type"))
    with localcontext(_EXACT):
        totals = [_item_total(item, taxes, meant) for item in read_list(document.get("items")) or ()]
        return _sum(totals) if totals else None


def payments_total(document: Mapping[str, Any] | Record) -> Decimal | None:
    """
    Add up the payments of a document.

    Args:
        document: The request.

    Returns:
        The sum of their values, or None where one of them has none that Siigo would take.
    """
    found = read_object(document)
    payments = None if found is None else read_list(found.get("payments"))
    if payments is None:
        return None
    with localcontext(_EXACT):
        return _sum([read_amount((read_object(payment) or {}).get("value")) for payment in payments])


def check_payments(document: Mapping[str, Any] | Record, total: Decimal | None) -> list[FieldError]:
    """
    Check that the payments of a document add up to its total.

    Args:
        document: The request.
        total: Its total; None checks nothing.

    Returns:
        One complaint, or none. None also with an advance payment: whether it counts among the payments is not
        documented.
    """
    found = read_object(document)
    paid = payments_total(document)
    if found is None or paid is None or total is None or read_number(found.get("advance_payment")):
        return []
    difference = total - paid
    if not difference:
        return []
    word = "short" if difference > 0 else "over"
    advice = f"the payments must add up to the total of the document, they are {abs(difference)} {word}"
    return [complain("invalid_total_payments", "payments", advice)]


def check_total(document: Mapping[str, Any] | Record, total: Decimal | None) -> list[FieldError]:
    """
    Check a document against its total: the payments, and the most that a total may be.

    Args:
        document: The request.
        total: Its total; None checks nothing.

    Returns:
        All complaints.
    """
    complaints = check_payments(document, total)
    if total is not None and total > MAX_TOTAL:
        complaints.append(complain("invalid_amount", "items", f"the total of the document must be at most {MAX_TOTAL}"))
    return complaints


def _item_total(value: Any, taxes: Mapping[int, Decimal], discount_type: str | None) -> Decimal | None:
    item = read_object(value)
    if item is None or any(is_given(item, name) for name in _UNCLEAR_IN_ITEM):
        return None
    base, percentages = _base(item, discount_type), _percentages(item, taxes)
    if base is None or percentages is None:
        return None
    return base + sum(_cents(base * percentage / 100) for percentage in percentages)


def _base(item: Mapping[str, Any], discount_type: str | None) -> Decimal | None:
    """The base of an item; None where its discount is of unknown type, or more than there is."""
    quantity, price = read_amount(item.get("quantity")), read_amount(item.get("price"))
    discount = read_amount(item["discount"]) if is_given(item, "discount") else Decimal(0)
    if quantity is None or price is None or discount is None:
        return None
    gross = quantity * price
    if not discount:
        readings = {_cents(gross)}
    elif discount_type == "value":
        readings = {_cents(gross - discount)}
    elif discount_type == "percentage":
        # Whether the discount is rounded before it is taken off is not documented: only where that makes no cent.
        off = gross * discount / 100
        readings = {_cents(gross - off), _cents(gross - _cents(off))}
    else:
        return None
    base = readings.pop()
    return base if base >= 0 and not readings else None


def _percentages(item: Mapping[str, Any], taxes: Mapping[int, Decimal]) -> list[Decimal] | None:
    """The percentages of an item's taxes; None where one of them is not known."""
    if not is_given(item, "taxes"):
        return []
    elements = read_list(item["taxes"])
    if elements is None:
        return None
    found = [_percentage((read_object(element) or {}).get("id"), taxes) for element in elements]
    known = [percentage for percentage in found if percentage is not None]
    return known if len(known) == len(found) else None


def _percentage(tax_id: Any, taxes: Mapping[int, Decimal]) -> Decimal | None:
    number = read_amount(tax_id)
    return None if number is None or number != int(number) else read_amount(taxes.get(int(number)))


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)
