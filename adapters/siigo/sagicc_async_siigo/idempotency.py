"""
Idempotency keys: any text of the caller's becomes a key that Siigo takes.

Siigo's keys are up to 30 letters and digits (its texts say 30 and 32), so an order number or a UUID does not fit.
The key is a hash, and the hash is frozen: a job that crashed and is started again a year later, by a newer version of
this package, must come to the same key, or an invoice would be created twice. Nothing in this module may change; a new
way gets a new version letter beside this one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

#: The header that carries a key.
HEADER: Final = "Idempotency-Key"

_VERSION: Final = b"siigo idempotency key, version A"
_VALID: Final = re.compile(r"[A-Za-z0-9]{1,30}")


def idempotency_key(company: str, operation: str, key: str) -> str:
    """
    Make the vendor's key.

    Args:
        company: What tells one company's documents from another's.
        operation: Method and path, so that one text may be the key of an invoice and of its receipt.
        key: The caller's own: any text that is one document's alone.

    Returns:
        `A` and 29 further capital letters and digits; 145 bits of a BLAKE2b hash.
    """
    state = hashlib.blake2b(_VERSION, digest_size=20)
    # Half a surrogate pair, which UTF-8 does not have, is a text too.
    for part in (text.encode(errors="surrogatepass") for text in (company, operation, key)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return f"A{base64.b32encode(state.digest()).decode()[:29]}"


def is_idempotency_key(text: str) -> bool:
    """Whether Siigo takes a text as a key, by the stricter of its two lengths."""
    return _VALID.fullmatch(text) is not None
