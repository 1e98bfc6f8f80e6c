"""How a sync is told what to do: the file, the environment, the caller; and accounts that a function gives."""

from __future__ import annotations

import sys

import attrs
import platformdirs
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.sync.accounts_function import accounts_from
from sagicc_async.sync.config import DEFAULT_DATABASE, holds_password, load_sync
from sagicc_async.sync.settings import SyncSettings

CANARY = "canary-5e08"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "home" / name)
    return tmp_path


@pytest.fixture
def sync(home):
    """Load what a `[sync]` table says."""

    def load(table="", *, environ=None, **options):
        (home / "accounts.toml").write_text(f"[acme]\nvendor = 'serpi'\n[sync]\n{table}", encoding="utf-8")
        return load_sync(environ=environ or {}, **options)

    return load


def test_every_setting_can_stand_in_the_file(sync):
    said = """
        every = "5m"
        jitter = 0.5
        at_once = 50
        turn = "90s"
        batch = 100
        overlap = "1h"
        whole_every = "1d"
        failures = 5
        patience = 30
        timezone = "America/Bogota"
    """

    config = sync(said)

    assert config.timezone == "America/Bogota"
    assert config.settings == SyncSettings(
        every=300, jitter=0.5, at_once=50, turn=90, batch=100, overlap=3600, whole_every=86_400, failures=5, patience=30
    )
    assert all(name in said for name in attrs.fields_dict(SyncSettings))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [('"500ms"', 0.5), ('"90s"', 90), ('"5m"', 300), ('"1h"', 3600), ('"7d"', 604_800), ('"1.5 h"', 5400), ("12", 12)],
)
def test_durations_are_written_as_people_do(sync, written, seconds):
    assert sync(f"every = {written}").settings.every == seconds


@pytest.mark.parametrize("written", ['"5"', '"5 weeks"', '"-5m"', "-1", "true", "nan", "[5]", '"m"', '""'])
def test_what_is_no_duration_is_refused_and_says_what_is(sync, written):
    with pytest.raises(ConfigError, match=r'accounts\.toml \[sync\] every: it takes a duration such as "90s"'):
        sync(f"every = {written}")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("evry = 5", r"no entry 'evry'; there are .* - did you mean every\?"),
        ("resources.siggo = []", r"resources siggo: no adapter of that name is installed, .* - did you mean siigo\?"),
        ("at_once = 1.5", "at_once: it takes a whole number"),
        ("at_once = 0", "'at_once' must be >= 1"),
        ("jitter = 'much'", "jitter: it takes a number"),
        ("jitter = 2", "'jitter' must be <= 1"),
        ("database = 5", "database: it takes a text"),
        ("format = 'csv'", r'format: it takes "jsonl" or "parquet"'),
        ("database = 'sqlite:///a.db'\nfolder = 'a'", "folder and database exclude each other"),
        ("database = 'env:NOWHERE'", "database: the environment variable NOWHERE is not set"),
    ],
)
def test_a_wrong_entry_is_one_line_with_its_place(sync, table, says):
    with pytest.raises(ConfigError, match=rf"accounts\.toml \[sync\].*{says}") as caught:
        sync(table)
    assert "\n" not in str(caught.value)


def test_the_caller_goes_before_the_environment_and_that_before_the_file(sync):
    table, environ = "database = 'sqlite:///file.db'", {"SAGICC_ASYNC_DATABASE": "sqlite:///environment.db"}

    assert sync(table, environ=environ, database="sqlite:///caller.db").database == "sqlite:///caller.db"
    assert sync(table, environ=environ).database == "sqlite:///environment.db"
    assert sync(table).database == "sqlite:///file.db"
    assert (sync().database, sync().chosen) == (DEFAULT_DATABASE, False)


def test_a_folder_is_an_alternative_to_a_database(sync):
    config = sync("folder = 'mirror'\nformat = 'parquet'")

    assert (config.database, str(config.folder), config.format, config.chosen) == (None, "mirror", "parquet", True)
    assert sync("folder = 'mirror'", database="sqlite:///a.db").folder is None


def test_the_engine_is_found_as_the_database_is(sync):
    assert sync().engine is None
    assert sync("engine = 'env:ENGINE'", environ={"ENGINE": "postgresql://a"}).engine == "postgresql://a"
    assert sync(environ={"SAGICC_ASYNC_ENGINE": "postgresql://b"}).engine == "postgresql://b"


@pytest.mark.parametrize("name", ["database", "engine"])
@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://user:{CANARY}@host/db",
        f"postgresql://host/db?password={CANARY}",
        f"host=db password = {CANARY}",
    ],
)
def test_a_password_in_the_file_is_refused_and_not_shown_while_a_reference_is_followed(sync, name, address):
    with pytest.raises(ConfigError, match=rf"\[sync\] {name}: a password .* write env:NAME or file:PATH") as caught:
        sync(f'{name} = "{address}"')
    assert CANARY not in str(caught.value)

    config = sync(f'{name} = "env:ADDRESS"', environ={"ADDRESS": address})
    assert getattr(config, name) == address
    assert CANARY not in repr(config)


@pytest.mark.parametrize(
    "address", ["sqlite:///password.db", "postgresql://user@host/password", "postgresql:///db", "http://[", ""]
)
def test_an_address_without_a_password_holds_none(address):
    assert not holds_password(address)


def test_sync_is_no_account(sync):
    with pytest.raises(ConfigError, match="no account 'sync'; it has acme"):
        sync().source.read().account("sync")


@pytest.fixture
def module(home, monkeypatch):
    """Write a module of the user's, and name its function `accounts`."""
    written = []

    def write(text):
        name = f"tenants_{len(written)}"
        written.append(name)
        (home / f"{name}.py").write_text(f"from sagicc_async.sync.accounts import SyncAccount\n{text}")
        return f"{name}:accounts"

    monkeypatch.syspath_prepend(home)
    yield write
    for name in written:
        sys.modules.pop(name, None)


ACCOUNT = 'SyncAccount(name="a", vendor="serpi", credentials={})'
FORMS = {
    "a list": f"def accounts(): return [{ACCOUNT}]",
    "a generator": f"def accounts(): yield {ACCOUNT}",
    "an async generator": f"async def accounts(): yield {ACCOUNT}",
    "a coroutine of a list": f"async def accounts(): return [{ACCOUNT}]",
    "a coroutine of an async generator": (f"async def each(): yield {ACCOUNT}\nasync def accounts(): return each()"),
    "a function that gives an async generator": f"async def each(): yield {ACCOUNT}\ndef accounts(): return each()",
    "a class": f"class accounts:\n  async def __aiter__(self): yield {ACCOUNT}",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
async def test_a_function_may_give_its_accounts_in_any_form_and_is_asked_at_each_round(module, text):
    source = accounts_from(module(text))

    for _ in range(2):
        assert [account.name async for account in source] == ["a"]


async def test_a_function_that_asks_a_database_does_not_hold_up_the_loop(module):
    source = accounts_from(
        module(
            "import threading\nTHREADS = []\ndef accounts():\n"
            f"  THREADS.append(threading.current_thread())\n  yield {ACCOUNT}\n  THREADS.append(threading.current_thread())"
        )
    )

    assert [account.name async for account in source] == ["a"]
    threads = sys.modules["tenants_0"].THREADS
    assert len(threads) == 2
    assert all(thread is not sys.modules["threading"].main_thread() for thread in threads)


async def test_an_async_generator_is_closed_when_a_round_is_left_in_the_middle(module):
    source = accounts_from(
        module(
            f"CLOSED = []\nasync def accounts():\n  try:\n    while True: yield {ACCOUNT}\n  finally: CLOSED.append(1)"
        )
    )
    accounts = aiter(source)
    await anext(accounts)
    await accounts.aclose()

    assert sys.modules["tenants_0"].CLOSED == [1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def accounts(): return 5", "gives an iterator of SyncAccount, async or not, and not int"),
        ("def accounts(): return {'a': 1}", ".* and not dict"),
        ("def accounts(): return 'acme'", ".* and not str"),
        ("def accounts(): return ['acme']", "gives SyncAccount objects, not str"),
        (f"def accounts(): raise OSError('{CANARY}')", "failed: an unexpected OSError"),
        (f"async def accounts():\n  raise OSError('{CANARY}')\n  yield", "failed: an unexpected OSError"),
        ("def accounts(more): return []", "failed: an unexpected TypeError"),
    ],
)
async def test_a_function_that_gives_something_else_or_fails_says_so(module, text, says):
    source = accounts_from(module(text))

    with pytest.raises(ConfigError, match=rf"tenants_0:accounts {says}") as caught:
        [account async for account in source]
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tenants", "is named as package.module:function"),
        ("tenants:", "is named as package.module:function"),
        ("no_such_module:accounts", "no_such_module does not load: ModuleNotFoundError"),
        ("json:dmps", r"json has no function 'dmps' - did you mean dumps\?"),
        ("sys:path", "sys has no function 'path'"),
    ],
)
def test_a_function_that_cannot_be_found_says_so(name, says):
    with pytest.raises(ConfigError, match=says):
        accounts_from(name)


def test_a_module_that_breaks_or_leaves_while_it_is_imported_says_so(module):
    with pytest.raises(ConfigError, match="does not load: SystemExit: 3"):
        accounts_from(module("raise SystemExit(3)"))


async def test_accounts_of_a_function_need_no_file_and_take_the_settings_of_one(home, module):
    name = module(
        f'def accounts(): return [{ACCOUNT}, SyncAccount(name="b", vendor="serpi", credentials={{}}, resources=["x"])]'
    )
    assert load_sync(accounts=name, environ={}).settings == SyncSettings()

    (home / "accounts.toml").write_text("[ignored]\n[sync]\nat_once = 3\nresources.serpi = ['bodega']\n")
    config = load_sync(accounts=name, environ={})

    assert config.settings.at_once == 3
    assert [(one.name, one.resources) async for one in config.source] == [("a", ("bodega",)), ("b", ["x"])]


async def test_resources_for_a_vendor_that_a_function_gives_no_account_of_are_refused_only_if_they_look_like_a_slip(
    home, module
):
    name = module(f"def accounts(): return [{ACCOUNT}]")
    file = home / "accounts.toml"
    file.write_text("[sync]\nresources.zenith = ['orders']\n")  # of classes that may come with later accounts
    assert [account.name async for account in load_sync(accounts=name, environ={}).source] == ["a"]

    file.write_text("[sync]\nresources.serpy = ['bodega']\n")
    accounts = aiter(load_sync(accounts=name, environ={}).source)
    assert (await anext(accounts)).name == "a"
    with pytest.raises(ConfigError, match=r"accounts\.toml \[sync\] resources serpy: .* - did you mean serpi\?"):
        await anext(accounts)


async def test_resources_for_a_vendor_whose_class_a_function_gives_are_taken(home, module):
    name = module(
        "from sagicc_async.declared import load\n"
        "Serpy = load({'vendor': 'serpy', 'base_url': 'https://serpy.co', 'auth': {'kind': 'header', 'header': 'X'},"
        " 'resources': {'orders': {'list': '/orders'}}})\n"
        'def accounts(): return [SyncAccount(name="a", vendor=Serpy, credentials={})]'
    )
    (home / "accounts.toml").write_text("[sync]\nresources.serpy = ['orders']\n")

    assert [one.resources async for one in load_sync(accounts=name, environ={}).source] == [("orders",)]


def test_without_a_function_there_must_be_a_file():
    with pytest.raises(ConfigError, match=r"no accounts\.toml found .*; write one, or name a function that gives"):
        load_sync(environ={})
    with pytest.raises(ConfigError, match=r"no configuration file x\.toml"):
        load_sync("x.toml", accounts="json:dumps", environ={})


def test_many_machines_do_not_write_into_one_folder(tmp_path):
    file = tmp_path / "accounts.toml"
    file.write_text('[sync]\nfolder = "mirror"\nengine = "postgresql://queue.internal/jobs"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="many machines cannot write into one folder"):
        load_sync(file, environ={})
