"""Accounts from a file or the environment; secrets only by reference, and never in a message."""

from __future__ import annotations

import enum
import traceback
from pathlib import Path
from typing import Literal

import attrs
import platformdirs
import pytest

from sagicc_async import config
from sagicc_async.adapter import Settings
from sagicc_async.config import Credentials, config_path, credentials_from_env, load_account, settings_from_env
from sagicc_async.errors import ConfigError
from sagicc_async.secrets import Secret
from sagicc_async.tokens.source import CredentialSource

CANARY = "canary-5e08"


@attrs.frozen
class Keys:
    user: str
    token: Secret = attrs.field(converter=Secret)
    spare: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A working folder and a user's config folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "home" / name)
    monkeypatch.delenv("SAGICC_ASYNC_CONFIG", raising=False)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def accounts(home):
    return lambda text: write(home / "accounts.toml", text)


def load(name: str = "acme", environ: dict[str, str] | None = None, **kwargs: object) -> config.AccountConfig:
    return load_account(name, environ=environ or {}, **kwargs)


def test_a_path_goes_before_the_variable_the_working_folder_and_the_users_folder(home):
    users = write(home / "home/sagicc-async/accounts.toml", "")
    assert config_path(environ={}) == users
    here = write(home / "accounts.toml", "")
    assert config_path(environ={}).resolve() == here
    named = write(home / "named.toml", "")
    assert config_path(environ={"SAGICC_ASYNC_CONFIG": str(named)}) == named
    given = write(home / "given.toml", "")
    assert config_path(given, {"SAGICC_ASYNC_CONFIG": str(named)}) == given
    assert config_path(str(given), {}) == given


@pytest.mark.parametrize("environ", [{}, {"SAGICC_ASYNC_CONFIG": "missing.toml"}])
def test_a_file_that_was_named_and_is_not_there_is_an_error_and_no_reason_to_look_elsewhere(home, environ):
    write(home / "accounts.toml", "")

    with pytest.raises(ConfigError, match=r"no configuration file missing\.toml"):
        config_path(None if environ else "missing.toml", environ)


def test_without_any_file_the_places_are_named():
    with pytest.raises(ConfigError, match=r"accounts\.toml.*environment variables"):
        config_path(environ={})


def test_an_account_is_read_whole(home, accounts):
    write(home / "secret.txt", f"{CANARY}\n")
    accounts(
        f"""
        [acme]
        vendor = "serpi"
        base_url = "https://vendor.co/api"
        user = "ana"
        token = "env:TOKEN"
        spare = "file:{home / "secret.txt"}"
        [acme.settings]
        settle = 5
        """
    )

    account = load(environ={"TOKEN": CANARY}, secrets=Keys)

    assert (account.name, account.vendor, account.base_url) == ("acme", "serpi", "https://vendor.co/api")
    assert account.settings == {"settle": 5}
    assert Keys(**account.credentials) == Keys("ana", CANARY, CANARY)
    assert CANARY not in repr(account)


def test_the_base_url_can_be_a_reference_too(accounts):
    accounts('[acme]\nbase_url = "env:ADDRESS"')

    assert load(environ={"ADDRESS": "https://vendor.co/api"}).base_url == "https://vendor.co/api"
    with pytest.raises(ConfigError, match=r"\[acme\] base_url: the environment variable ADDRESS is not set"):
        load(environ={})


def test_a_reference_in_a_field_that_is_not_secret_gives_plain_text(accounts):
    """A user's name that came as a `Secret` would be sent as "[redacted]"."""
    accounts('[acme]\nuser = "env:USER_NAME"\ntoken = "env:TOKEN"')

    account = load(environ={"USER_NAME": "ana", "TOKEN": CANARY}, secrets=Keys)

    assert account.credentials == {"user": "ana", "token": Secret(CANARY)}


def test_without_the_credentials_class_whatever_is_referred_to_counts_as_secret(accounts):
    accounts('[acme]\nuser = "ana"\nurl = "https://x"\ntoken = "env:TOKEN"')

    assert load(environ={"TOKEN": CANARY}).credentials == {
        "user": "ana",
        "url": "https://x",
        "token": Secret(CANARY),
    }


@pytest.mark.parametrize("hint", ["str", "str | None"])
def test_without_the_credentials_class_a_text_is_a_text_again_where_the_account_is_opened(accounts, hint):
    """A user's name that stayed a `Secret` would be sent as "[redacted]"."""
    kind = attrs.make_class("Login", {"user": attrs.field(type=hint), "token": attrs.field(type=Secret)})
    accounts('[acme]\nuser = "env:USER_NAME"\ntoken = "env:TOKEN"')

    found = load(environ={"USER_NAME": "ana", "TOKEN": CANARY}).credentials

    assert CredentialSource(found, kind).known() == kind(user="ana", token=Secret(CANARY))


def test_the_processes_own_environment_is_used_unless_another_is_given(accounts, monkeypatch):
    accounts('[acme]\ntoken = "env:SAGICC_TEST_TOKEN"')
    monkeypatch.setenv("SAGICC_TEST_TOKEN", CANARY)

    assert load_account("acme").credentials["token"] == Secret(CANARY)


@pytest.mark.parametrize("bare", [f'"{CANARY}"', f'"evn:{CANARY}"', "12345"])
@pytest.mark.parametrize("field", ["token", "spare"])
def test_a_bare_secret_is_refused_without_quoting_it(accounts, field, bare):
    accounts(f"[acme]\n{field} = {bare}")

    with pytest.raises(ConfigError, match=rf"\[acme\] {field}: .*env:NAME or file:PATH") as caught:
        load(secrets=Keys)

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:NOWHERE", "the environment variable NOWHERE is not set"),
        ("env:EMPTY", "a secret is empty"),
        ("env:BLANKS", "white space"),
        ("file:nowhere.txt", r"nowhere\.txt cannot be read: No such file"),
        ("file:folder", "folder cannot be read: Is a directory"),
        ("file:binary", "binary is not UTF-8 text"),
        ("file:empty", "a secret is empty"),
        ("file:~nobody-of-this-name/x", "~nobody-of-this-name/x cannot be read: Could not determine home directory"),
        (r"file:\u0000", "cannot be read: embedded null byte"),
    ],
)
def test_a_reference_that_leads_nowhere_says_where_it_stands(home, accounts, reference, says):
    (home / "folder").mkdir()
    (home / "binary").write_bytes(b"\xff\xfe" + CANARY.encode())
    (home / "empty").touch()
    accounts(f'[acme]\ntoken = "{reference}"')

    with pytest.raises(ConfigError, match=rf"accounts\.toml \[acme\] token: .*{says}") as caught:
        load(environ={"EMPTY": "", "BLANKS": f" {CANARY}"}, secrets=Keys)

    assert CANARY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_further_schemes_come_from_entry_points_and_cannot_replace_the_built_in_ones(accounts, monkeypatch):
    @attrs.frozen
    class Point:
        name: str

        def load(self):
            return lambda rest: f"{self.name}-gives-{rest}"

    monkeypatch.setattr(config, "entry_points", lambda group: [Point("vault"), Point("env")])
    accounts('[acme]\ntoken = "vault:a/b:c"\nspare = "env:TOKEN"')

    assert load(environ={"TOKEN": CANARY}, secrets=Keys).credentials == {
        "token": Secret("vault-gives-a/b:c"),
        "spare": Secret(CANARY),
    }


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (KeyError("acme"), r"cannot be followed \(KeyError\)"),
        (ConnectionError(f"sealed for {CANARY}"), r"cannot be followed \(ConnectionError\)"),
        (RuntimeError(f"{CANARY} may not read"), r"cannot be followed \(RuntimeError\)"),
        (None, "gives no text"),
        (CANARY.encode(), "gives no text"),
    ],
)
@pytest.mark.parametrize("where", ["followed", "loaded"])
def test_a_further_scheme_that_fails_is_named_and_its_words_are_not_shown(accounts, monkeypatch, where, answer, says):
    def fail(*_):
        if isinstance(answer, Exception):
            raise answer
        return answer

    class Point:
        name = "vault"
        load = fail if where == "loaded" and isinstance(answer, Exception) else lambda self: fail

    monkeypatch.setattr(config, "entry_points", lambda group: [Point()])
    accounts('[acme]\ntoken = "vault:a/b#c"')

    with pytest.raises(ConfigError, match=rf"\[acme\] token: vault:a/b#c {says}") as caught:
        load(secrets=Keys)

    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[acme", "is not TOML"),
        (f'[acme]\ntoken = "{CANARY}', "is not TOML"),
        (f"[acme]\ntoken = {CANARY}", "is not TOML"),
        ("[acme]\na = 1\na = 2", "is not TOML"),
        (
            "acme = 5",
            r"accounts\.toml: acme is no table, and so no account; an account is a table of its own, \[NAME\]",
        ),
        ("vendor = 'a stray key'\n[other]", "no account 'acme'; it has other$"),
        ("[other]\n[third]", "no account 'acme'; it has other, third"),
        ("", "no account 'acme'; it has none"),
        ("[acme]\nbase_url = 5", "base_url is a text"),
        ("[acme]\nsettings = 5", "settings is a table"),
    ],
)
def test_a_file_that_cannot_be_understood_is_one_line_that_says_why(accounts, text, says):
    accounts(text)

    with pytest.raises(ConfigError, match=says) as caught:
        load()

    assert "accounts.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_file_that_is_no_text_is_one_line_too(home):
    (home / "accounts.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="cannot be read"):
        load()


def test_the_environment_gives_credentials_and_address():
    environ = {"MY_VENDOR_USER": "ana", "MY_VENDOR_TOKEN": CANARY, "MY_VENDOR_BASE_URL": "http://localhost:1"}

    found, base_url = credentials_from_env("my-vendor", Keys, environ)

    assert found == {"user": "ana", "token": Secret(CANARY)}
    assert base_url == "http://localhost:1"


def test_what_is_missing_in_the_environment_is_named_and_an_empty_variable_is_missing():
    with pytest.raises(ConfigError, match="set SERPI_USER, SERPI_TOKEN in the environment"):
        credentials_from_env("serpi", Keys, {"SERPI_TOKEN": ""})


def test_a_secret_that_cannot_be_one_names_its_variable_and_not_its_value():
    with pytest.raises(ConfigError, match=r"SERPI_TOKEN: .*white space") as caught:
        credentials_from_env("serpi", Keys, {"SERPI_USER": "ana", "SERPI_TOKEN": f"{CANARY} "})

    assert CANARY not in str(caught.value)


def test_an_optional_address_and_an_optional_secret_may_be_left_out():
    assert credentials_from_env("serpi", Keys, {"SERPI_USER": "ana", "SERPI_TOKEN": CANARY})[1] is None
    assert credentials_from_env(
        "serpi", Keys, {"SERPI_USER": "ana", "SERPI_TOKEN": CANARY, "SERPI_SPARE": "x", "SERPI_BASE_URL": ""}
    ) == ({"user": "ana", "token": Secret(CANARY), "spare": Secret("x")}, None)


@attrs.frozen(kw_only=True)
class Numbered(Credentials):
    vendor = "numbered"
    number: str = attrs.field(validator=attrs.validators.matches_re(r"\d+"))


def test_a_variable_of_a_vendor_with_a_hyphen_is_named_as_it_is_read():
    class Hyphenated(Numbered):
        vendor = "acme-shop"

    with pytest.raises(ConfigError, match="one of ACME_SHOP_NUMBER does not fit"):
        Hyphenated.from_env({"ACME_SHOP_NUMBER": "seven"})


def test_a_value_of_the_environment_that_does_not_fit_is_named_by_its_variable_and_not_shown():
    with pytest.raises(ConfigError, match="NUMBERED_NUMBER") as caught:
        Numbered.from_env({"NUMBERED_NUMBER": CANARY})

    assert CANARY not in "".join(traceback.format_exception(caught.value))


class Grant(enum.Enum):
    PASSWORD = "password"
    CLIENT = "client_credentials"


@attrs.frozen(kw_only=True)
class Wishes(Settings):
    title: str = ""
    pages: int = 1
    share: float = 0.5
    strict: bool = False
    body: Literal["form", "json"] = "form"
    grant: Grant = Grant.PASSWORD
    level: Literal[1, 2] | None = 2
    limit: int | str | None = 5
    names: tuple[str, ...] = ()
    maybe: list[str] | None = None
    token: str | None = None
    base_url: str | None = None
    made: int = attrs.field(default=3, init=False)


def wishes(**environ: str) -> dict[str, object]:
    return settings_from_env("my-vendor", Wishes, {f"MY_VENDOR_{name}": text for name, text in environ.items()})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("title", "ñandú 5", "ñandú 5"),
        ("pages", "12", 12),
        ("pages", "-1", -1),
        ("share", "2.5", 2.5),
        ("share", "3", 3.0),
        ("strict", "true", True),
        ("strict", "False", False),
        ("strict", "1", True),
        ("strict", "0", False),
        ("body", "json", "json"),
        ("grant", "client_credentials", Grant.CLIENT),
        ("level", "1", 1),
        ("level", "none", None),
        ("level", "", None),
        ("limit", "7", 7),
        ("limit", "all", "all"),
        ("limit", "None", None),
        ("page_size", "100", 100),
        ("settle", "0.5", 0.5),
        ("priority", "2", 2),
    ],
)
def test_a_setting_of_the_environment_has_its_own_type(name, text, value):
    found = wishes(**{name.upper(): text})

    assert found == {name: value}
    assert type(found[name]) is type(value) or name == "priority"
    assert getattr(Wishes(**found), name) == value


@pytest.mark.parametrize("name", ["TITLE", "PAGES", "SHARE", "STRICT", "BODY", "GRANT"])
def test_an_empty_variable_is_no_setting_where_it_cannot_mean_none(name):
    assert wishes(**{name: ""}) == {}


@pytest.mark.parametrize("name", ["NAMES", "MAYBE", "BASE_URL", "MADE", "UNKNOWN"])
def test_what_no_text_stands_for_is_no_setting_of_the_environment(name):
    assert wishes(**{name: "5"}) == {}


def test_the_variables_of_credentials_are_no_settings():
    environ = {"V_TOKEN": CANARY, "V_PAGES": "3"}

    assert settings_from_env("v", Wishes, environ, credentials=Keys) == {"pages": 3}


def test_settings_come_from_the_processes_own_environment_unless_another_is_given(monkeypatch):
    monkeypatch.setenv("SAGICC_TEST_PAGES", "4")

    assert settings_from_env("sagicc-test", Wishes) == {"pages": 4}


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("pages", "a whole number"),
        ("share", "a number"),
        ("strict", "true or false"),
        ("body", "form or json"),
        ("grant", "password or client_credentials"),
        ("level", "1 or 2 or none"),
        ("page_size", "a whole number or none"),
        ("settle", "a number or none"),
    ],
)
@pytest.mark.parametrize("text", [CANARY, "nan", "none at all"])
def test_a_bad_setting_names_its_variable_and_what_it_takes_and_never_the_value(name, takes, text):
    with pytest.raises(ConfigError) as caught:
        wishes(**{name.upper(): text})

    assert str(caught.value) == f"MY_VENDOR_{name.upper()} takes {takes}"
    assert text not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__context__ is None
