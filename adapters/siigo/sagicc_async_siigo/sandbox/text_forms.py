"""The forms of texts that the vendor prints as regular expressions."""

from __future__ import annotations

import re
from typing import Final

#: What names and descriptions may be made of; the vendor prints `&quot;` for a quotation mark.
_LETTERS: Final = r'[\w\.@-\\%_;()\]#?¡\[/:{ } *+,$"\sñáéíóúÁÉÍÓÚüÜ\-]'

#: `invalid_code`.
CODE: Final[re.Pattern[str]] = re.compile(r"[^'\s]+")

#: `invalid_name`.
NAME: Final[re.Pattern[str]] = re.compile(f"{_LETTERS}+")

#: `invalid_description`.
DESCRIPTION: Final[re.Pattern[str]] = re.compile(f"{_LETTERS}*")

#: `invalid_email`.
EMAIL: Final[re.Pattern[str]] = re.compile(r"([-+.]*\w)+[-+.]*@([\w-]+\.)+[\w-]{2,}")

#: `invalid_url`.
URL: Final[re.Pattern[str]] = re.compile(r"https?://[^\s/]+\S*")

DIGITS: Final[re.Pattern[str]] = re.compile(r"\d+")
