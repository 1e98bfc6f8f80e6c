"""One login for all processes: what is kept is used, what is spent never again, and of two the first stays."""

from __future__ import annotations

import asyncio
import json
import traceback

import attrs
import pytest

from sagicc_async.errors import ConfigError, CredentialsRejected, ServerError
from sagicc_async.secrets import Secret, digest
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.cache import StoredToken, winner
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.memory import MemoryCoordinator
from sagicc_async.tokens.reuse import Issued, Reuse
from sagicc_async.tokens.slot import Token

CANARY = "canary-71ce"
KEY = "00ff"


def stored(value: str, *, refresh: str | None = None, expires_at: float | None = None, at: float = 0.0) -> StoredToken:
    return StoredToken(
        value=Secret(value), refresh=refresh and Secret(refresh), expires_at=expires_at, stored_at=float(at)
    )


@attrs.define(eq=False)
class Shelf:
    """A cache in memory, which other processes use too."""

    kept: dict[str, StoredToken] = attrs.field(factory=dict)
    done: list[str] = attrs.field(factory=list)

    async def load(self, key):
        self.done.append("load")
        return self.kept.get(key)

    async def close(self):
        """Nothing to let go of."""

    async def store(self, key, token, replaces):
        self.done.append("store")
        self.kept[key] = winner(self.kept.get(key), token, replaces)
        return self.kept[key]

    async def drop(self, key, token):
        self.done.append("drop")
        if self.kept.get(key) == token:
            del self.kept[key]


@attrs.define(eq=False)
class Process:
    """One of several processes that share a cache."""

    cache: Shelf
    clock: object
    coordinator: object
    name: str = "mine"
    lives: float | None = 100.0
    by_login: bool = True
    cacheable: bool = True
    fails: list[Exception] = attrs.field(factory=list)
    meanwhile: object = lambda: None
    asked: list[Token | None] = attrs.field(factory=list)
    reuse: Reuse = attrs.field(init=False)

    def __attrs_post_init__(self):
        self.reuse = Reuse(self.cache, self.coordinator, self.clock, leeway=10)

    async def issue(self, spent):
        self.asked.append(spent)
        self.meanwhile()
        if self.fails:
            raise self.fails.pop(0)
        number = len(self.asked)
        pair = Secret(f"{self.name}-{number}"), self.lives, Secret(f"{self.name}-refresh-{number}")
        token = Token(*pair, cacheable=self.cacheable)
        return Issued(token, by_login=self.by_login)

    async def get(self, spent=None):
        return await self.reuse.token(KEY, spent, self.issue)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def coordinator(manual_clock) -> MemoryCoordinator:
    """Both processes agree on who logs in; where a test has them log in at once, the other one's turn was over."""
    return MemoryCoordinator(manual_clock)


@pytest.fixture
def mine(shelf, manual_clock, coordinator) -> Process:
    return Process(shelf, manual_clock, coordinator)


@pytest.fixture
def other(shelf, manual_clock, coordinator) -> Process:
    return Process(shelf, manual_clock, coordinator, name="other")


def value(token: Token | StoredToken) -> str:
    return token.value.reveal()


async def test_what_another_process_got_is_used_without_a_login_for_what_is_left_of_its_life(mine, other, manual_clock):
    token = await other.get()
    await manual_clock.advance(40)

    assert await mine.get() == Token(token.value, 60, token.refresh, cached=True)
    assert (mine.asked, token.cached) == ([], False)


@pytest.mark.parametrize("lives", [None, 0.0, -1.0, float("nan")])
async def test_a_life_that_the_vendor_does_not_tell_has_no_end(mine, other, manual_clock, lives):
    other.lives = lives
    token = await other.get()
    await manual_clock.advance(1_000_000)

    assert await mine.get() == Token(token.value, None, token.refresh, cached=True)


@pytest.mark.parametrize(("after", "asks"), [(89, False), (90, True), (200, True)])
async def test_a_token_that_is_nearly_over_is_left_alone_and_its_refresh_token_is_used(
    mine, other, manual_clock, after, asks
):
    await other.get()
    await manual_clock.advance(after)

    await mine.get()

    assert [value(pair) for pair in mine.asked] == (["other-1"] if asks else [])
    assert [pair.refresh.reveal() for pair in mine.asked] == (["other-refresh-1"] if asks else [])


async def test_a_spent_token_is_never_handed_out_again(mine, shelf):
    first = await mine.get()

    second = await mine.get(first)

    assert mine.asked == [None, attrs.evolve(first, lives=None, cached=True)]
    assert value(second) == value(shelf.kept[KEY]) == "mine-2"


async def test_a_token_that_another_process_renewed_is_taken_for_the_spent_one(mine, other):
    first = await mine.get()
    await other.get(await other.get())

    assert value(await mine.get(first)) == "other-1"
    assert mine.asked == [None]


async def test_a_newer_pair_of_another_process_is_renewed_although_it_is_over_too(mine, other, manual_clock):
    first = await mine.get()
    await manual_clock.advance(50)
    await other.get(first)
    await manual_clock.advance(150)

    await mine.get(first)

    assert value(mine.asked[-1]) == "other-1"


async def test_a_pair_of_ours_that_could_not_be_kept_is_newer_than_what_is_kept(mine, shelf, manual_clock):
    old = stored("old", refresh="old-refresh", expires_at=0, at=0)
    shelf.kept[KEY] = old
    first = await mine.get()
    shelf.kept[KEY] = old  # the disk was full

    await mine.get(first)

    assert mine.asked[-1] is first


async def test_a_pair_is_kept_before_anybody_uses_it(mine, monkeypatch):
    wait = asyncio.Event()

    async def slow(self, key, token, replaces):
        await wait.wait()
        return token

    monkeypatch.setattr(Shelf, "store", slow)
    task = asyncio.create_task(mine.get())
    while not mine.asked:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    wait.set()
    assert value(await task) == "mine-1"


async def test_what_came_without_a_login_is_never_kept(mine, shelf):
    mine.by_login = False

    await mine.get(await mine.get())

    assert set(shelf.done) == {"load"}


async def test_what_may_live_in_memory_alone_is_never_kept_and_leaves_nothing_of_an_earlier_time(mine, shelf):
    mine.cacheable = False
    earlier = Token(Secret("earlier"))
    shelf.kept[KEY] = stored("earlier")

    assert value(await mine.get(earlier)) == "mine-1"
    assert value(await mine.get()) == "mine-2"
    assert shelf.kept == {}
    assert set(shelf.done) == {"load", "drop"}


async def test_of_two_logins_at_once_the_first_that_is_kept_serves_both(mine, other, shelf):
    mine.meanwhile = lambda: shelf.kept.setdefault(KEY, stored("other", expires_at=None))

    token = await mine.get()

    assert (value(token), token.cached, value(shelf.kept[KEY])) == ("other", True, "other")
    assert value(await other.get()) == "other"


async def test_of_processes_that_find_no_token_at_the_same_moment_one_logs_in_for_all(shelf, manual_clock, coordinator):
    processes = [Process(shelf, manual_clock, coordinator, name=f"process-{number}") for number in range(50)]

    tokens = await asyncio.gather(*(process.get() for process in processes))

    assert sum(len(process.asked) for process in processes) == 1
    assert {value(token) for token in tokens} == {value(shelf.kept[KEY])}


async def test_a_login_that_fails_lets_the_next_process_log_in(mine, other):
    mine.fails = [ConnectionError("the network is away")]

    with pytest.raises(ConnectionError):
        await mine.get()

    assert value(await other.get()) == "other-1"


async def test_a_process_that_dies_in_its_login_is_not_waited_for_for_ever(mine, shelf, manual_clock, coordinator):
    died = await coordinator.admit(Scope(key=digest("issue", KEY), max_in_flight=1), lane=KEY, rank=0, hold=20)
    asked = asyncio.create_task(mine.get())

    await manual_clock.advance(19.9)
    assert not asked.done()
    await manual_clock.advance(0.1)

    assert value(asked.result()) == "mine-1"
    died.release(Ending.COMPLETE)


async def test_a_process_that_is_stopped_in_its_login_keeps_its_turn_and_is_not_waited_for(
    mine, other, shelf, manual_clock, coordinator
):
    stopped = await coordinator.admit(Scope(key=digest("issue", KEY), max_in_flight=1), lane=KEY, rank=0, hold=3600)
    asked = [asyncio.create_task(process.get()) for process in (mine, other)]

    await manual_clock.advance(19.9)
    assert not any(task.done() for task in asked)
    await manual_clock.advance(0.1)

    assert [value(task.result()) for task in asked] == [value(shelf.kept[KEY])] * 2
    stopped.release(Ending.COMPLETE)


async def test_the_turn_to_log_in_is_given_back_by_whoever_leaves_while_it_waits(mine, other, coordinator):
    working = await coordinator.admit(Scope(key=digest("issue", KEY), max_in_flight=1), lane=KEY, rank=0, hold=3600)
    leaving, waiting = asyncio.create_task(mine.get()), asyncio.create_task(other.get())
    await asyncio.sleep(0)

    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    working.release(Ending.COMPLETE)

    assert value(await waiting) == "other-1"
    assert mine.asked == []


async def test_the_spent_token_that_another_process_keeps_late_is_overwritten(mine, shelf):
    mine.meanwhile = lambda: shelf.kept.update({KEY: stored("spent")})

    assert value(await mine.get(Token(Secret("spent")))) == value(shelf.kept[KEY]) == "mine-1"


async def test_a_refresh_token_that_another_process_used_up_leads_to_the_pair_that_it_got(mine, shelf, manual_clock):
    first = await mine.get()
    mine.fails = [CredentialsRejected("the refresh token is revoked")]
    mine.meanwhile = lambda: shelf.kept.update({KEY: stored("other", refresh="r", expires_at=manual_clock.wall() + 60)})

    assert await mine.get(first) == Token(Secret("other"), 60, Secret("r"), cached=True)


@pytest.mark.parametrize("kept", [None, "spent", "over"])
async def test_a_refusal_stays_one_where_no_other_process_has_a_token_that_lives(mine, shelf, manual_clock, kept):
    spent = Token(Secret("spent"), refresh=Secret("r"))
    refusal = CredentialsRejected("no")
    mine.fails = [refusal]
    if kept:
        shelf.kept[KEY] = stored(kept, refresh="r", expires_at=0 if kept == "over" else manual_clock.wall() + 60)

    with pytest.raises(CredentialsRejected) as raised:
        await mine.get(spent)

    assert raised.value is refusal
    assert list(shelf.kept) == ([KEY] if kept == "spent" else [])  # what is over and refused is of no use


async def test_a_refused_login_that_used_no_refresh_token_is_not_looked_into(mine, shelf):
    mine.fails = [CredentialsRejected("no")]
    mine.meanwhile = lambda: shelf.kept.update({KEY: stored("other")})

    with pytest.raises(CredentialsRejected):
        await mine.get()


async def test_another_failure_comes_through(mine, shelf):
    mine.fails = [ServerError("down")]

    with pytest.raises(ServerError):
        await mine.get()
    assert set(shelf.done) == {"load"}


A, B, C = stored("a", at=10), stored("b", at=20), stored("c", at=30)


@pytest.mark.parametrize(
    ("kept", "replaces", "wins"),
    [
        (None, None, B),
        (None, A, B),  # dropped meanwhile
        (A, A, B),
        (C, A, C),
        (C, None, C),
        (A, None, A),  # also with an earlier time on it: hosts' clocks differ
        (attrs.evolve(C, expires_at=20.0), A, B),
        (attrs.evolve(C, expires_at=21.0), A, attrs.evolve(C, expires_at=21.0)),
        (attrs.evolve(A, refresh=Secret("new")), A, attrs.evolve(A, refresh=Secret("new"))),
    ],
)
def test_which_of_two_tokens_is_kept(kept, replaces, wins):
    assert winner(kept, B, replaces) == wins


@pytest.mark.parametrize(
    "token", [stored("ñandú 😀 \"'", refresh="r", expires_at=1767225600.123456, at=0.1), stored("a", at=1e10)]
)
def test_a_stored_token_survives_its_json(token):
    assert StoredToken.from_json(token.to_json()) == token
    assert b"\n" not in token.to_json()


def test_the_form_of_a_stored_token_is_a_promise():
    assert json.loads(stored("v", refresh="r", expires_at=2.5, at=1.5).to_json()) == {
        "version": 1,
        "value": "v",
        "refresh": "r",
        "expires_at": 2.5,
        "stored_at": 1.5,
    }


GOOD = {"version": 1, "value": CANARY, "refresh": None, "expires_at": None, "stored_at": 1}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": 2}, "has version 2, this release reads version 1"),
        ({"version": 2, "value": {"parts": [CANARY]}}, "has version 2"),
        ({"version": 0}, "not a stored token"),
        ({"version": CANARY}, "not a stored token"),
        ({"value": None}, "not a stored token"),
        ({"value": ""}, "not a stored token"),
        ({"value": f"{CANARY}\n"}, "not a stored token"),
        ({"refresh": f" {CANARY}"}, "not a stored token"),
        ({"refresh": 5}, "not a stored token"),
        ({"expires_at": CANARY}, "not a stored token"),
        ({"stored_at": None}, "not a stored token"),
    ],
)
def test_what_is_no_stored_token_is_refused_without_quoting_it(changes, says):
    refuse({**GOOD, **changes}, says)


@pytest.mark.parametrize("missing", GOOD)
def test_a_stored_token_is_complete(missing):
    refuse({name: item for name, item in GOOD.items() if name != missing}, "not a stored token")


def refuse(fields: dict, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as raised:
        StoredToken.from_json(json.dumps(fields))
    error = raised.value
    assert CANARY not in "".join(traceback.format_exception(error))
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    assert not any(CANARY in repr(frame.locals) for frame in frames if "sagicc_async/" in frame.filename)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{", b"[" * 100_000, CANARY.encode()])
def test_what_is_no_json_is_no_stored_token(data):
    with pytest.raises(ConfigError, match="not a stored token"):
        StoredToken.from_json(data)


def test_a_stored_token_shows_no_secret():
    token = stored(CANARY, refresh=CANARY)
    assert CANARY not in f"{token} {token!r}"
