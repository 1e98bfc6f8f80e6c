"""Accounts from one round to the next: their tokens stay, their secrets may change."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError, Secret, SessionManager
from sagicc_async.declared import DeclaredAdapter
from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.opening import OpenAccounts

from .fake_vendor import FakeVendor


@pytest.fixture
def vendor():
    return FakeVendor()


def test_an_account_that_is_made_anew_at_every_look_is_opened_once(vendor):
    accounts = OpenAccounts(vendor)
    first, second = (accounts.open(SyncAccount(name="a", vendor="fake", credentials=dict)) for _ in range(2))
    assert first is second
    assert vendor.opened == ["a"]


@pytest.mark.parametrize("change", [{"base_url": "http://x"}, {"settings": {"page_size": 7}}, {"vendor": "other"}])
def test_another_vendor_address_or_setting_is_another_account(vendor, change):
    accounts = OpenAccounts(vendor)
    accounts.open(SyncAccount(name="a", vendor="fake", credentials={}))
    accounts.open(SyncAccount(**{"name": "a", "vendor": "fake", "credentials": {}, **change}))
    assert vendor.forgotten == ["a"]
    assert vendor.opened == ["a", "a"]


async def test_a_manager_takes_an_account_whose_credentials_callable_is_another_object_each_time():
    pytest.importorskip("sagicc_async_serpi")
    async with SessionManager() as sessions:
        accounts = OpenAccounts(sessions)
        for _ in range(2):
            accounts.open(
                SyncAccount(name="a", vendor="serpi", credentials=lambda: {"token": Secret("x"), "secretkey": "y"})
            )


FILE = """
vendor = "acme"
base_url = "https://acme.test"
auth = { kind = "header", header = "X-Token" }

[resources.%s]
list = "/things"
records = ["/items"]
paging = { kind = "none" }
"""


async def test_an_account_whose_resource_file_was_edited_is_read_with_what_it_says_now(tmp_path):
    file = tmp_path / "acme.toml"
    async with SessionManager() as sessions:
        accounts = OpenAccounts(sessions)
        found = []
        for name in ("things", "things", "pieces"):
            file.write_text(FILE % name, encoding="utf-8")
            found.append(
                accounts.open(
                    SyncAccount(
                        name="a",
                        vendor=DeclaredAdapter,
                        credentials={"token": "x"},
                        settings={"declaration": str(file)},
                    )
                )
            )
    assert found[0] is found[1]
    assert [list(adapter.resource_classes()) for adapter in found[1:]] == [["things"], ["pieces"]]


def test_an_account_that_cannot_be_opened_is_tried_again_the_next_time(vendor):
    accounts = OpenAccounts(vendor)
    with pytest.raises(ConfigError):
        accounts.open(SyncAccount(name="a", vendor="fake", credentials={}, base_url="wrong"))
    assert accounts.open(SyncAccount(name="a", vendor="fake", credentials={}))


def test_the_newest_way_to_the_secret_is_the_one_that_is_asked(vendor):
    asked = []
    given = {}
    vendor.open = lambda vendor_, credentials, **_: given.setdefault("credentials", credentials)
    accounts = OpenAccounts(vendor)
    for secret in ("old", "new"):
        accounts.open(SyncAccount(name="a", vendor="fake", credentials=lambda secret=secret: asked.append(secret)))
    given["credentials"]()
    assert asked == ["new"]
    assert "new" not in repr(given["credentials"])
