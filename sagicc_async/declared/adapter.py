"""`DeclaredAdapter`: an adapter whose vendor a resource file describes, and `load`, which makes a class of such a file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self, TypeVar

import attrs

from ..adapter import Adapter, Settings
from ..auth import Auth
from ..errors import ConfigError
from ..resource import Resource, mount
from ..tokens.rules import TokenRules
from ..tokens.window import Window
from .answers import error_map
from .auth import StaticToken, TokenCredentials, auth_of, credentials_of
from .authentication import HeaderAuth
from .declaration import Declaration
from .reading import DeclarationSource, read
from .resource import resource_of

A = TypeVar("A", bound="DeclaredAdapter")

_HINT: Final = "compare the credentials with those that the vendor shows; they may have been replaced or deactivated"
_NOWHERE: Final = Declaration(vendor="declared", auth=HeaderAuth(kind="header", header="Authorization"))


def _read(source: DeclarationSource | None) -> Declaration | None:
    return None if source is None else read(source)


@attrs.frozen(kw_only=True)
class DeclaredSettings(Settings):
    """
    Settings of declared adapters.

    Args:
        declaration: The resource file: its path, its text, or a mapping; of a class that `load` made, its own.
        allow_write: Whether the operations that change something, which the file declares, may be used.
    """

    declaration: str | Declaration | Mapping[str, Any] | None = attrs.field(default=None, converter=_read)
    allow_write: bool = False


class DeclaredAdapter(Adapter):
    """
    An adapter whose vendor a resource file describes.

        acme = sessions.open(DeclaredAdapter, {"token": ...}, declaration="acme.toml")

    The file can be another one for each account. A subclass fixes the vendor, its hint and what else is known.
    """

    vendor: ClassVar[str] = _NOWHERE.vendor
    title: ClassVar[str] = "a resource file"
    credentials: ClassVar[type] = TokenCredentials
    settings_class: ClassVar[type[Settings]] = DeclaredSettings
    auth: ClassVar[Auth[Any]] = StaticToken(declaration=_NOWHERE, hint=_HINT)
    #: What was declared; `None` as long as nothing is.
    declaration: ClassVar[Declaration | None] = None
    #: Where a person looks when the credentials are refused, if the file does not say.
    hint: ClassVar[str] = _HINT
    settings: DeclaredSettings

    @classmethod
    def specialised(cls, settings: Settings) -> type[Self]:
        """
        The class that the setting `declaration` describes.

        Raises:
            ConfigError: There is none, or it is another vendor's.
        """
        assert isinstance(settings, DeclaredSettings)
        if isinstance(settings.declaration, Declaration) and settings.declaration is not cls.declaration:
            return adapter_of(settings.declaration, cls)
        if cls.declaration is None:
            raise ConfigError(f"{cls.vendor} needs a resource file that describes it: {cls.missing_declaration()}")
        return cls

    @classmethod
    def missing_declaration(cls) -> str:
        """What to do about a declaration that is missing; a subclass knows where it is to be had."""
        return 'open(..., declaration="vendor.toml")'

    @classmethod
    def resource_classes(cls) -> Mapping[str, type[Resource[Any]]]:
        """The resources that the file declares."""
        return {**super().resource_classes(), **cls._declared_resources}

    _declared_resources: ClassVar[Mapping[str, type[Resource[Any]]]] = {}


def load(source: DeclarationSource) -> type[DeclaredAdapter]:
    """
    Make an adapter class of a resource file, to open, to derive from, or to register.

    Args:
        source: The path of the TOML file, its text, a mapping, or a `Declaration`; `read` says how a path is told from
            a text.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong; the message says everything, with lines.
    """
    return adapter_of(read(source), DeclaredAdapter)


def adapter_of(declaration: Declaration, base: type[A]) -> type[A]:
    """
    The class of a declaration, the same one each time: accounts that are opened again share everything.

    Args:
        declaration: What to make it of.
        base: What it derives from.

    Raises:
        ConfigError: The base is another vendor's.
    """
    known: Any = base  # as a key of the cache: mypy takes the class's __hash__ for the instances'
    made: type[A] = _made(declaration, known)
    return made


@functools.lru_cache(maxsize=1024)
def _made(declaration: Declaration, base: Any) -> Any:
    if base.vendor not in (DeclaredAdapter.vendor, declaration.vendor):
        raise ConfigError(f"the resource file describes {declaration.vendor!r}, not {base.vendor!r}")
    resources = {name: resource_of(declaration, name) for name in declaration.resources}
    rules, asked_for = declaration.tokens, credentials_of(declaration)
    namespace: dict[str, Any] = {
        "__doc__": f"{declaration.title or declaration.vendor}, as a resource file describes it.",
        "__module__": base.__module__,
        "vendor": declaration.vendor,
        "title": declaration.title or declaration.vendor,
        "base_url": declaration.base_url or base.base_url,
        # A base may call a single token otherwise.
        "credentials": base.credentials if asked_for is TokenCredentials else asked_for,
        "auth": auth_of(declaration, base.hint),
        "rules": TokenRules(max_in_flight=rules.max_in_flight, settle=rules.settle),
        "windows": tuple(Window(one.limit, per=one.per, scope=one.scope) for one in declaration.windows)
        or base.windows,
        "errors": error_map(declaration, base.hint),
        "idempotency_header": declaration.idempotency_header,
        "declaration": declaration,
        "_declared_resources": resources,
        # As attributes, where the name does not hide what every adapter has.
        **{name: mount(kind) for name, kind in resources.items() if not hasattr(base, name)},
    }
    return type(f"{base.__name__}[{declaration.vendor}]", (base,), namespace)
