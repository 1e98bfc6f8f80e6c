"""Secrets that cannot be printed, digests that stand for them, and a scrubber for other people's text."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any, Final, NoReturn, SupportsIndex

import attrs

from .errors import ConfigError

REDACTED: Final = "[redacted]"

#: Changing this changes every lease key, window key and cache name on every host: it is part of the public promise.
_DIGEST_VERSION: Final = b"sagicc-async/1"


class Secret:
    """
    A text that shows itself only to `reveal()`.

    It cannot be printed, formatted, pickled or copied into JSON by accident. Two secrets compare in constant time.
    A field of credentials that takes text or a `Secret` is declared `token: Secret = attrs.field(converter=Secret)`:
    type checkers understand exactly this form.

    Args:
        value: The secret text, or another `Secret`. Surrounding white space is refused, since it is
            always a mistake of copying and would be refused by the vendor without a reason.

    Raises:
        ConfigError: The value is empty, has white space around it, or holds a line break or a character that no
            HTTP header can carry.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | Secret) -> None:
        text = value.reveal() if isinstance(value, Secret) else value
        if not isinstance(text, str):
            raise ConfigError(f"a secret must be text, not {type(text).__name__}")
        if not text or text != text.strip():
            raise ConfigError("a secret is empty or has white space around it; copy it again without blanks")
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise ConfigError("a secret holds a line break or a control character; copy it again")
        if any(0xD800 <= ord(character) <= 0xDFFF for character in text):  # what is left of bytes that are no text
            raise ConfigError("a secret is not valid text (UTF-8); copy it again")
        self._value = text

    def reveal(self) -> str:
        """Return the secret text. Use it only to build what is sent to the vendor."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({REDACTED!r})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, format_spec: str) -> str:
        return format(REDACTED, format_spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret cannot be pickled; give the other process a reference (env:NAME, file:PATH) instead")

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __copy__(self) -> Secret:
        return self


def digest(domain: str, *parts: str | Secret) -> str:
    """
    Stand for secrets in keys, file names and logs: 32 hex digits, the same on every host and in every release.

    Args:
        domain: What the digest is for (`lease`, `window`); equal parts in two domains give unrelated digests.
        parts: The texts that identify the thing, in order.

    Returns:
        A keyless, domain-separated BLAKE2b digest. Tokens are long and random, so it cannot be reversed by guessing.
    """
    state = hashlib.blake2b(digest_size=16, person=hashlib.blake2b(domain.encode(), digest_size=16).digest())
    for part in (_DIGEST_VERSION, *(_text(part).encode() for part in parts)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def fingerprint(secret: Secret) -> str:
    """Eight hex digits by which a person can tell two tokens apart, e.g. in `status()`."""
    return digest("fingerprint", secret)[:8]


def secrets_of(instance: object) -> tuple[Secret, ...]:
    """The secrets that stand in the fields of an attrs instance."""
    kind: type[Any] = type(instance)
    if not attrs.has(kind):
        return ()
    values = (getattr(instance, field.name) for field in attrs.fields(kind))
    return tuple(value for value in values if isinstance(value, Secret))


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """
    Take known secrets out of somebody else's text: a vendor may echo what it was sent.

    Args:
        text: A message of the vendor's.
        secrets: The secrets of the account that asked.

    Returns:
        The text with every occurrence replaced by `[redacted]`, those that overlap by one. The whole value is looked
        for, as it is and in every percent-encoded form that a URL may have given it; vendors' messages are kept out of
        `str(error)` and of the logs in any case.
    """
    values = {secret.reveal() for secret in secrets}
    clean, end = [], 0
    for start, stop in sorted(place for value in values for place in _places(text, value)):
        if start >= end:  # else it begins within what is out already
            clean += [text[end:start], REDACTED]
        end = max(end, stop)
    return "".join((*clean, text[end:]))


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """
    Where the value begins and ends, each of its characters as it is or percent-encoded, once or several times over.

    The text is read instead of compiling a pattern of the value: for a long token that takes far longer than to look.
    """
    if "%" not in text and "+" not in text:  # nothing is encoded, as in most texts
        start = text.find(value)
        while start >= 0:
            yield start, start + len(value)
            start = text.find(value, start + 1)
        return
    for start, character in enumerate(text):
        if character in ("%", value[0]) and (ends := _ends(text, start, value)):
            yield start, max(ends)


def _ends(text: str, start: int, value: str) -> set[int]:
    """Where a value ends that begins at `start`: several places, since a percent sign may begin its own encoded form."""
    ends = {start}
    for character in value:
        ends = {end for at in ends for end in _ends_of(character, text, at)}
        if not ends:
            break
    return ends


def _ends_of(character: str, text: str, start: int) -> set[int]:
    """Where a single character ends that begins at `start`, in each of its forms."""
    plain = (" ", "+") if character == " " else character  # as forms write it
    ends = {start + 1} if text.startswith(plain, start) else set()
    if not text.startswith("%", start):
        return ends
    encoded = {start}
    for byte in character.encode():
        encoded = {end for at in encoded for end in _ends_of_byte(byte, text, at)}
    return ends | encoded


def _ends_of_byte(byte: int, text: str, start: int) -> Iterator[int]:
    """Where `%2F` ends, or `%252F`, which is the same inside another URL, and so on."""
    if not text.startswith("%", start):
        return
    at, digits = start + 1, "25"
    while digits == "25":
        digits = text[at : at + 2]
        at += 2
        if digits.lower() == f"{byte:02x}":
            yield at


def _text(part: str | Secret) -> str:
    return part.reveal() if isinstance(part, Secret) else part
