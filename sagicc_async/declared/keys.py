"""What is known of a key of a resource file besides its type: what it means, and the form of its text."""

from __future__ import annotations

from typing import Any, Final

import attrs

#: The key of a field's `Key` in its attrs metadata.
KEY: Final = "sagicc_async.declared"


@attrs.frozen(kw_only=True)
class Form:
    """
    A form that a text has.

    Args:
        pattern: A regular expression of the whole text, in what Python and JSON Schema have in common.
        words: What it is, in words.
    """

    pattern: str
    words: str


@attrs.frozen(kw_only=True)
class Key:
    """
    What is known of a key besides its type.

    Args:
        about: What it means, for editors.
        form: The form of its text, or of each of its texts.
        names: The form of the names in a table of named entries.
        least: The smallest number that fits.
    """

    about: str
    form: Form | None = None
    names: Form | None = None
    least: float | None = None


POINTER: Final = Form(
    pattern=r"(/([^~/]|~[01])*)*", words='a JSON pointer such as "/data/rows", or "" for the whole answer'
)
PATH: Final = Form(pattern=r"/[^?#\s]*", words='a path below base_url, such as "/things/{id}"')
ADDRESS: Final = Form(
    pattern=r"(/|https?://)[^?#\s]*", words="a path below base_url, or a whole URL of the same host, without a query"
)
URL: Final = Form(pattern=r"https?://[^?#\s@]+", words="a URL such as https://host/path, without user and query")
VENDOR: Final = Form(pattern=r"[a-z][a-z0-9_-]*", words="small letters, digits, _ and -")
IDENTIFIER: Final = Form(pattern=r"[a-z][a-z0-9_]*", words="small letters, digits and _")
WIRE_NAME: Final = Form(pattern=r"[^\x00-\x1f\"'\\]+", words="a name without quotes and backslashes")
HEADER: Final = Form(pattern=r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", words="the name of a header")
#: Not much longer than "Bearer ": a longer text would be a token.
PREFIX: Final = Form(pattern=r"([A-Za-z][A-Za-z_-]{0,19}[ =:]{0,2})?", words='one word, such as "Bearer "')


def key(
    about: str,
    *,
    default: Any = attrs.NOTHING,
    factory: Any = None,
    form: Form | None = None,
    names: Form | None = None,
    least: float | None = None,
) -> Any:
    """Declare a key of the file: what it means, its default if it may be left out, and what fits."""
    metadata = {KEY: Key(about=about, form=form, names=names, least=least)}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)


def key_of(field: attrs.Attribute[Any]) -> Key:
    """What was declared of a field; nothing for the `kind` that tells one class from another."""
    found: Key = field.metadata.get(KEY, Key(about="Which of the forms this is."))
    return found
