"""Deadlines, priorities, and URLs."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.errors import ConfigError
from sagicc_async.testing import ManualClock
from sagicc_async.wire import request as module
from sagicc_async.wire.request import (
    Deadline,
    Priority,
    Request,
    Response,
    check_base,
    chosen_priority,
    origin_of,
    safe_url,
    seconds_left,
    seconds_per_page,
)


@pytest.fixture
def clock(monkeypatch) -> ManualClock:
    clock = ManualClock()
    monkeypatch.setattr(module, "_ambient_clock", clock)
    return clock


def pass_seconds(clock: ManualClock, seconds: float) -> None:
    clock.set(now=clock.now() + seconds)


def test_without_a_deadline_there_is_no_limit():
    assert seconds_left(None) is None
    assert seconds_per_page(None) is None


def test_of_nested_deadlines_the_nearest_holds(clock):
    with Deadline(10):
        pass_seconds(clock, 4)
        with Deadline(30):
            assert seconds_left(None) == 6
            assert seconds_left(2) == 2
            assert seconds_left(50) == 6
            assert seconds_left(Deadline(3)) == 3
        with Deadline(1):
            assert seconds_left(None) == 1
        assert seconds_left(None) == 6
    assert seconds_left(None) is None


def test_a_deadline_runs_from_entering_its_context(clock):
    deadline = Deadline(5)
    pass_seconds(clock, 100)
    with deadline:
        assert deadline.remaining() == 5
        pass_seconds(clock, 2)
        assert deadline.remaining() == seconds_left(None) == seconds_left(deadline) == 3


def test_a_deadline_that_is_handed_on_runs_from_its_making_and_may_be_over(clock):
    deadline = Deadline(5)
    pass_seconds(clock, 7)

    assert seconds_left(deadline) == deadline.remaining() == -2


async def test_tasks_that_share_one_deadline_object_have_each_their_own_time(clock):
    """`LIMIT = Deadline(2.5)` at the top of a module, entered by every request of a web server."""
    shared = Deadline(5)
    entered, seen = asyncio.Event(), []

    async def first():
        with shared:
            await entered.wait()
            seen.append((seconds_left(None), shared.remaining()))

    async def second():
        pass_seconds(clock, 4)
        with shared:
            seen.append((seconds_left(None), shared.remaining()))
            entered.set()

    await asyncio.gather(first(), second())

    assert seen == [(5, 5), (1, 1)]
    assert seconds_left(None) is None


def test_a_stream_has_the_whole_of_the_seconds_for_each_page(clock):
    with Deadline(10):
        pass_seconds(clock, 8)
        assert seconds_per_page(None) == 10
        assert seconds_per_page(4) == 4
        assert seconds_per_page(Deadline(20)) == 10


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), True, None, "5", Decimal(5)])
def test_a_deadline_that_is_no_positive_number_is_refused(wrong):
    with pytest.raises(ConfigError, match="greater than 0"):
        Deadline(wrong)


def test_a_deadline_is_left_also_by_an_exception():
    with pytest.raises(KeyError), Deadline(5), Priority.bulk():
        raise KeyError

    assert seconds_left(None) is None
    assert chosen_priority(None, Priority.NORMAL) is Priority.NORMAL


def test_the_innermost_priority_holds_and_the_given_one_before_it():
    with Priority.bulk():
        with Priority.interactive():
            assert chosen_priority(None, Priority.NORMAL) is Priority.INTERACTIVE
            assert chosen_priority(Priority.NORMAL, Priority.BULK) is Priority.NORMAL
        assert chosen_priority(None, Priority.NORMAL) is Priority.BULK
    assert chosen_priority(None, Priority.NORMAL) is Priority.NORMAL


def test_interactive_goes_before_normal_and_normal_before_bulk():
    assert Priority.interactive() < Priority.normal() < Priority.bulk()


async def test_what_one_task_wishes_is_not_another_tasks_wish():
    inside, done = asyncio.Event(), asyncio.Event()

    async def hurried():
        with Priority.interactive(), Deadline(1):
            inside.set()
            await done.wait()
            return chosen_priority(None, Priority.NORMAL)

    task = asyncio.create_task(hurried())
    await inside.wait()
    assert chosen_priority(None, Priority.NORMAL) is Priority.NORMAL
    assert seconds_left(None) is None
    done.set()

    assert await task is Priority.INTERACTIVE


def test_a_context_may_be_left_in_another_copy_than_it_was_entered_in():
    """As an async generator's cleanup does; a context variable's token would raise here."""
    priority, deadline = Priority.bulk(), Deadline(5)

    def enter():
        priority.__enter__()
        deadline.__enter__()

    contextvars.copy_context().run(enter)
    priority.__exit__(None, None, None)
    deadline.__exit__(None, None, None)

    assert chosen_priority(None, Priority.NORMAL) is Priority.NORMAL
    assert seconds_left(None) is None


BASE = "https://vendor.co/api"


@pytest.mark.parametrize(
    ("path", "base", "url"),
    [
        ("CentroCosto", BASE, "https://vendor.co/api/CentroCosto"),
        ("/CentroCosto", BASE + "/", "https://vendor.co/api/CentroCosto"),
        ("//evil.co/x", BASE, "https://vendor.co/api/evil.co/x"),
        ("https://vendor.co/next?page=2", BASE, "https://vendor.co/next?page=2"),
        ("HTTPS://vendor.co/next", BASE, "HTTPS://vendor.co/next"),
        ("go?to=https://a.co/b", BASE, "https://vendor.co/api/go?to=https://a.co/b"),
    ],
)
def test_a_path_lies_below_the_base_url_and_a_whole_url_stands_for_itself(path, base, url):
    assert Request(method="GET", path=path).url(base) == url


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("a b", "a%20b"),
        ("año/7", "a%C3%B1o/7"),
        ("products/7#old", "products/7%23old"),
        ("a%20b/%C3%B1", "a%20b/%C3%B1"),
        ("q?x=ñ&y=a b#c", "q?x=%C3%B1&y=a%20b%23c"),
        ("a:b/(c)'d*[1]~e;f@g!h$i,j+k=l", "a:b/(c)'d*[1]~e;f@g!h$i,j+k=l"),
        ('"<\\>^`{|}', "%22%3C%5C%3E%5E%60%7B%7C%7D"),
        ("٣", "%D9%A3"),
    ],
)
def test_a_path_is_percent_encoded_and_what_is_so_already_stays(path, sent):
    assert (
        Request(method="GET", path=path, params={"p": 1}).url(BASE) == f"{BASE}/{sent}{'&' if '?' in sent else '?'}p=1"
    )
    assert Request(method="GET", path=f"https://españa.co/{path}").url(BASE) == f"https://españa.co/{sent}"


@pytest.mark.parametrize("path", ["x\n", "x\r\nX-Evil: 1", "x\ty", "x\x00", "x\x7f", "https://vendor.co/x\n", "x?a=\n"])
def test_a_path_with_a_control_character_is_refused(path):
    with pytest.raises(ConfigError, match="holds a line break or another control character") as caught:
        Request(method="GET", path=path).url(BASE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://vendor.co/api ", "no blanks or line breaks"),
        (" https://vendor.co/api", "no blanks or line breaks"),
        ("https://vendor.co/api\n", "no blanks or line breaks"),
        ("https://vendor.co/a b", "no blanks or line breaks"),
        (
            "https://vendor.co/api?token=canary",
            r"give https://vendor\.co/api, and parameters with each call \(params=\)",
        ),
        ("https://vendor.co/#/login-canary", r"give https://vendor\.co/,"),
        ("https://vendor.co/año", "percent-encoded"),
        ("https://a..b.example", r"a\.\.b\.example cannot be the name of a host"),
        (f"https://{'a' * 70}.example", "cannot be the name of a host"),
    ],
)
def test_a_base_url_that_no_path_can_be_put_behind_is_refused_and_says_what_to_change(url, says):
    with pytest.raises(ConfigError, match=says) as caught:
        check_base(url, origin_of(url))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url", [BASE, "https://vendor.co", "https://españa.co/api/", "http://[::1]:8080", "https://vendor.co/a%C3%B1o//"]
)
def test_any_other_base_url_will_do(url):
    check_base(url, origin_of(url))


@pytest.mark.parametrize(
    ("path", "params", "query"),
    [
        ("a", {}, ""),
        ("a", {"codigo": None}, ""),
        ("a", {"codigo": "", "limite": None}, "codigo="),
        ("a", {"limite": 50, "pagina": 0}, "limite=50&pagina=0"),
        (
            "a",
            {"nombre": "Peña & Cía", "q": "a=b?c#d/e%f+g"},
            "nombre=Pe%C3%B1a%20%26%20C%C3%ADa&q=a%3Db%3Fc%23d%2Fe%25f%2Bg",
        ),
        ("a", {"ñ&": "1"}, "%C3%B1%26=1"),
        ("a?x=1", {"y": "2"}, "x=1&y=2"),
        ("a", {"z": 1, "a": 2}, "z=1&a=2"),
        ("a", {"digits": "٣"}, "digits=%D9%A3"),
        ("a", {"ids[]": ["1", "a&b"], "z": 2}, "ids%5B%5D=1&ids%5B%5D=a%26b&z=2"),
        ("a", {"ids": []}, ""),
    ],
)
def test_the_query_is_encoded_in_the_order_given(path, params, query):
    url = Request(method="GET", path=path, params=params).url(BASE)

    assert url == f"{BASE}/a{'?' + query if query else ''}"


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers()))
def test_whatever_is_in_a_query_arrives_as_it_was_given(params):
    url = Request(method="GET", path="a", params=params).url(BASE)

    assert url.isascii()
    assert dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) == {k: str(v) for k, v in params.items()}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://vendor.co", ("https", "vendor.co", 443)),
        ("HTTPS://Vendor.CO:443/path?x=1", ("https", "vendor.co", 443)),
        ("http://vendor.co/", ("http", "vendor.co", 80)),
        ("http://127.0.0.1:8080/api", ("http", "127.0.0.1", 8080)),
        ("https://[2001:DB8::1]/api", ("https", "2001:db8::1", 443)),
        ("http://[::1]:8080", ("http", "::1", 8080)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    found = origin_of(url)

    assert (found.scheme, found.host, found.port) == origin


def test_origins_are_equal_however_they_are_spelt():
    assert origin_of("https://vendor.co:443/a") == origin_of("HTTPS://VENDOR.co/b")
    assert origin_of("https://vendor.co") != origin_of("http://vendor.co")
    assert origin_of("https://vendor.co") != origin_of("https://vendor.co:8443")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "vendor.co/api",
        "//vendor.co/api",
        "ftp://vendor.co",
        "https://",
        "https:///api",
        "https://:443",
        "https://vendor.co:port",
        "https://vendor.co:99999",
        "https://[::1",
        "https://ana:canary@vendor.co",
        "https://canary@vendor.co",
        "https://vendor.co\\@evil.co",
    ],
)
def test_what_is_no_origin_is_refused_without_quoting_it(url):
    with pytest.raises(ConfigError, match="base URL") as caught:
        origin_of(url)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("https://vendor.co/api/x", True),
        ("https://VENDOR.co:443/x", True),
        ("https://vendor.co", True),
        ("https://vendor.co.evil.co/api", False),
        ("https://vendor.company/api", False),
        ("https://vendor.co:8443/api", False),
        ("http://vendor.co/api", False),
    ],
)
def test_an_origin_holds_its_own_urls_and_no_others(url, held):
    assert origin_of(BASE).holds(url) is held


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ana:canary@vendor.co:8443/api/x?token=canary#canary", "https://vendor.co:8443/api/x"),
        ("https://vendor.co", "https://vendor.co"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api"),
        ("https://vendor.co:canary/api", "(not a URL)"),
        ("https://[canary", "(not a URL)"),
    ],
)
def test_a_url_is_shown_without_user_query_and_fragment(url, shown):
    assert safe_url(url) == shown


def test_an_answers_numbers_are_exact():
    response = Response(status=200, body=b'{"a":0.1,"b":1e2,"c":12345678901234567890,"d":1.10}')

    assert response.json() == {
        "a": Decimal("0.1"),
        "b": Decimal("1e2"),
        "c": 12345678901234567890,
        "d": Decimal("1.10"),
    }
    assert str(response.json()["d"]) == "1.10"


def test_neither_bodies_nor_headers_are_printed():
    shown = repr(
        (
            Request(method="POST", path="x", body=b"canary", headers={"X": "canary"}),
            Response(status=200, body=b"canary"),
        )
    )

    assert "canary" not in shown


NO_METHODS = [
    "",
    " ",
    "GET ",
    "GE T",
    "GET\r\nX-Evil: 1",
    "GET\n",
    "GET/",
    "mañana",
    "straße",
    "\uff27ET",
    None,
    7,
    b"GET",
]


@pytest.mark.parametrize("wrong", NO_METHODS)
def test_a_method_that_is_none_is_refused_without_quoting_it(wrong):
    with pytest.raises(ConfigError, match=r"^the method of a request is one word of HTTP, such as GET or POST$"):
        Request(method=wrong, path="a")


@pytest.mark.parametrize(
    ("given", "sent"), [("GET", "GET"), ("get", "GET"), ("Purge", "PURGE"), ("M-SEARCH", "M-SEARCH")]
)
def test_a_method_is_sent_in_capitals(given, sent):
    assert Request(method=given, path="a").method == sent


@pytest.mark.parametrize("wrong", [True, 1.5, Decimal("1.50"), date(2026, 1, 1), ("a",), [["a"]]])
def test_a_parameter_that_only_the_vendor_knows_how_to_write_is_refused(wrong):
    with pytest.raises(ConfigError, match=f"parameter desde is text or a whole number, not {type(wrong).__name__}"):
        Request(method="GET", path="a", params={"desde": wrong}).url("https://erp.example")


def test_its_repr_names_parameters_and_shows_no_value():
    """A vendor may take its token as one."""
    shown = repr(Request(method="GET", path="things", params={"token": "canary-5", "page": 2}, body=b"canary-6"))

    assert "canary" not in shown
    assert "['page', 'token']" in shown
