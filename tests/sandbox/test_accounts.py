"""The `accounts.toml` of a sandbox."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import ClassVar

import pytest

from sagicc_async import SessionManager, sync
from sagicc_async.config import load_account, secret_fields
from sagicc_async.declared import load
from sagicc_async.errors import AdapterNotFound, ConfigError
from sagicc_async.registry import find_adapter
from sagicc_async.sandbox import Sandbox, write_accounts
from sagicc_async.secrets import Secret

VENDORS = ["serpi", "sagicc", "siigo", "operand"]
_ODD = 'with "quotes" \\ and ñ\x7f'
ACME = Path(__file__).parent.parent / "declared" / "acme.toml"


def tables_of(file):
    return tomllib.loads(file.read_text(encoding="utf-8"))


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_company_can_be_read_by_the_account_that_was_written(vendor, tmp_path):
    kind = find_adapter(vendor)
    async with (
        Sandbox([vendor], companies=3, records=4, settings={vendor: {"work": 0}}) as sandbox,
        SessionManager() as sessions,
    ):
        file = write_accounts(sandbox, tmp_path / "demo")
        for name in sandbox:
            found = load_account(name, path=file, secrets=kind.credentials)
            account = sessions.open(
                found.vendor, found.credentials, account=name, base_url=found.base_url, **found.settings
            )
            resource = getattr(account, next(iter(account.resource_classes())))
            assert [record async for record in resource.list()]
            assert sandbox[name].stats.requests > 0
            assert max(sandbox[name].stats.by_status) < 400


async def test_there_is_a_table_for_each_company_and_a_mirror_to_sync_to(tmp_path):
    async with Sandbox(VENDORS, companies=2, records=0) as sandbox:
        file = write_accounts(sandbox, tmp_path)
        tables = tables_of(file)
        assert file == tmp_path / "accounts.toml"
        assert tables.pop("sync") == {"database": f"sqlite:///{tmp_path}/mirror.db"}
        assert list(tables) == list(sandbox)
        assert {name: table["vendor"] for name, table in tables.items()} == {
            name: sandbox[name].vendor for name in sandbox
        }
        assert {name: table["base_url"] for name, table in tables.items()} == {
            name: sandbox[name].base_url for name in sandbox
        }


async def test_no_secret_stands_in_the_file_and_all_of_them_only_where_their_owner_can_read(tmp_path):
    folder = tmp_path / "demo"
    async with Sandbox(VENDORS, companies=2, records=0) as sandbox:
        text = write_accounts(sandbox, folder).read_text(encoding="utf-8")
        for name in sandbox:
            credentials = sandbox[name].credentials
            hidden = credentials.keys() & secret_fields(find_adapter(sandbox[name].vendor).credentials)
            assert hidden
            for field in hidden:
                value = credentials[field]
                kept = folder / "secrets" / f"{name}.{field}"
                assert value not in text
                assert f"file:{kept}" in text
                assert kept.read_text(encoding="utf-8").strip() == value
    assert mode_of(folder) == mode_of(folder / "secrets") == 0o700
    assert {mode_of(path) for path in folder.rglob("*") if path.is_file()} == {0o600}


async def test_a_folder_of_secrets_that_others_could_enter_is_shut(tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o755)
    async with Sandbox(["serpi"], records=0) as sandbox:
        write_accounts(sandbox, tmp_path)
    assert mode_of(secrets) == 0o700


async def test_a_relative_folder_is_written_down_as_it_is_from_everywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with Sandbox(["serpi"], records=0) as sandbox:
        file = write_accounts(sandbox, "demo")
        tables = tables_of(file)
    assert file == tmp_path / "demo" / "accounts.toml"
    assert tables["sync"]["database"] == f"sqlite:///{tmp_path}/demo/mirror.db"
    assert tables["serpi"]["token"] == f"file:{tmp_path}/demo/secrets/serpi.token"


async def test_what_a_sandbox_wrote_another_one_overwrites(tmp_path):
    for seed in (1, 2):
        async with Sandbox(["serpi"], companies=2, records=0, seed=seed) as sandbox:
            file = write_accounts(sandbox, tmp_path)
            fields = load_account("serpi-2", path=file, secrets=find_adapter("serpi").credentials).credentials
            assert fields == {name: Secret(value) for name, value in sandbox["serpi-2"].credentials.items()}
    assert not list(tmp_path.rglob("*.new"))


async def test_rotated_credentials_are_there_once_they_are_written_again(tmp_path):
    async with Sandbox(["serpi"], records=0) as sandbox:
        write_accounts(sandbox, tmp_path)
        rotated = sandbox["serpi"].rotate()
        write_accounts(sandbox, tmp_path)
    assert (tmp_path / "secrets" / "serpi.token").read_text().strip() == rotated["token"]


@pytest.mark.parametrize("theirs", ["accounts.toml", "secrets/serpi.token"])
async def test_what_somebody_else_wrote_stays_and_nothing_is_written(theirs, tmp_path):
    stranger = tmp_path / theirs
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text("[acme]\n")
    async with Sandbox(["serpi"], records=0) as sandbox:
        with pytest.raises(ConfigError, match=r"name another folder"):
            write_accounts(sandbox, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [stranger]
    assert stranger.read_text() == "[acme]\n"


async def test_a_link_in_place_of_a_secret_is_replaced_and_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    async with Sandbox(["serpi"], records=0) as sandbox:
        write_accounts(sandbox, tmp_path)
        kept = tmp_path / "secrets" / "serpi.token"
        kept.unlink()
        kept.symlink_to(target)
        write_accounts(sandbox, tmp_path)
    assert target.read_text() == "mine"
    assert not kept.is_symlink()


async def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path):
    (tmp_path / "file").write_text("")
    async with Sandbox(["serpi"], records=0) as sandbox:
        with pytest.raises(ConfigError, match=r"file cannot be written"):
            write_accounts(sandbox, tmp_path / "file")


async def test_a_vendor_without_an_adapter_is_named(notes, tmp_path):
    async with Sandbox([notes], records=0) as sandbox:
        with pytest.raises(AdapterNotFound, match="no adapter named 'notes'"):
            write_accounts(sandbox, tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


async def test_the_mirror_is_found_whatever_its_folder_is_called(tmp_path):
    folder = tmp_path / "50% de Ñandú? #1"
    async with Sandbox(["serpi"], records=3, settings={"serpi": {"work": 0}}) as sandbox:
        chosen = sync.load_sync(write_accounts(sandbox, folder))
        report = await sync.run(chosen.source, chosen.sink(), settings=chosen.settings)
    assert not report.failed
    assert (folder / "mirror.db").stat().st_size > 0
    assert list(tmp_path.iterdir()) == [folder]


# Vendors that a resource file describes.


async def test_a_vendor_without_an_adapter_of_its_own_goes_by_its_resource_file(tmp_path, monkeypatch):
    monkeypatch.chdir(ACME.parent)
    async with Sandbox(["acme.toml"], companies=2, records=3, settings={"acme": {"work": 0}}) as sandbox:
        file = write_accounts(sandbox, tmp_path)
        monkeypatch.chdir(tmp_path)
        named = tables_of(file)["acme-2"]["vendor"]
        kind = load(named)
        found = load_account("acme-2", path=file, secrets=kind.credentials)
        async with SessionManager() as sessions:
            account = sessions.open(kind, found.credentials, base_url=found.base_url, **found.settings)
            resource = getattr(account, next(iter(account.resource_classes())))
            assert len([record async for record in resource.list()]) == 3
    assert named == str(ACME)


async def test_a_declared_vendor_must_have_a_file_that_others_find(tmp_path):
    async with Sandbox(["operand"], settings={"operand": {"declaration": ACME.read_text()}}, records=0) as sandbox:
        with pytest.raises(ConfigError, match="must have its declaration from a file"):
            write_accounts(sandbox, tmp_path)


# Settings of the sandbox's clients.


def notes_of_siigo(notes, **client_settings):
    """An emulator by the name of a vendor whose adapter is there."""

    class Notes(notes):
        name: ClassVar = "siigo"

        def issue(self, random):
            return {"username": _ODD, "access_key": "a-key-of-notes"}

    Notes.client_settings = client_settings
    return Notes


@pytest.mark.parametrize("settings", [{"page_size": 7, "settle": 0.5, "test_company": True, "deadline": 1e-07}, {}])
async def test_texts_numbers_and_truth_values_are_read_as_they_were(notes, settings, tmp_path):
    async with Sandbox([notes_of_siigo(notes, **settings)], records=0) as sandbox:
        file = write_accounts(sandbox, tmp_path)
    found = load_account("siigo", path=file, secrets=find_adapter("siigo").credentials)
    assert found.settings == settings
    assert found.credentials["username"] == _ODD


async def test_a_setting_that_no_file_can_hold_is_told(notes, tmp_path):
    async with Sandbox([notes_of_siigo(notes, deadline=None)], records=0) as sandbox:
        with pytest.raises(ConfigError, match=r"cannot stand in accounts.toml: None"):
            write_accounts(sandbox, tmp_path / "demo")
    assert not (tmp_path / "demo").exists()
