"""A resource file is read strictly: every problem at once, with its line, and never a value of the file."""

from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ConfigError
from sagicc_async.declared.authentication import ExchangeAuth, HeaderAuth
from sagicc_async.declared.declaration import OffsetEntry, ParamEntry
from sagicc_async.declared.names import python_name
from sagicc_async.declared.problems import DeclarationError
from sagicc_async.declared.reading import read

from .small import SMALL, problems

ACME = Path(__file__).parent / "acme.toml"
TEXT = ACME.read_text(encoding="utf-8")


def plainly(declaration):
    return attrs.asdict(declaration)


class TestWhatIsRead:
    def test_the_example_says_all_that_it_says_in_less_than_forty_lines(self):
        acme = read(ACME)

        assert TEXT.count("\n") < 40
        assert (acme.vendor, acme.source.read_on.isoformat()) == ("acme", "2026-11-20")
        assert isinstance(acme.auth, ExchangeAuth)
        assert acme.auth.relogin_on == (401, 403)
        assert acme.records == ("", "/records", "/data")
        assert acme.paging == OffsetEntry(kind="offset", offset="offset", limit="limit", max_pages=1000)
        things = acme.resources["things"]
        assert things.list.params["since"] == ParamEntry(type="date")
        assert list(things.operations) == ["list", "get", "create"]
        assert acme.format_of(things.fields["price"]) == "1.234,56"
        assert acme.paging_of(things) is acme.paging

    def test_a_file_a_text_and_a_mapping_say_the_same(self):
        tables = tomllib.loads(TEXT)

        assert plainly(read(ACME)) == plainly(read(str(ACME))) == plainly(read(TEXT)) == plainly(read(tables))

    def test_a_text_alone_stands_for_the_entry_that_matters(self):
        long = SMALL.replace('list = "/things"', 'list = { path = "/things" }')

        assert plainly(read(SMALL)) == plainly(read(long))
        assert isinstance(read(SMALL).auth, HeaderAuth)

    def test_equal_sources_are_read_once(self):
        assert read(SMALL) is read("".join(SMALL))
        assert read(tomllib.loads(SMALL)) is read(tomllib.loads(SMALL))
        assert read(read(SMALL)) is read(SMALL)

    def test_a_byte_order_mark_and_line_ends_of_windows_change_nothing(self, tmp_path):
        file = tmp_path / "acme.toml"
        file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())

        assert plainly(read(file)) == plainly(read(SMALL))

    @pytest.mark.parametrize("name", ["acme.toml", "acme"])
    def test_a_path_may_have_an_equals_sign(self, tmp_path, name):
        file = tmp_path / "vendor=acme" / name
        file.parent.mkdir()
        file.write_text(SMALL, encoding="utf-8")

        assert read(file) is read(str(file))

    @pytest.mark.parametrize("source", [Path("vendor=acme/acme"), "vendor=acme/acme.toml"])
    def test_a_path_with_an_equals_sign_that_leads_nowhere_is_told_as_a_path(self, source):
        with pytest.raises(DeclarationError, match=r"the resource file vendor=acme/acme(\.toml)? cannot be read"):
            read(source)

    def test_a_file_is_read_again_when_it_has_changed(self, tmp_path):
        file = tmp_path / "acme.toml"
        file.write_text(SMALL, encoding="utf-8")
        before = read(file)
        file.write_text(SMALL.replace("X-Token", "X-Key"), encoding="utf-8")

        assert (before.auth.header, read(file).auth.header) == ("X-Token", "X-Key")


class TestWhatIsWrong:
    def test_it_says_line_place_and_what_there_is(self):
        unknown, missing = problems(SMALL.replace('list = "/things"', 'list = { paht = "/things" }'))

        assert unknown == (
            "line 6: resources.things.list: unknown key 'paht'; allowed: method, params, path, provenance - did you mean path?"
        )
        assert missing == "line 6: resources.things.list: path is missing"

    def test_all_of_it_is_told_at_once_in_the_order_of_the_file(self):
        text = SMALL.replace('vendor = "acme"', 'vendor = "Acme Inc"').replace('"/things"', "7") + "[pagination]\n"

        told = problems(text)

        assert [line.partition(":")[0] for line in told] == ["line 1", "line 6", "line 7"]
        with pytest.raises(ConfigError, match=r"the declaration has 3 problems:\n  \(1\) line 1: vendor: "):
            read(text)

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ('vendor = "acme"\n', "", "vendor is missing"),
            ('"header",', '"headers",', "line 3: auth.kind: expected one of header, query, exchange"),
            (', header = "X-Token" }', " }", "line 3: auth: header is missing"),
            ('"X-Token"', '"X Token"', "line 3: auth.header: expected the name of a header"),
            ('"/things"', '"things"', "line 6: resources.things.list.path: expected a path below base_url"),
            ('"/things"', '"https://evil.example/"', "line 6: resources.things.list.path: expected a path"),
            ("resources.things", "resources.Things", "line 5: resources.Things: expected a name of small letters"),
            ("https://api", "ftp://api", "line 2: base_url: expected a URL"),
            ("[resources", "paging = 7\n[resources", "line 5: paging: expected a table with a kind"),
            ("[resources", "records = '/a'\n[resources", "line 5: records: expected a list"),
            ("[resources", "records = ['a.b']\n[resources", "line 5: records[0]: expected a JSON pointer"),
            (
                "[resources",
                "[[windows]]\nlimit = 0\nper = 1\n[resources",
                "line 6: windows[0].limit: expected at least 1",
            ),
            (
                "[resources",
                "[[windows]]\nlimit = true\nper = 1\n[resources",
                "line 6: windows[0].limit: expected a whole",
            ),
            ("[resources", "source = { read_on = 'May' }\n[resources", "line 5: source.read_on: expected a day"),
            ("[resources", "tokens.settle = inf\n[resources", "line 5: tokens.settle: expected a finite number"),
            ("[resources", "tokens.settle = nan\n[resources", "line 5: tokens.settle: expected a finite number"),
            (
                "[resources",
                f"tokens.settle = 1{'0' * 400}\n[resources",
                "line 5: tokens.settle: expected a finite number",
            ),
            (
                "[resources",
                "windows = [{ limit = 1, per = inf }]\n[resources",
                "line 5: windows[0].per: expected a finite number",
            ),
        ],
    )
    def test_what_does_not_fit_is_told_with_what_would(self, old, new, told):
        found = problems(SMALL.replace(old, new, 1))

        assert len(found) == 1
        assert found[0].startswith(told)

    @pytest.mark.parametrize(
        ("auth", "told"),
        [
            (
                "{ kind = 'oauth_client_credentials', token_url = 'https://api.acme.example:abc/token' }",
                "line 3: auth.token_url: it lies in another origin",
            ),
            (
                "{ kind = 'oauth_password', token_url = 'https://login.example/token' }",
                "line 3: auth.token_url: it lies in another origin than base_url, where credentials are never sent",
            ),
            (
                (
                    "{ kind = 'exchange', header = 'X', login = { path = 'http://api.acme.example/login', token_in = 'body', "
                    "token_name = 'key', token_at = '/token' } }"
                ),
                "line 3: auth.login.path: it lies in another origin",
            ),
            (
                (
                    "{ kind = 'exchange', header = 'X', login = { path = '/login', token_in = 'body', token_name = 'key', "
                    "token_at = '/token', expires_in = '/lives', expires_at = '/ends' } }"
                ),
                "line 3: auth.login: say once how long the token lives",
            ),
            (
                (
                    "{ kind = 'exchange', header = 'X', login = { method = 'GET', path = '/login', token_in = 'body', "
                    "token_name = 'key', token_at = '/token' } }"
                ),
                "line 3: auth.login: a GET has no body",
            ),
        ],
    )
    def test_a_login_that_cannot_be_meant_is_told(self, auth, told):
        found = problems(SMALL.replace('{ kind = "header", header = "X-Token" }', auth))

        assert len(found) == 1
        assert found[0].startswith(told)

    @pytest.mark.parametrize("host", ["api.acme.example", "api.acme.example:443"])
    def test_a_login_in_the_same_origin_may_be_a_whole_address(self, host):
        auth = f"{{ kind = 'oauth_password', token_url = 'https://{host}/oauth/token' }}"

        assert read(SMALL.replace('{ kind = "header", header = "X-Token" }', auth)).auth.token_url.startswith("https:")

    @pytest.mark.parametrize(
        ("roles", "told"),
        [
            ("updated = 'changed'", ".updated: it names none of the resource's fields"),
            ("updated = 'state'", ".updated: its field is one of date, datetime"),
            ("deleted = 'state'", ".deleted: its field is one of date, datetime, flag"),
            ("updated_filter = 'state'", ".updated_filter: its parameter is a date or a datetime, and a single one"),
            ("updated_filter = 'days'", ".updated_filter: its parameter is a date or a datetime, and a single one"),
        ],
    )
    def test_a_field_or_parameter_that_does_not_fit_its_role_is_told(self, roles, told):
        things = (
            f"[resources.things]\n{roles}\nfields = {{ state = 'text' }}\n"
            "list = { path = '/things', params = { state = 'text', days = { type = 'date', array = true } } }\n"
        )

        assert problems(SMALL.partition("[")[0] + things) == (f"line 6: resources.things{told}",)

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            (
                "state = { type = 'text', name = 'class' }",
                "no field can have this name, which is a word of Python's own",
            ),
            (
                "state = { type = 'text', name = 'extra' }",
                "no field can have this name, which records use for something else",
            ),
            (
                "state = { type = 'text', name = 'self' }",
                "no field can have this name, which records use for something else",
            ),
            ("state = { type = 'text', name = 'total' }\ntotal = 'text'", "the field 'total' has this name already"),
            (
                "sum = { type = 'text', name = 'a' }\nstate = { type = 'text', name = 'a' }",
                "the field 'sum' has this name",
            ),
            ("state = { type = 'text', name = 'thing_id' }", "the field 'thingId' has this name already"),
        ],
    )
    def test_a_field_s_own_name_that_is_taken_is_told_and_no_other_taken_instead(self, fields, told):
        text = f"{SMALL}id = 'thingId'\n[resources.things.fields]\n{fields}\n"
        line = text[: text.index("state")].count("\n") + 1

        (found,) = problems(text)

        assert found.startswith(f"line {line}: resources.things.fields.state.name: {told}")

    def test_a_mapping_has_no_lines(self):
        assert problems({**tomllib.loads(SMALL), "vendr": "x"}) == (
            next(line for line in problems(SMALL.replace("base_url", "vendr = 'x'\nbase_url"))).removeprefix(
                "line 2: "
            ),
        )

    def test_broken_toml_is_told_with_its_place(self):
        with pytest.raises(DeclarationError, match=r"is not TOML: .*line 1") as caught:
            read("vendor = \nbase_url = 1")

        assert caught.value.__context__ is None

    def test_a_file_that_is_not_there_is_told(self, tmp_path):
        with pytest.raises(ConfigError, match=r"missing\.toml cannot be read: No such file"):
            read(tmp_path / "missing.toml")

    def test_a_file_that_is_no_text_is_told(self, tmp_path):
        file = tmp_path / "acme.toml"
        file.write_bytes(b"\xff\xfe\x00")

        with pytest.raises(ConfigError, match="not UTF-8"):
            read(file)

    def test_the_error_survives_a_pickle(self):
        with pytest.raises(DeclarationError) as caught:
            read(SMALL + "x = 1\n")

        copied = pickle.loads(pickle.dumps(caught.value))
        assert (str(copied), copied.problems) == (str(caught.value), caught.value.problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
TABLES = tomllib.loads(SMALL)


@given(st.dictionaries(st.sampled_from(["vendor", "auth", "paging", "resources", "windows", "records", "x"]), JSON))
def test_whatever_stands_in_a_file_is_read_or_refused_with_reasons(changes):
    try:
        vendor = read({**TABLES, **changes}).vendor
    except DeclarationError as error:
        told = error.problems
    else:
        told = (vendor,)
        # `None` is what a mapping says of a key that it has not.
        assert vendor == (changes.get("vendor") or "acme")

    assert told


@given(st.text(max_size=40))
def test_whatever_a_text_holds_is_no_traceback(text):
    with pytest.raises(DeclarationError):
        read(text + "\n")


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("updatedAt", "updated_at"),
        ("clientIds[]", "client_ids"),
        ("class", "class_"),
        ("extra", "extra_"),
        ("2fa", "n2fa"),
        ("_id", "id"),
        ("HTTPStatus", "http_status"),
        ("valor-total", "valor_total"),
        ("ñ", "n"),
    ],
)
def test_a_vendors_name_becomes_one_of_pythons(wire, name):
    assert python_name(wire, frozenset({"extra"})) == name


@given(st.text(max_size=12))
def test_every_name_is_an_identifier(wire):
    name = python_name(wire)

    assert name.isidentifier()
    assert not name.startswith("_")


def test_the_example_is_json_too():
    assert plainly(read(json.loads(json.dumps(tomllib.loads(TEXT), default=str)))) == plainly(read(TEXT))
