"""
Whether a document of Siigo's is the one that was sent: what both of them say, at the paths that matter.

Siigo fills in, computes and rounds, so nothing is concluded from a field that only one side has, and numbers agree when
they do to the fewer decimals of the two. A list that Siigo shows empty is one that it does not have: payment receipts were
seen with `items: []`, whatever they paid. Where both write text, it is text: the code 007 is not the code 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

_FEWEST_DECIMALS: Final = 2
#: Digits enough for every number that can be read.
_EXACT: Final[Context] = Context(prec=10_000)


def differences(sent: Mapping[str, Any], found: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    """
    Say where a document differs from what was sent.

    Args:
        sent: The request, as plain values.
        found: The vendor's document, as plain values.
        paths: Where to look: `customer.identification`, `items[].price`.

    Returns:
        The paths with their indexes (`items[2].price`), in order; `items` alone where the numbers of items differ.
    """
    different: dict[str, None] = {}
    for path in paths:
        different |= dict.fromkeys(_differences(sent, found, path.split("."), ""))
    return list(different)


def _differences(sent: Any, found: Any, steps: Sequence[str], place: str) -> Iterator[str]:
    if sent is None or found is None or found == []:
        return
    if not steps:
        if not _same(sent, found):
            yield place
        return
    step, rest = steps[0], steps[1:]
    name = step.removesuffix("[]")
    here = f"{place}.{name}" if place else name
    if not isinstance(sent, Mapping) or not isinstance(found, Mapping):
        return
    one, other = sent.get(name), found.get(name)
    if not step.endswith("[]"):
        yield from _differences(one, other, rest, here)
    elif isinstance(one, list) and isinstance(other, list) and other:
        if len(one) != len(other):
            yield here
            return
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, rest, f"{here}[{index}]")


def leaves(document: Mapping[str, Any]) -> list[str]:
    """The paths of all values of a document, as `differences` takes them."""
    return list(dict.fromkeys(_leaves(document, "")))


def _leaves(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inside in value.items():
            yield from _leaves(inside, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for item in value:
            yield from _leaves(item, f"{place}[]")
    else:
        yield place


def named(value: Mapping[str, Any]) -> Any:
    """A request names by a scalar what an answer shows as an object: `unit`, `account_group`, `invoice`."""
    return value.get("code", value.get("id"))


def _same(sent: Any, found: Any) -> bool:
    if isinstance(found, Mapping):
        found = named(found)
        if found is None:
            return True  # another shape, of which nothing is concluded
    if isinstance(sent, list) and isinstance(found, list):
        return len(sent) == len(found) and all(map(_same, sent, found))
    if not (isinstance(sent, str) and isinstance(found, str)):
        one, other = _number(sent), _number(found)
        if one is not None and other is not None:
            return _rounded_alike(one, other)
    return str(sent).strip() == str(found).strip()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rounded_alike(one: Decimal, other: Decimal) -> bool:
    places = max(_FEWEST_DECIMALS, min(_decimals(one), _decimals(other)))
    unit = Decimal(1).scaleb(-places)
    return one.quantize(unit, ROUND_HALF_UP, _EXACT) == other.quantize(unit, ROUND_HALF_UP, _EXACT)


def _decimals(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))
