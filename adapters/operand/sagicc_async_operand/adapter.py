"""Operand: what is known of every account, whatever its resource file says."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal, Self

import attrs

from sagicc_async import ConfigError, Settings, Window
from sagicc_async.declared import DeclaredAdapter, DeclaredSettings

from .files import OBSERVED, observed

SCREEN: Final = "Avatar > Configurações > Módulos e funções > API Operand"

_positive: Final[Any] = attrs.validators.optional(attrs.validators.gt(0))


@attrs.frozen(kw_only=True)
class OperandSettings(DeclaredSettings):
    """
    Settings of `open("operand", ...)`.

    Args:
        rate: Requests a second, where the resource file declares no limits. Operand publishes none: a low rate is an
            assumption of ours. `None` for no limit.
        preset: `"operand-observed"` takes host, login and header from one unofficial source that nobody has verified.
            It has no resources.
        token_at: With the preset: JSON pointer to the token in the answer to the login, which that source does not say.
    """

    rate: float | None = attrs.field(default=1.0, validator=_positive)
    preset: Literal["operand-observed"] | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.in_((OBSERVED,)))
    )
    token_at: str | None = None


class Operand(DeclaredAdapter):
    """
    Operand, as the customer's resource file describes it: its reference is shown inside the account alone.

    Its token is a whole account's: one is active at a time, a person replaces or deactivates it, and this adapter
    never does.
    """

    vendor: ClassVar[str] = "operand"
    title: ClassVar[str] = "Operand"
    settings_class: ClassVar[type[Settings]] = OperandSettings
    hint: ClassVar[str] = (
        "the token may have been replaced or deactivated (only one can be active per account); root or an administrator "
        "must check Módulos e funções > API Operand and update every integration"
    )

    @classmethod
    def missing_declaration(cls) -> str:
        """Where the documentation is, and how a resource file begins."""
        return (
            f"Operand's reference is inside your account: {SCREEN}. Describe its methods in a resource file (template: "
            'python -m sagicc_async_operand > operand.toml) and open(..., declaration="operand.toml")'
        )

    @classmethod
    def specialised(cls, settings: Settings) -> type[Self]:
        """
        The class that the resource file describes, or the preset if that is asked for by name.

        Raises:
            ConfigError: There is neither, or both, or the preset lacks what its source does not say.
        """
        assert isinstance(settings, OperandSettings)
        if settings.preset is None or cls.declaration is not None:
            return super().specialised(settings)
        if settings.declaration is not None:
            raise ConfigError(
                f"the preset {settings.preset} and a resource file exclude each other: copy into the file what you have "
                "checked, or give sagicc_async_operand.observed(token_at, resources) as the declaration"
            )
        if settings.token_at is None:
            raise ConfigError(
                f"the preset {settings.preset} is one unofficial source, not verified, and does not say where the login's "
                "answer has the token: give token_at, a JSON pointer"
            )
        return super().specialised(attrs.evolve(settings, declaration=observed(settings.token_at)))

    @classmethod
    def windows_for(cls, settings: Settings) -> tuple[Window, ...]:
        """
        The limits of the resource file, else the rate.

        It is a courtesy of ours, so it counts two requests at a time: a single one whose answer never comes would let
        nobody else start.
        """
        rate = settings.rate if isinstance(settings, OperandSettings) else None
        if cls.windows or rate is None:
            return cls.windows
        return (Window(2, per=2 / rate),)
