"""The companies of a sandbox as `accounts.toml` has them, their secrets in files of their own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import attrs

from ..adapter import Adapter, settings_of
from ..config import secret_fields
from ..declared import load
from ..errors import AdapterNotFound, ConfigError
from ..private_folder import make_private_folder
from ..registry import find_adapter

if TYPE_CHECKING:
    from .local import LocalVendor
    from .server import Sandbox

_FILE: Final = "accounts.toml"
_SECRETS: Final = "secrets"
_MIRROR: Final = "mirror.db"
#: In the folder of secrets, whose files have no room for a mark.
_MARK: Final = ".sandbox"
_MARKER: Final = "# Written by the sandbox of sagicc-async, which overwrites it."
#: The setting by which clients of a declared vendor are told what it is like.
_DECLARATION: Final = "declaration"
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def write_accounts(sandbox: Sandbox, folder: str | os.PathLike[str]) -> Path:
    """
    Write an `accounts.toml` with a table for each company of a sandbox, so that all can be synced or exported at once.

        async with Sandbox(["serpi"], companies=50) as sandbox:
            file = write_accounts(sandbox, "demo")  # sagicc-async sync demo/accounts.toml

    Secrets stand in files that only their owner can read, in `secrets/` beside it. A sync goes to `mirror.db` there.

    Args:
        sandbox: An open sandbox.
        folder: Where to; made if it is missing.

    Returns:
        The file's absolute path.

    Raises:
        AdapterNotFound: A vendor has no adapter, which knows what is secret.
        ConfigError: The folder has such files that no sandbox wrote, or cannot be written to; a declared vendor has no
            resource file; a setting is none that a file can hold; or a company has no credentials left.
    """
    place = Path(folder).expanduser().resolve()
    file, secrets = place / _FILE, place / _SECRETS
    _refuse_strangers(file, secrets)
    accounts = [_account(sandbox[name], secrets) for name in sandbox]
    mirror = _table("sync", {"database": f"sqlite:///{quote(str(place / _MIRROR))}"})
    text = "\n\n".join([_MARKER, mirror, *(account.tables() for account in accounts)])
    try:
        make_private_folder(place)
        make_private_folder(secrets)
        secrets.chmod(0o700)
        _write(secrets / _MARK, _MARKER)
        for account in accounts:
            for path, secret in account.secrets.items():
                _write(path, secret)
        # Last, so that it names no file that is not there.
        _write(file, text)
    except OSError as error:
        raise ConfigError(f"{error.filename or place} cannot be written: {error.strerror}") from error
    return file


@attrs.frozen(kw_only=True)
class _Account:
    """A company's tables, and what stands in files instead."""

    name: str
    fields: Mapping[str, Any]
    settings: Mapping[str, Any]
    secrets: Mapping[Path, str] = attrs.field(repr=False)

    def tables(self) -> str:
        """Return the account's table and that of its settings, as TOML."""
        name = self.name if _BARE.fullmatch(self.name) else _value(self.name)
        settings = f"\n{_table(f'{name}.settings', self.settings)}" if self.settings else ""
        return _table(name, self.fields) + settings


def _account(vendor: LocalVendor, secrets: Path) -> _Account:
    named, adapter, settings = _known_as(vendor)
    hidden, credentials = secret_fields(adapter.credentials), vendor.credentials
    files = {field: secrets / f"{vendor.name}.{field}" for field in credentials if field in hidden}
    shown = {field: f"file:{files[field]}" if field in files else value for field, value in credentials.items()}
    return _Account(
        name=vendor.name,
        fields={"vendor": named, "base_url": vendor.base_url, **shown},
        settings=settings,
        secrets={file: credentials[field] for field, file in files.items()},
    )


def _known_as(vendor: LocalVendor) -> tuple[str, type[Adapter], dict[str, Any]]:
    """Return what a file names a vendor by, the adapter that this gives, and the settings beside it."""
    settings = vendor.settings
    if _DECLARATION in settings:
        settings[_DECLARATION] = _resource_file(vendor, settings[_DECLARATION])
    try:
        adapter = find_adapter(vendor.vendor)
    except AdapterNotFound:
        if _DECLARATION not in settings:
            raise
        declared: str = settings.pop(_DECLARATION)
        return declared, load(declared), settings
    return vendor.vendor, adapter.specialised(settings_of(adapter, settings)), settings


def _resource_file(vendor: LocalVendor, declaration: Any) -> str:
    """Return the path of a resource file as it is from everywhere."""
    file = Path(declaration).expanduser() if isinstance(declaration, str | os.PathLike) else None
    if file is None or not file.is_file():
        raise ConfigError(f"{vendor.vendor!r} must have its declaration from a file, for others to find it")
    return str(file.absolute())


def _refuse_strangers(file: Path, secrets: Path) -> None:
    """Overwrite nothing that somebody else wrote."""
    try:
        if file.exists() and not file.read_text(encoding="utf-8", errors="replace").startswith(_MARKER):
            raise ConfigError(f"{file} was not written by a sandbox; name another folder")
        if secrets.exists() and not (secrets / _MARK).exists() and any(secrets.iterdir()):
            raise ConfigError(f"{secrets} has files that no sandbox wrote; name another folder")
    except OSError as error:
        raise ConfigError(f"{error.filename or file} cannot be read: {error.strerror}") from error


def _table(name: str, entries: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in entries.items())])


def _value(value: Any) -> str:
    if isinstance(value, str):
        # TOML writes texts as JSON does, but for one control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise ConfigError(f"a setting of the sandbox's client cannot stand in {_FILE}: {value!r}")


def _write(file: Path, text: str) -> None:
    """Replace a file by one that nobody else can read, whatever the old one was."""
    spare = file.with_name(f"{file.name}.new")
    spare.unlink(missing_ok=True)  # of a process that died here
    fd = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as stream:
        stream.write(f"{text}\n")
    spare.replace(file)
