"""The template of a resource file, and what one unofficial source has observed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

#: The name by which the preset must be asked for.
OBSERVED: Final = "operand-observed"
_NOTE: Final = "one unofficial source, not verified"


def operand_template() -> str:
    """Return the text of a resource file to be filled in from the documentation inside the account."""
    return resources.files(__package__).joinpath("template.toml").read_text(encoding="utf-8")


def observed(token_at: str, resources: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """
    Return host, login, header, paging, envelope and array filters as one unofficial source has them; nobody has verified it.

    Args:
        token_at: JSON pointer to the token in the answer to the login: the source does not say it.
        resources: Resources of your own, as in a resource file; there are none otherwise.
    """
    return {
        "vendor": "operand",
        "title": "Operand",
        "provenance": "observed",
        "source": {"kind": OBSERVED, "note": _NOTE},
        "base_url": "https://api.operand.app",
        "records": ["", "/records"],
        "arrays": "brackets",
        "paging": {"kind": "offset", "offset": "offset", "limit": "limit", "page_size": 100},
        "auth": {
            "kind": "exchange",
            "header": "Op-Auth-Token",
            "relogin_on": [401, 403],
            "login": {
                "method": "GET",
                "path": "/login",
                "token_in": "query",
                "token_name": "tokenAccess",
                "token_at": token_at,
            },
        },
        "resources": dict(resources or {}),
    }
