"""The items of what is sold, bought or quoted: what they refer to, what they come to, how they are answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs

from .. import failures
from ..context import Context, filled
from ..failures import Refused
from . import references
from .amounts import decimal, plain
from .refusals import product_settings
from .totals import Discount, DocumentTotal, Line, LineTotal, Rate, document_total

_MOST_TOTAL: Final = Decimal("9999999999999.99")

#: Withholdings of the whole document, which no item can have.
_OF_THE_DOCUMENT: Final = frozenset({"ReteIVA", "ReteICA", "Autorretencion"})

#: Finds what an item is about, and returns what its answer says of it: at least `code` and `description`.
Find: TypeAlias = Callable[[Context, Mapping[str, Any], str], dict[str, Any]]


def _nothing_more(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {}


@attrs.frozen(kw_only=True)
class Terms:
    """
    How a document's items are worked out.

    Args:
        find: What an item is about.
        decimals: Whether amounts have decimals.
        by_percentage: Discounts are percentages.
        tax_included: Prices include IVA.
        gifts: A price of 0 needs `tax_base` and `taxpayer`.
        global_discounts: Of the whole document.
        extras: What an item's answer has besides.
    """

    find: Find
    decimals: bool = True
    by_percentage: bool = False
    tax_included: bool = False
    gifts: bool = False
    global_discounts: tuple[Discount, ...] = ()
    extras: Find = _nothing_more

    @property
    def places(self) -> int:
        """Decimals of amounts."""
        return 2 if self.decimals else 0


@attrs.frozen(kw_only=True)
class Priced:
    """
    Items that were worked out.

    Args:
        total: What they come to.
        answers: The items as they are answered.
    """

    total: DocumentTotal
    answers: list[dict[str, Any]]


def of_product(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Find the product of an item."""
    product = references.product(context, item["code"], f"{path}.code")
    if item.get("warehouse") is not None and not product.get("stock_control"):
        raise Refused(product_settings(f"{path}.warehouse"))
    return {"id": product["id"], "code": product["code"], "description": product["name"]}


def price_items(context: Context, items: Sequence[Mapping[str, Any]], terms: Terms) -> Priced:
    """
    Work out a document's items.

    Raises:
        Refused: A reference does not exist, or an item breaks a rule.
    """
    paths = [f"items[{place}]" for place in range(len(items))]
    about = [terms.find(context, item, path) for item, path in zip(items, paths, strict=True)]
    taxes = [_taxes(context, item, path) for item, path in zip(items, paths, strict=True)]
    lines = [_line(item, rates, terms, path) for item, rates, path in zip(items, taxes, paths, strict=True)]
    total = document_total(lines, places=terms.places, discounts=terms.global_discounts)
    _refuse_impossible(total, paths)
    answers = []
    for item, path, thing, rates, line in zip(items, paths, about, taxes, total.lines, strict=True):
        extras = _warehouse(context, item, path) | terms.extras(context, item, path)
        answers.append(item_answer(item, thing, rates, line, extras))
    return Priced(total=total, answers=answers)


def tax_answer(tax: Mapping[str, Any], value: Decimal) -> dict[str, Any]:
    """Return a tax as answers have it."""
    return {**{name: tax[name] for name in ("id", "name", "type", "percentage")}, "value": plain(value)}


def _taxes(context: Context, item: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    name = f"{path}.taxes"
    found = [references.tax(context, sent["id"], f"{name}.id") for sent in item.get("taxes") or ()]
    kinds = Counter(tax["type"] for tax in found)
    if any(count > 1 for count in kinds.values()):
        raise Refused(failures.invalid_array(name, "cannot have two taxes of the same type"))
    if kinds.keys() & _OF_THE_DOCUMENT:
        raise Refused(failures.invalid_array(name, "cannot have ReteIVA, ReteICA or Autorretencion"))
    if kinds.keys() >= {"IVA", "AdValorem"}:
        raise Refused(failures.invalid_array(name, "cannot have IVA together with AdValorem"))
    return found


def _line(item: Mapping[str, Any], taxes: Sequence[Mapping[str, Any]], terms: Terms, path: str) -> Line:
    taxed = item.get("taxed_price") is not None
    if not taxed and item.get("price") is None:
        raise Refused(failures.parameter_required(f"{path}.price"))
    price = decimal(item["taxed_price"] if taxed else item["price"])
    gift = terms.gifts and price == 0
    if gift:
        needed = [name for name in ("tax_base", "taxpayer") if item.get(name) is None]
        if needed:
            raise Refused(*(failures.parameter_required(f"{path}.{name}") for name in needed))
    return Line(
        quantity=decimal(item["quantity"]),
        price=price,
        discount=_discount(item, terms, path),
        by_percentage=terms.by_percentage,
        rates=tuple(Rate(kind=tax["type"], percentage=decimal(tax["percentage"])) for tax in taxes),
        taxed=taxed or terms.tax_included,
        tax_base=decimal(item["tax_base"]) if gift else None,
        untaxed=gift and item["taxpayer"] == "Company",
    )


def _discount(item: Mapping[str, Any], terms: Terms, path: str) -> Decimal:
    discount = decimal(item.get("discount"))
    if terms.by_percentage and discount > 100:
        raise Refused(failures.invalid_amount(f"{path}.discount", "must be a percentage of at most 100"))
    return discount


def _refuse_impossible(total: DocumentTotal, paths: Sequence[str]) -> None:
    for line, path in zip(total.lines, paths, strict=True):
        if line.base < 0:
            raise Refused(failures.invalid_amount(f"{path}.discount", "cannot be more than the item"))
    if total.total < 0:
        raise Refused(failures.invalid_amount("global_discounts", "cannot be more than the document"))
    if total.total > _MOST_TOTAL:
        raise Refused(failures.invalid_amount("total", f"must be {_MOST_TOTAL} or less"))


def _warehouse(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    sent = item.get("warehouse")
    return {} if sent is None else {"warehouse": references.warehouse(context, sent, f"{path}.warehouse")}


def item_answer(
    item: Mapping[str, Any],
    thing: Mapping[str, Any],
    taxes: Sequence[Mapping[str, Any]],
    line: LineTotal,
    extras: Mapping[str, Any],
) -> dict[str, Any]:
    """
    Return an item as it is answered.

    Args:
        item: As it was sent.
        thing: What it is about.
        taxes: Its taxes.
        line: What it comes to.
        extras: What its answer has besides.
    """
    discount = {"percentage": plain(line.discount_percentage), "value": plain(line.discount)} if line.discount else {}
    described = {} if item.get("description") is None else {"description": item["description"]}
    return filled(
        {
            **thing,
            **described,
            "quantity": plain(decimal(item["quantity"])),
            "price": plain(line.price),
            "discount": discount,
            "taxes": [tax_answer(tax, value) for tax, value in zip(taxes, line.taxes, strict=True)],
            **extras,
            "total": plain(line.total),
        }
    )
