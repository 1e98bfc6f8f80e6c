"""Settings that hold for all accounts of a vendor: given to the manager, or in `accounts.toml`."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError, MemoryCoordinator, SessionManager, load_account
from sagicc_async_serpi import Serpi, SerpiCredentials

CREDENTIALS = {"token": "t", "secretkey": "s"}


def manager(settings):
    return SessionManager(coordinator=MemoryCoordinator(), settings=settings)


@pytest.mark.parametrize("vendor", [Serpi, "serpi"])
async def test_a_setting_of_the_manager_holds_unless_the_call_says_otherwise(vendor):
    async with manager({"serpi": {"page_size": 70, "settle": 5}, "other": {"nothing": "known"}}) as sessions:
        assert sessions.open(vendor, CREDENTIALS).settings.page_size == 70
        mine = sessions.open(vendor, CREDENTIALS, account="b", page_size=30)
        assert (mine.settings.page_size, mine.settings.settle) == (30, 5)
        assert mine.account.terms.rules.settle == 5
        assert sessions.open(vendor, CREDENTIALS, account="c", settle=None).account.terms.rules.settle == 30


async def test_a_wrong_setting_of_the_manager_is_told_when_an_account_is_opened():
    async with manager({"serpi": {"colour": "red"}}) as sessions:
        with pytest.raises(ConfigError, match="serpi has no setting colour; it has"):
            sessions.open(Serpi, CREDENTIALS)
    async with manager({"serpi": {"page_size": 0}}) as sessions:
        with pytest.raises(ConfigError, match="a setting of serpi is wrong"):
            sessions.open(Serpi, CREDENTIALS)


async def test_what_the_caller_does_to_the_mapping_afterwards_changes_nothing():
    settings = {"serpi": {"page_size": 70}}
    async with manager(settings) as sessions:
        settings["serpi"]["page_size"] = 1
        assert sessions.open(Serpi, CREDENTIALS).settings.page_size == 70


def test_settings_without_a_vendor_are_refused_at_once():
    with pytest.raises(ConfigError, match="a mapping for each vendor"):
        SessionManager(settings={"page_size": 50})


@pytest.fixture
def accounts(tmp_path):
    def write(text):
        file = tmp_path / "accounts.toml"
        file.write_text(text)
        return file

    return write


FILE = """
[settings.serpi]
settle = 60
page_size = 70
[settings.other]
colour = "red"
[acme]
vendor = "serpi"
[acme.settings]
page_size = 30
[nameless]
[elsewhere]
vendor = "third"
"""


def test_a_file_has_settings_for_a_vendor_and_an_account_goes_before_them(accounts):
    assert load_account("acme", path=accounts(FILE)).settings == {"settle": 60, "page_size": 30}


def test_an_account_that_names_no_vendor_is_of_the_vendor_whose_credentials_are_read(accounts):
    file = accounts(FILE)

    assert load_account("nameless", path=file, secrets=SerpiCredentials).settings == {"settle": 60, "page_size": 70}
    assert load_account("nameless", path=file).settings == {}
    assert load_account("elsewhere", path=file, secrets=SerpiCredentials).settings == {}


async def test_what_the_file_says_goes_before_what_the_manager_says(accounts):
    found = load_account("acme", path=accounts(FILE))
    async with manager({"serpi": {"page_size": 10, "deadline": 5}}) as sessions:
        settings = sessions.open(found.vendor, CREDENTIALS, **found.settings).settings

    assert (settings.page_size, settings.settle, settings.deadline) == (30, 60, 5)


def test_the_table_of_settings_is_no_account(accounts):
    with pytest.raises(ConfigError, match=r"has no account 'settings'; it has acme, elsewhere, nameless"):
        load_account("settings", path=accounts(FILE))


def test_a_slip_in_a_vendors_name_is_told_with_what_was_meant(accounts):
    with pytest.raises(ConfigError, match=r"accounts\.toml \[settings\] siggo: no adapter .* - did you mean siigo\?"):
        load_account("acme", path=accounts('[settings.siggo]\npage_size = 5\n[acme]\nvendor = "serpi"\n'))


def test_settings_for_a_vendor_that_nobody_has_are_told(accounts):
    with pytest.raises(ConfigError, match=r"\[settings\] zenith: .*; there are operand, sagicc, serpi, siigo$"):
        load_account("acme", path=accounts('[settings.zenith]\npage_size = 5\n[acme]\nvendor = "serpi"\n'))


@pytest.mark.parametrize("vendor", ["siigo", "third"])
def test_settings_for_an_adapter_that_is_installed_or_a_vendor_that_an_account_has_are_fine(accounts, vendor):
    text = f'[settings.{vendor}]\npage_size = 5\n[acme]\nvendor = "serpi"\n[other]\nvendor = "third"\n'

    assert load_account("acme", path=accounts(text)).settings == {}


@pytest.mark.parametrize("text", ["settings = 1", "[settings]\nsettle = 60"])
def test_settings_that_belong_to_no_vendor_are_told(accounts, text):
    with pytest.raises(ConfigError, match=r"\[settings\]: it has a table for each vendor, \[settings\.VENDOR\]"):
        load_account("acme", path=accounts(f"{text}\n[acme]\n"))
