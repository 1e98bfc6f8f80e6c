"""
What a document comes to; pure arithmetic, exact, halves away from zero.

Documented (contract, sales invoices): an item's base is `round(quantity * price - discount, 2)`, a tax is
`round(base * percentage / 100, 2)`, an item's total is `round(base + taxes, 2)`, the document's total is the sum. A
`taxed_price` replaces the price and includes IVA; a gift (price 0) says its own `tax_base` and who pays the tax.

Not documented, and therefore the sandbox's own:

* A discount by percentage is not rounded before it leaves the base; the amount that is told is.
* The price behind a `taxed_price` is rounded to the six decimals that a price may have.
* Withholdings (Retefuente on an item; ReteIVA, ReteICA and Autorretencion on the document) are told and change no
  total. The vendor's sample of a credit note does so with ReteIVA. ReteIVA is taken of the IVA, as in that sample; the
  others of the bases.
* A gift's tax is taken of `tax_base * quantity`; it is in the total if the customer pays it.
* A global discount is taken of the sum of the bases and leaves the total; taxes stay as they are.
* A document type without decimals rounds each of these amounts to a whole number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

import attrs

#: Amounts have up to 13 digits and prices 6 decimals; no product of the formulas needs more digits than this.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)

_HUNDRED: Final = Decimal(100)
_NOTHING: Final = Decimal(0)
_PRICE_PLACES: Final = 6

#: Taken off what is paid to the tax office, not added to what is sold.
WITHHOLDINGS: Final = frozenset({"Retefuente", "ReteIVA", "ReteICA", "Autorretencion"})


@attrs.frozen(kw_only=True)
class Rate:
    """
    A tax as it is applied.

    Args:
        kind: `IVA`, `Retefuente`, ...
        percentage: Of the base.
    """

    kind: str
    percentage: Decimal


@attrs.frozen(kw_only=True)
class Line:
    """
    An item as it was sent.

    Args:
        quantity: How many.
        price: Of one.
        discount: An amount, or a percentage.
        by_percentage: Which of them.
        rates: Its taxes.
        taxed: The price includes IVA.
        tax_base: What a gift's tax is taken of.
        untaxed: Somebody else than the customer pays a gift's tax.
    """

    quantity: Decimal
    price: Decimal
    discount: Decimal = _NOTHING
    by_percentage: bool = False
    rates: tuple[Rate, ...] = ()
    taxed: bool = False
    tax_base: Decimal | None = None
    untaxed: bool = False


@attrs.frozen(kw_only=True)
class LineTotal:
    """
    What an item comes to.

    Args:
        price: Without IVA.
        base: Without taxes.
        discount: The amount.
        discount_percentage: Its part of the undiscounted amount.
        taxes: One amount a rate.
        iva: The part of them that is IVA.
        total: With taxes.
    """

    price: Decimal
    base: Decimal
    discount: Decimal
    discount_percentage: Decimal
    taxes: tuple[Decimal, ...]
    iva: Decimal
    total: Decimal


@attrs.frozen(kw_only=True)
class Discount:
    """
    A global discount.

    Args:
        percentage: Of the sum of the bases; where it was sent it decides, as documented.
        value: An amount.
    """

    percentage: Decimal | None = None
    value: Decimal | None = None

    def of(self, base: Decimal, places: int) -> Discount:
        """Return it with both, for a document whose bases come to this."""
        if self.percentage is not None:
            return Discount(percentage=self.percentage, value=share(base, self.percentage, places))
        value = rounded(self.value or _NOTHING, places)
        return Discount(percentage=_percentage(value, base), value=value)


@attrs.frozen(kw_only=True)
class DocumentTotal:
    """
    What a document comes to.

    Args:
        lines: Each item.
        base: The sum of the bases.
        iva: The sum of IVA.
        discounts: The global discounts, each with percentage and value.
        total: What must be paid.
    """

    lines: tuple[LineTotal, ...]
    base: Decimal
    iva: Decimal
    discounts: tuple[Discount, ...]
    total: Decimal


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Round to so many places, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def document_total(lines: Sequence[Line], *, places: int = 2, discounts: Sequence[Discount] = ()) -> DocumentTotal:
    """
    Add up a document.

    Args:
        lines: Its items.
        places: Decimals of every amount: 2, or 0 where the document type has none.
        discounts: Its global discounts.
    """
    done = tuple(line_total(line, places) for line in lines)
    base = _sum(line.base for line in done)
    taken = tuple(discount.of(base, places) for discount in discounts)
    less = _sum(discount.value or _NOTHING for discount in taken)
    total = _EXACT.subtract(_sum(line.total for line in done), less)
    return DocumentTotal(lines=done, base=base, iva=_sum(line.iva for line in done), discounts=taken, total=total)


def line_total(line: Line, places: int = 2) -> LineTotal:
    """Work out one item."""
    price = untaxed_price(line.price, line.rates) if line.taxed else line.price
    gross = _EXACT.multiply(line.quantity, price)
    discount = _EXACT.divide(_EXACT.multiply(gross, line.discount), _HUNDRED) if line.by_percentage else line.discount
    base = rounded(_EXACT.subtract(gross, discount), places)
    taxable = base if line.tax_base is None else rounded(_EXACT.multiply(line.quantity, line.tax_base), places)
    taxes = tuple(share(taxable, rate.percentage, places) for rate in line.rates)
    told = list(zip(line.rates, taxes, strict=True))
    added = _NOTHING if line.untaxed else _sum(tax for rate, tax in told if rate.kind not in WITHHOLDINGS)
    return LineTotal(
        price=price,
        base=base,
        discount=rounded(discount, places),
        discount_percentage=line.discount if line.by_percentage else _percentage(discount, gross),
        taxes=taxes,
        iva=_sum(tax for rate, tax in told if rate.kind == "IVA"),
        total=rounded(_EXACT.add(base, added), places),
    )


def share(base: Decimal, percentage: Decimal, places: int = 2) -> Decimal:
    """Return so many per cent of an amount, rounded."""
    return rounded(_EXACT.divide(_EXACT.multiply(base, percentage), _HUNDRED), places)


def retention(kind: str, percentage: Decimal, document: DocumentTotal, places: int = 2) -> Decimal:
    """Return what a withholding of the document comes to."""
    return share(document.iva if kind == "ReteIVA" else document.base, percentage, places)


def untaxed_price(price: Decimal, rates: Sequence[Rate]) -> Decimal:
    """Return the price without the IVA that it includes."""
    iva = _sum(rate.percentage for rate in rates if rate.kind == "IVA")
    return rounded(_EXACT.divide(_EXACT.multiply(price, _HUNDRED), _EXACT.add(_HUNDRED, iva)), _PRICE_PLACES)


def _percentage(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(_EXACT.divide(_EXACT.multiply(part, _HUNDRED), whole)) if whole else _NOTHING


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _NOTHING)
