"""A secret shows itself to nobody, and what stands for it is the same on every host and in every release."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import string
import traceback
from urllib.parse import quote, quote_plus

import attrs
import cattrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.errors import ConfigError
from sagicc_async.secrets import REDACTED, Secret, digest, fingerprint, scrub, secrets_of

CANARY = "canary-4d1f0e"


@attrs.frozen
class Credentials:
    user: str
    token: Secret = attrs.field(converter=Secret)
    spare: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(Secret))


SECRET = Secret(CANARY)
LOGIN = Credentials("ana", CANARY)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        lambda it: f"{it} {it!r} {it!s}",
        lambda it: "%s %r" % (it, it),  # noqa: UP031 - the old way has to be safe too
        lambda it: "{} {!r}".format(it, it),  # noqa: UP032 - the same
        lambda it: str([it, {"token": it}, (it,)]),
        pprint.pformat,
        lambda it: repr(attrs.asdict(it) if attrs.has(type(it)) else it),
        lambda it: repr(attrs.astuple(it) if attrs.has(type(it)) else it),
        lambda it: repr(cattrs.Converter().unstructure(it)),
        lambda it: json.dumps(it, default=str),
        lambda it: repr(copy.copy(it)) + repr(copy.deepcopy(it)),
        lambda it: logging.LogRecord("x", 10, "f", 1, "%s %r", (it, it), None).getMessage(),
        lambda it: repr(KeyError(it)) + str(ValueError(it)),
        lambda it: string.Template("$it").substitute(it=it),
    ],
)
@pytest.mark.parametrize("it", [SECRET, LOGIN], ids=["secret", "credentials"])
def test_no_way_of_showing_shows_a_secret(show, it):
    shown = show(it)

    assert "canary" not in shown
    assert REDACTED in shown


def test_a_format_applies_to_what_stands_for_the_secret():
    assert f"{SECRET:>12}" == f"{REDACTED:>12}"


@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        msgspec.json.encode,
        msgspec.to_builtins,
        lambda it: ",".join([it] * 2),
        lambda it: "x" + it,
        lambda it: [pickle.dumps(it, protocol) for protocol in range(6)],
        vars,
        list,
        bytes,
    ],
)
def test_what_would_have_to_write_a_secret_out_refuses_without_showing_it(write):
    with pytest.raises(TypeError) as caught:
        write(SECRET)

    assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_with_a_way_out(protocol):
    with pytest.raises(TypeError, match="env:NAME"):
        pickle.dumps(LOGIN, protocol)


def test_reveal_gives_the_text():
    assert SECRET.reveal() == Secret(SECRET).reveal() == LOGIN.token.reveal() == CANARY


def test_secrets_are_equal_by_their_text_and_to_no_plain_text():
    assert Secret("ñandú") == Secret("ñandú")
    assert hash(Secret(CANARY)) == hash(SECRET)
    assert Secret("other") != SECRET
    assert SECRET != CANARY
    assert {SECRET: 1}[Secret(CANARY)] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        f" {CANARY}",
        f"{CANARY}\n",
        f"{CANARY}\r\nX-Evil: 1",
        "can\tary",
        "can\x00ary",
        "can\x7fary",
        "can\udc80ary",
    ],
)
def test_a_text_that_cannot_be_a_secret_is_refused_without_showing_it(wrong):
    with pytest.raises(ConfigError) as caught:
        Secret(wrong)

    assert "can" not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 5, b"bytes"])
def test_a_secret_is_text(wrong):
    with pytest.raises(ConfigError, match=f"not {type(wrong).__name__}"):
        Secret(wrong)


# Lease keys, window keys and cache names on every host of every user: these values are a public promise. If this test
# fails, the code is wrong and not the test.
GOLDEN = [
    (("lease", "serpi", "token-1"), "2498cde566ee4b2acf07702ee4699141"),
    (("window", "serpi", "token-1"), "43f680d8ce7ada79c3124d9d4aa4169a"),
    (("lease", "serpi", "token-1", ""), "ef5acb010c48c3a08585b26304d5886a"),
    (("lease",), "e27aab7370ccfeb98559c7816c3d9c04"),
    (("fingerprint", "ñandú 🦤"), "7f135c9661ac7c56f7e68dc571c0a02e"),
]


@pytest.mark.parametrize(("parts", "expected"), GOLDEN)
def test_digests_are_what_they_were_in_every_release(parts, expected):
    assert digest(*parts) == expected


def test_a_digest_of_a_secret_is_that_of_its_text():
    assert digest("lease", SECRET) == digest("lease", CANARY)
    assert fingerprint(SECRET) == digest("fingerprint", CANARY)[:8]


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_different_parts_never_run_into_each_other(some, others):
    assert (digest("lease", *some) == digest("lease", *others)) == (some == others)


@pytest.mark.parametrize(
    ("some", "others"), [(["ab", "c"], ["a", "bc"]), (["a"], ["a", ""]), (["", "a"], ["a", ""]), ([], [""])]
)
def test_the_border_between_two_parts_counts(some, others):
    assert digest("lease", *some) != digest("lease", *others)


@given(st.text(max_size=40), st.text(max_size=40))
def test_equal_parts_in_two_domains_are_unrelated(one, another):
    assert (digest(one, "x") == digest(another, "x")) == (one == another)


def test_the_secrets_of_credentials_are_found():
    assert secrets_of(LOGIN) == (SECRET,)
    assert secrets_of(Credentials("ana", CANARY, "spare")) == (SECRET, Secret("spare"))
    assert secrets_of("no attrs class") == ()


@pytest.mark.parametrize(
    ("text", "secrets", "clean"),
    [
        ("token abc is bad: abc", ["abc"], f"token {REDACTED} is bad: {REDACTED}"),
        ("nothing here", ["abc"], "nothing here"),
        ("abc", [], "abc"),
        ("key abcdef", ["abc", "abcdef"], f"key {REDACTED}"),
        ("key abcdef", ["abcdef", "abc"], f"key {REDACTED}"),
        ("a.c and abc", ["a.c"], f"{REDACTED} and abc"),
        ("one e two", ["e", "one"], f"{REDACTED} {REDACTED} two"),
        ("key abcde", ["abc", "cde"], f"key {REDACTED}"),  # of two that overlap, nothing is left of either
    ],
)
def test_known_secrets_are_taken_out_of_a_vendors_text(text, secrets, clean):
    assert scrub(text, map(Secret, secrets)) == clean


@pytest.mark.parametrize(
    "form",
    [
        "k4/n+4=r& ñ%x",
        "k4%2Fn%2B4%3Dr%26%20%C3%B1%25x",  # a URL
        "k4%2fn%2b4%3dr%26%20%c3%b1%25x",  # the same in small letters
        "k4/n%2B4%3Dr%26+%C3%B1%25x",  # a form, the slash left alone
        "k4%252Fn%252B4%253Dr%2526%2520%25C3%25B1%2525x",  # a URL inside a URL
        "%6B4%2Fn%2B4%3Dr%26%20%C3%B1%25x",  # even what need not be encoded
    ],
)
def test_a_secret_is_found_in_every_form_that_a_url_may_give_it(form):
    clean = scrub(f"GET /login?token={form}&x=1 failed", [Secret("k4/n+4=r& ñ%x")])

    assert clean == f"GET /login?token={REDACTED}&x=1 failed"


@pytest.mark.parametrize(
    "encode",
    [
        str,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    ],
    ids=["plain", "encoded", "in small letters", "twice", "every character"],
)
def test_a_long_token_is_found_in_every_form_and_nothing_shorter_is(encode):
    token = "".join(f"{number}+/=ñ% a" for number in range(150))

    shown = encode(token)
    assert scrub(f"<{shown}> <{shown[:-1]}>", [Secret(token)]) == f"<{REDACTED}> <{shown[:-1]}>"


TOKENS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)


@given(TOKENS, st.sampled_from([quote, quote_plus, lambda text: quote(quote(text, safe=""), safe="")]))
def test_whatever_the_secret_its_encoded_form_is_taken_out(token, encode):
    assert scrub(f"<{encode(token)}>", [Secret(token)]).strip("<>") == REDACTED


def test_a_text_that_only_looks_like_the_secret_stays():
    assert scrub("ABC a%42c abd", [Secret("abc")]) == "ABC a%42c abd"
