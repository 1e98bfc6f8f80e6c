"""The accounts of a file: read anew each time, and each standing or falling by itself."""

from __future__ import annotations

import pytest

from sagicc_async import SessionManager
from sagicc_async.errors import ConfigError
from sagicc_async.secrets import Secret
from sagicc_async.sync.accounts_file import AccountsFile

CANARY = "canary-5e08"
SERPI = 'vendor = "serpi"\ntoken = "env:TOKEN"\nsecretkey = "env:KEY"\n'


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write accounts.toml, as an editor does: a new file in the place of the old one."""
    monkeypatch.chdir(tmp_path)

    def call(text):
        new = tmp_path / "new.toml"
        new.write_text(text, encoding="utf-8")
        return new.replace(tmp_path / "accounts.toml")

    return call


@pytest.fixture
async def opening():
    """Open an account as a sync does."""
    async with SessionManager(coordinator="memory:") as sessions:
        yield lambda account: sessions.open(
            account.vendor, account.credentials, account=account.name, base_url=account.base_url, **account.settings
        )


async def accounts_of(source):
    return {account.name: account async for account in source}


async def test_accounts_come_in_their_order_with_all_that_the_file_says(write):
    path = write(
        f'[b]\n{SERPI}base_url = "env:ADDRESS"\n[b.settings]\nsettle = 5\n[b.sync]\nresources = ["bodega"]\nevery = "5m"\n'
        f"[a]\n{SERPI}[settings.serpi]\npage_size = 50\n[sync]\nresources.serpi = ['articulo']\n"
    )

    first, second = [account async for account in AccountsFile(path, environ={"ADDRESS": "https://vendor.co/api"})]

    assert (first.name, first.vendor, first.base_url) == ("b", "serpi", "https://vendor.co/api")
    assert (first.settings, first.resources, first.every) == ({"page_size": 50, "settle": 5}, ("bodega",), 300)
    assert (second.name, second.base_url, second.resources, second.every) == ("a", None, ("articulo",), None)


async def test_nothing_said_means_all_resources(write):
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{SERPI}")))

    assert accounts["a"].resources is None


async def test_a_setting_that_the_file_does_not_say_may_stand_in_the_environment(write):
    environ = {"SERPI_PAGE_SIZE": "7", "SERPI_SETTLE": "8", "SERPI_TOKEN": CANARY, "UNKNOWN_PAGE_SIZE": "9"}
    text = f"[a]\n{SERPI}[a.settings]\nsettle = 5\n[b]\nvendor = 'unknown'\n[settings.serpi]\ndeadline = 60\n"
    accounts = await accounts_of(AccountsFile(write(text), environ=environ))

    assert accounts["a"].settings == {"page_size": 7, "settle": 5, "deadline": 60}
    assert accounts["b"].settings == {}


async def test_accounts_that_come_and_go_show_at_the_next_look(write):
    source = AccountsFile(write(f"[a]\n{SERPI}[b]\n{SERPI}"))
    before = await accounts_of(source)
    write(f"[b]\n{SERPI}[c]\n{SERPI}")

    assert (list(before), list(await accounts_of(source))) == (["a", "b"], ["b", "c"])


async def test_credentials_are_read_when_they_are_asked_for_and_again_each_time(write):
    environ = {"KEY": "key"}
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{SERPI}"), environ=environ))
    credentials = accounts["a"].credentials

    for token in ("old", "new"):
        environ["TOKEN"] = token
        assert credentials()["token"] == Secret(token)


async def test_a_reference_that_is_changed_in_the_file_counts_at_once(write):
    environ = {"KEY": "key", "TOKEN": "old", "OTHER": "new"}
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{SERPI}"), environ=environ))
    write(f"[a]\n{SERPI.replace('env:TOKEN', 'env:OTHER')}")

    assert accounts["a"].credentials()["token"] == Secret("new")


async def test_an_account_keeps_its_token_from_round_to_round(write, opening):
    source = AccountsFile(write(f"[a]\n{SERPI}"))
    first, second = [opening((await accounts_of(source))["a"]) for _ in range(2)]

    assert first.account._authoriser is second.account._authoriser


async def test_the_file_is_parsed_once_for_a_thousand_credentials(write, monkeypatch):
    source = AccountsFile(write(f"[a]\n{SERPI}"), environ={"TOKEN": "t", "KEY": "k"})
    accounts = await accounts_of(source)
    monkeypatch.setattr("tomllib.loads", None)  # from here on, to parse fails

    assert accounts["a"].credentials()["token"] == Secret("t")


WRONG = {
    "no table": ("x = 5", "x is no table, and so no account"),
    "no vendor": ('[x]\ntoken = "env:TOKEN"', r'\[x\]: say whose account it is: vendor = "\.\.\."'),
    "unknown vendor": ('[x]\nvendor = "serpy"', "no adapter named 'serpy'"),
    "an address that leads nowhere": (f'[x]\n{SERPI}base_url = "env:NO"', r"\[x\] base_url: .* NO is not set"),
    "settings that are no table": (f"[x]\n{SERPI}settings = 5", r"\[x\]: .*settings is a table"),
    "an unknown setting": (f"[x]\n{SERPI}[x.settings]\nsettel = 5", "serpi has no setting settel"),
    "sync that is no table": (f"[x]\n{SERPI}sync = 5", r"\[x\.sync\]: it is a table"),
    "an unknown entry": (f"[x]\n{SERPI}[x.sync]\nevry = 5", r"\[x\.sync\]: .*'evry'.* - did you mean every\?"),
    "no duration": (f"[x]\n{SERPI}[x.sync]\nevery = '5 weeks'", r"\[x\.sync\] every: it takes a duration"),
    "a resource file that is not there": ('[x]\nvendor = "no.toml"', r"no\.toml"),
}


@pytest.mark.parametrize(("table", "says"), WRONG.values(), ids=WRONG)
async def test_a_wrong_table_is_told_when_the_account_is_opened_and_harms_no_other(write, opening, table, says):
    source = AccountsFile(write(f"{table}\n[good]\n{SERPI}" if "=" in table[:3] else f"[good]\n{SERPI}{table}"))

    accounts = await accounts_of(source)

    opening(accounts["good"])
    with pytest.raises(Exception, match=says) as caught:
        opening(accounts["x"])
    assert "\n" not in str(caught.value)
    assert repr(accounts["x"])


async def test_a_name_with_a_nul_is_told_when_the_account_is_opened_and_harms_no_other(write, opening):
    source = AccountsFile(write(f'["a\\u0000b"]\n{SERPI}[good]\n{SERPI}'))

    accounts = await accounts_of(source)

    opening(accounts["good"])
    with pytest.raises(
        ConfigError, match=r"accounts\.toml \['a\\x00b'\]: the name of an account is a text without NUL"
    ):
        opening(accounts["a\\0b"])


async def test_resources_and_settings_of_a_vendor_that_no_account_has_are_fine_if_its_adapter_is_installed(
    write, opening
):
    text = f"[a]\n{SERPI}[sync]\nresources.siigo = ['invoices']\n[settings.siigo]\npage_size = 5"
    accounts = await accounts_of(AccountsFile(write(text)))

    opening(accounts["a"])


async def test_resources_of_a_vendor_may_be_told_by_the_name_that_a_resource_file_gives_it(write, tmp_path):
    described = 'vendor = "acme"\nbase_url = "https://acme.co"\nauth = { kind = "header", header = "X" }\n'
    (tmp_path / "ours.toml").write_text(f'{described}[resources.orders]\nlist = "/orders"\n')
    text = f"[a]\n{SERPI}[x]\nvendor = 'ours.toml'\ntoken = 'env:TOKEN'\n[sync]\nresources.acme = ['orders']"

    accounts = await accounts_of(AccountsFile(write(text)))

    assert accounts["x"].resources == ("orders",)


async def test_where_an_account_may_be_anybodys_its_vendors_resources_harm_no_other(write, opening):
    """The name that a resource file gives is not known while the file is missing; what is missing is told of the account."""
    text = f"[a]\n{SERPI}[x]\nvendor = 'no.toml'\n[sync]\nresources.zenith = ['orders']\n"
    opening((await accounts_of(AccountsFile(write(text))))["a"])

    with pytest.raises(ConfigError, match=r"resources serpy: .* did you mean serpi\?"):
        await accounts_of(AccountsFile(write(f"{text}resources.serpy = ['bodega']")))


async def test_a_slip_in_the_name_of_a_vendor_that_has_settings_is_told_when_an_account_is_opened(write, opening):
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{SERPI}[settings.serpy]\nsettle = 5")))

    with pytest.raises(ConfigError, match=r"\[settings\] serpy: no adapter .* did you mean serpi\?"):
        opening(accounts["a"])


async def test_a_secret_that_is_missing_is_told_when_it_is_asked_for(write, opening):
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{SERPI}"), environ={"KEY": "key"}))

    opening(accounts["a"])
    with pytest.raises(ConfigError, match=r"\[a\] token: the environment variable TOKEN is not set"):
        accounts["a"].credentials()


async def test_a_bare_secret_is_refused_and_never_shown(write):
    bare = SERPI.replace("env:TOKEN", CANARY)
    accounts = await accounts_of(AccountsFile(write(f"[a]\n{bare}"), environ={"KEY": "key"}))

    with pytest.raises(ConfigError, match="env:NAME or file:PATH") as caught:
        accounts["a"].credentials()
    assert CANARY not in f"{caught.value}{accounts}"


async def test_a_resource_file_stands_for_a_vendor(write, tmp_path):
    (tmp_path / "acme.toml").write_text(
        'vendor = "acme"\nbase_url = "https://acme.co"\nauth = { kind = "header", header = "X-Token" }\n[resources.orders]\nlist = "/orders"\n'
    )
    environ = {"TOKEN": "t", "ACME_DECLARATION": "another.toml"}  # which the account's own goes before
    source = AccountsFile(write('[x]\nvendor = "acme.toml"\ntoken = "env:TOKEN"'), environ=environ)

    account = (await accounts_of(source))["x"]

    assert account.settings == {}
    assert account.vendor.vendor == "acme"
    assert account.credentials() == {"token": Secret("t")}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a", "is not TOML"),
        ("sync = 5", r"\[sync\]"),
        ("[sync]\nresources = 5", r"\[sync\] resources: it takes a list of names for each vendor"),
        ("[sync]\nresources.serpi = 'bodega'", r"\[sync\] resources: it takes a list of names for each vendor"),
        ("[sync]\nresources.serpy = ['bodega']", r"\[sync\] resources serpy: .* - did you mean serpi\?"),
        ("[sync]\nresources.zenith = []", r"\[sync\] resources zenith: .*; there are operand, sagicc, serpi, siigo"),
    ],
)
async def test_a_file_that_is_wrong_as_a_whole_is_one_line(write, text, says):
    source = AccountsFile(write(text))

    with pytest.raises(ConfigError, match=rf"accounts\.toml.*{says}") as caught:
        await accounts_of(source)
    assert "\n" not in str(caught.value)


async def test_a_file_that_goes_away_is_told_and_one_that_comes_back_is_read(write):
    path = write(f"[a]\n{SERPI}")
    source = AccountsFile(path)
    path.unlink()

    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        await accounts_of(source)
    write(f"[a]\n{SERPI}")
    assert list(await accounts_of(source)) == ["a"]


def test_a_file_that_was_never_there_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError, match="no configuration file"):
        AccountsFile(tmp_path / "accounts.toml")
