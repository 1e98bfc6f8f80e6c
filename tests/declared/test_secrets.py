"""A secret in a resource file is refused and shown nowhere, and what only reads like one is none."""

from __future__ import annotations

import pytest

from sagicc_async.declared.problems import DeclarationError
from sagicc_async.declared.reading import read
from sagicc_async.declared.schema import schema

from .small import SMALL, problems

CANARY = "k4n4r13nv0g3l"
SCHEMA = schema()
#: Keys of the file that are called after a token.
TOKEN_KEYS = sorted(
    {name for table in [SCHEMA, *SCHEMA["$defs"].values()] for name in table["properties"] if "token" in name}
)


@pytest.mark.parametrize(
    "line",
    [
        f'token = "{CANARY}"',
        f'api_key = "{CANARY}"',
        f'password = "{CANARY}"',
        f'senha = "{CANARY}"',
        f'client_secret = "{CANARY}"',
        f'accessToken = {{ value = "{CANARY}" }}',
        f'title = "Bearer {CANARY}"',
        f'title = "eyJhbGciOiJIUzI1NiJ9.{CANARY}"',
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_shown(line):
    text = SMALL.replace("\n\n", f"\n{line}\n\n", 1)

    found = problems(text)

    assert found[0].startswith("line 4: ")
    assert "a secret does not belong into this file" in found[0]
    with pytest.raises(DeclarationError) as caught:
        read(text)
    assert CANARY not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    "secret",
    ["dXNlcjpwYXNz", "dXNlcjpwYXNz+d/c=", "correct-horse-battery-staple", "abcdefghijklmnopqrst", "0123456789ab"],
)
@pytest.mark.parametrize("scheme", ["Basic", "bearer"])
def test_what_looks_like_a_secret_behind_its_scheme_is_refused(scheme, secret):
    (told,) = problems(SMALL.replace('X-Token"', f"X-Token\", hint = 'send {scheme} {secret}'"))

    assert told.startswith("line 3: auth.hint: a secret does not belong into this file")


@pytest.mark.parametrize(
    "hint",
    [
        "Settings > Basic configuration",
        "Basic authentication",
        "Basic authentication/authorization, then Integrations",
        "BASIC CONFIGURATION",
        "a bearer authorization",
    ],
)
def test_words_behind_a_scheme_s_name_are_no_secret(hint):
    assert read(SMALL.replace('X-Token"', f'X-Token", hint = "{hint}"')).auth.hint == hint


@pytest.mark.parametrize("key", TOKEN_KEYS)
@pytest.mark.parametrize("slip", ["", "x", "s"])
def test_a_misspelt_or_misplaced_key_that_is_called_after_a_token_is_no_secret(key, slip):
    (told,) = problems(f"source = {{ {key}{slip} = 'query' }}\n{SMALL}")

    assert told.startswith(f"line 1: source: unknown key '{key}{slip}'; allowed: kind, note")


def test_a_misspelt_token_in_is_told_as_what_it_is():
    login = "{ path = '/login', token_inn = 'query', token_name = 'key', token_at = '/token' }"
    auth = f"{{ kind = 'exchange', header = 'X', login = {login} }}"

    unknown, missing = problems(SMALL.replace('{ kind = "header", header = "X-Token" }', auth))

    assert unknown.endswith(" - did you mean token_in?")
    assert missing == "line 3: auth.login: token_in is missing"


@pytest.mark.parametrize(
    "place",
    [
        f'prefix = "{CANARY} {CANARY}"',
        f'header = "X-Token: {CANARY}"',
        f'kind = "{CANARY}"',
        f'hint = 7, provenance = "{CANARY}"',
    ],
)
def test_no_problem_quotes_a_value(place):
    name = place.partition(" ")[0]
    auth = {"kind": '"header"', "header": '"X-Token"'}
    auth.pop(name, None)
    rest = "".join(f"{key} = {value}, " for key, value in auth.items())
    text = SMALL.replace('{ kind = "header", header = "X-Token" }', f"{{ {rest}{place} }}")

    assert CANARY not in "\n".join(problems(text))


@pytest.mark.parametrize(
    "url",
    [
        f"https://ana:{CANARY}@acme.example",
        f"https://acme.example/?token={CANARY}",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_shown(url):
    (told,) = problems(SMALL.replace("https://api.acme.example", url))

    assert "base_url" in told
    assert CANARY not in told
