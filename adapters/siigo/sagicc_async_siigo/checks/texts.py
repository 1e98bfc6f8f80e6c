r"""
The vendor's two long expressions, for names and descriptions.

They are printed with `&quot;` in place of a quotation mark. Whether the server reads that as written or as the mark is
not documented, so `&` is accepted with it. `\w` is .NET's, which counts combining accents among the letters.
"""

from __future__ import annotations

import re
from typing import Final

from .rules import Pattern

_ACCEPTED: Final = r"[\w\u0300-\u036f.@-\\%_;()\]#?¡\[/:{ } *+,$&\"\sñáéíóúÁÉÍÓÚüÜ\-]"
_ADVICE: Final = "send letters, digits, spaces and the signs that Siigo documents"

NAME: Final[Pattern] = Pattern(re.compile(f"{_ACCEPTED}+"), _ADVICE, "invalid_name")
DESCRIPTION: Final[Pattern] = Pattern(re.compile(f"{_ACCEPTED}*"), _ADVICE, "invalid_description")
