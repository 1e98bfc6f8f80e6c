"""The module "Credenciales de la API", where an administrator shows the keys and presses "Refrescar"."""

from __future__ import annotations

from random import Random
from typing import Any

from sagicc_async import ConfigError
from sagicc_async.sandbox import Company, invent

from .tokens import issued_by


def show(company: Company, options: dict[str, Any]) -> dict[str, Any]:
    """
    Return what the module shows: the API user, the address, and the keys behind "Mostrar".

    The vendor's page says of the password that it is generated once, and not whether it can be seen again: here it is not
    among what is shown (the sandbox's own choice).
    """
    issued = _chosen(company, options)
    return {
        "usuario": issued["username"],
        "url_autenticacion": company.base_url.removesuffix("/api") + "/oauth/token",
        "llaves": [
            {"client_id": one["client_id"], "client_secret": one["client_secret"]} for one in company.credentials
        ],
    }


def refresh(company: Company, options: dict[str, Any], *, end_tokens: bool) -> dict[str, Any]:
    """
    Give credentials another Client Secret, as "Refrescar" does; the old one stops working.

    Args:
        company: Whose.
        options: `usuario`, if there is more than one set.
        end_tokens: Whether the tokens that they obtained end as well.

    Returns:
        The new key.
    """
    issued = _chosen(company, options)
    # The new secret follows from the old one, so that a seed decides it as well.
    issued["client_secret"] = invent.token(Random(f"{issued['client_secret']}/refrescar"), 40)  # noqa: S311
    if end_tokens:
        issued_by(company).revoke_all_of(issued)
    return {"client_id": issued["client_id"], "client_secret": issued["client_secret"]}


def _chosen(company: Company, options: dict[str, Any]) -> dict[str, str]:
    unknown = sorted(set(options) - {"usuario"})
    if unknown:
        raise ConfigError(f"the action has no option {', '.join(unknown)}; it has: usuario")
    if "usuario" not in options:
        return company.credentials[0]
    found = company.credentials_with("username", options["usuario"])
    if found is None:
        raise ConfigError(f"there is no API user {options['usuario']!r}")
    return found
