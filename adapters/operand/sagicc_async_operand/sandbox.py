"""
Operand's token on this machine: the screen's two buttons, and an invented API behind them.

Nothing public says what Operand's API looks like. The resources of `sample.toml` are the sandbox's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs

from sagicc_async import ConfigError
from sagicc_async.declared import DeclarationSource
from sagicc_async.sandbox import Action, Company, DeclaredSandbox

_SAMPLE: Final = str(Path(__file__).with_name("sample.toml"))


def generate(company: Company, options: Mapping[str, Any]) -> dict[str, str]:
    """Press "gerar um novo token": it replaces the old one, with which nothing works any more."""
    _no(options)
    old = company.credentials[0]["token"]
    company.credentials[:] = [{"token": hashlib.sha256(old.encode()).hexdigest()}]
    return dict(company.credentials[0])


def deactivate(company: Company, options: Mapping[str, Any]) -> None:
    """Press "Desativar Token": nothing works until a new one is generated."""
    _no(options)
    company.revoked.update(issued["token"] for issued in company.credentials)


def _no(options: Mapping[str, Any]) -> None:
    if options:
        raise ConfigError(f"the button has no option {', '.join(sorted(options))}")


@attrs.frozen(eq=False)
class OperandSandbox(DeclaredSandbox):
    """
    The emulator of a declared vendor, with Operand's token: `gerar` replaces it, `desativar` ends it.

    Args:
        declaration: A resource file of yours; the sandbox's own sample if none is given.
    """

    # Known of the class too: settings are given by it.
    name: ClassVar[str] = "operand"

    declaration: DeclarationSource = _SAMPLE
    actions: Mapping[str, Action] = attrs.field(
        default=MappingProxyType({"gerar": generate, "desativar": deactivate}), kw_only=True
    )

    @property
    def client_settings(self) -> Mapping[str, Any]:
        """The sample, and a rate that a machine of one's own can bear."""
        return {"declaration": self.declaration, "rate": 1000.0}
