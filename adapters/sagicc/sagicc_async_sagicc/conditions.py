"""
Conditions as expressions: `(F.nro_documento == "1234567") & (F.primer_nombre != "Jane")`.

Sagicc documents two operators, `=` and `!=`, joined by `AND` and, on the older page only, by `OR` with parentheses. No
way to quote or escape a value is documented, so one that could be read as grammar is refused when the comparison is
made, not sent in the hope that the server means well.

Source: Sagicc, "Uso de la API", `conditions`; contract, 4.3.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any, ClassVar, Final, Literal, NoReturn, TypeAlias

import attrs

from sagicc_async import ConfigError, FieldError, Unsupported, ValidationFailed

Operator: TypeAlias = Literal["=", "!="]

#: A column, with the name of its model or relation in front where one is needed.
COLUMN: Final = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?", re.IGNORECASE | re.ASCII)

_GRAMMAR: Final = {
    **dict.fromkeys("'\"`", "a quote"),
    **dict.fromkeys("()", "a parenthesis"),
    **dict.fromkeys("=<>", "an operator"),
    "\\": "a backslash",
    ";": "a semicolon",
}
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, format, half a surrogate pair, separators
_JOINTS: Final = re.compile(r"(?<!\w)(and|or)(?!\w)", re.IGNORECASE)

_ONLY: Final = "Sagicc documents only = and != in conditions"


class Condition:
    """
    What `where=` takes: a comparison, or comparisons joined by `&` (AND) and `|` (OR).

    `and`, `or` and `not` cannot be used, since Python would decide them at once; nor is a chain like `a == b == c`.
    """

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return _joined("AND", self, other)

    def __or__(self, other: Condition) -> Condition:
        return _joined("OR", self, other)

    def __invert__(self) -> NoReturn:
        raise Unsupported(f"{_ONLY}, and no NOT: write the opposite comparisons")

    def __bool__(self) -> NoReturn:
        raise ConfigError(
            "a condition is neither true nor false here, Sagicc decides it: join conditions with & and |, each in "
            "parentheses, instead of and, or, not"
        )


@attrs.frozen
class Comparison(Condition):
    """
    A column compared with a value.

    Args:
        column: Its name, with or without the model's in front.
        operator: `=` or `!=`.
        value: As it is sent.
    """

    column: str
    operator: Operator
    value: str = attrs.field(repr=False)


@attrs.frozen
class Joined(Condition):
    """
    Conditions that hold together, or of which one is enough.

    Args:
        joint: `AND` or `OR`.
        parts: At least two, none of them joined by the same word.
    """

    joint: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


class Column:
    """A column in the making of a condition: compare it with `==` or `!=`."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        if not COLUMN.fullmatch(name):
            raise ConfigError(f"{name!r} is no column: letters, digits and _, and one dot behind the model's name")
        self._name = name

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__"):
            raise AttributeError(name)
        return Column(f"{self._name}.{name}")

    def __eq__(self, value: object) -> Comparison:  # type: ignore[override]
        return Comparison(self._name, "=", _word(self._name, "=", value))

    def __ne__(self, value: object) -> Comparison:  # type: ignore[override]
        return Comparison(self._name, "!=", _word(self._name, "!=", value))

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # equal to nothing, so a key of nothing

    def __lt__(self, other: object) -> NoReturn:
        raise _no_order()

    def __le__(self, other: object) -> NoReturn:
        raise _no_order()

    def __gt__(self, other: object) -> NoReturn:
        raise _no_order()

    def __ge__(self, other: object) -> NoReturn:
        raise _no_order()

    def __repr__(self) -> str:
        return f"F.{self._name}"


def _no_order() -> Unsupported:
    return Unsupported(f"{_ONLY}; if your instance documents more, write it yourself: raw_conditions='...'")


class Columns:
    """`F`: every attribute is a column, `F.cliente_id`; with a model in front, `F.cliente.nro_documento`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__"):
            raise AttributeError(name)
        return Column(name)

    def __getitem__(self, name: str) -> Column:
        return Column(name)


#: Columns for conditions.
F: Final[Columns] = Columns()


def is_mixed(condition: Condition) -> bool:
    """Whether AND and OR both occur: how Sagicc reads parentheses inside parentheses is not documented."""
    return isinstance(condition, Joined) and any(isinstance(part, Joined) for part in condition.parts)


def render(condition: Condition) -> str:
    """
    Write a condition as the `conditions` parameter.

    A list of comparisons that all hold needs no parentheses, which both of the vendor's pages read. With `OR` each
    comparison has its own, as on the older page, and so has each group inside another.
    """
    if isinstance(condition, Joined):
        bare = condition.joint == "AND" and not is_mixed(condition)
        return f" {condition.joint} ".join(render(part) if bare else f"({render(part)})" for part in condition.parts)
    assert isinstance(condition, Comparison)
    return f"{condition.column}{condition.operator}{condition.value}"


def _joined(joint: Literal["AND", "OR"], *conditions: object) -> Condition:
    parts: list[Condition] = []
    for condition in conditions:
        if not isinstance(condition, Condition):
            raise ConfigError(
                f"a condition cannot be joined with a {type(condition).__name__}: put each comparison in parentheses, "
                "(F.a == 1) & (F.b == 2)"
            )
        parts += condition.parts if isinstance(condition, Joined) and condition.joint == joint else [condition]
    return Joined(joint, tuple(parts))


def _word(column: str, operator: Operator, value: Any) -> str:
    """The value as it is sent, if it can be nothing but a value there."""
    text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise ConfigError(
            f"{column} is compared with a {type(value).__name__}: how Sagicc writes one in conditions is not documented; "
            "give the text or the whole number that your instance has there"
        )
    problem = _read_as_grammar(text)
    if problem is None:
        return text
    message = f"the value {problem}, and Sagicc documents no way to escape it"
    raise ValidationFailed(
        f"a condition on {column} is refused before sending: {message}",
        vendor="sagicc",
        code="condition",
        hint=f'if your instance documents one, write the whole condition yourself: raw_conditions="{column}{operator}..."',
        errors=[FieldError("grammar", column, message)],
    )


def _read_as_grammar(text: str) -> str | None:
    """What in a value could be read as grammar; `None` if nothing could."""
    if not text:
        return "is empty, which may be read as a test for nothing at all"
    for place, character in enumerate(text, start=1):
        named = _GRAMMAR.get(character)
        if named is not None:
            return f"holds {named} ({character}) at character {place}"
        category = unicodedata.category(character)
        if category in _UNSEEN or (category == "Zs" and character != " "):
            return f"holds an invisible character ({_code(character)}) at character {place}"
    if text != text.strip():
        return "begins or ends with a blank"
    joint = _JOINTS.search(text)
    return None if joint is None else f"holds the word {joint[0]} at character {joint.start() + 1}"


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
