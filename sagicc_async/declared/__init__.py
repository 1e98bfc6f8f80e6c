"""
Adapters that are read from a resource file.

    Acme = declared.load("acme.toml")
    acme = sessions.open(Acme, {"token": ...})
    async for thing in acme["things"].list():
        ...
"""

from .adapter import DeclaredAdapter, DeclaredSettings, load
from .auth import ClientCredentials, PasswordCredentials, TokenCredentials
from .declaration import Declaration
from .problems import DeclarationError
from .reading import DeclarationSource, read

__all__ = [
    "ClientCredentials",
    "Declaration",
    "DeclarationError",
    "DeclarationSource",
    "DeclaredAdapter",
    "DeclaredSettings",
    "PasswordCredentials",
    "TokenCredentials",
    "load",
    "read",
]
