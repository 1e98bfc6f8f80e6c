"""Credentials come as such, as a mapping, or from a callable of any kind; their values are in no message."""

from __future__ import annotations

import asyncio
import functools
import threading

import attrs
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.secrets import Secret
from sagicc_async.tokens.source import CredentialSource

CANARY = "canary-7f3a9c"


@attrs.frozen
class Login:
    user: str
    password: Secret = attrs.field(converter=Secret)
    zone: str = attrs.field(default="co", validator=attrs.validators.in_(["co", "mx"]))


GOOD = {"user": "ana", "password": CANARY}


async def coroutine_function():
    return GOOD


def sync_function():
    return GOOD


def awaitable_returning():
    return coroutine_function()


async def with_argument(answer):
    return answer


class AsyncCallable:
    async def __call__(self):
        return Login(**GOOD)


@pytest.mark.parametrize(
    "given",
    [
        Login(**GOOD),
        GOOD,
        coroutine_function,
        sync_function,
        awaitable_returning,
        functools.partial(with_argument, GOOD),
        AsyncCallable(),
        lambda: Login(**GOOD),
    ],
)
async def test_credentials_are_read_from_whatever_the_user_has(given):
    assert await CredentialSource(given, Login).read() == Login(**GOOD)


async def test_a_callable_is_asked_lazily_and_each_time_again():
    asked = []
    source = CredentialSource(lambda: asked.append(1) or GOOD, Login)
    assert source.known() is None
    assert asked == []

    await source.read()
    await source.read()

    assert asked == [1, 1]


async def test_a_sync_callable_may_block_without_stopping_the_loop():
    seen = threading.Event()
    source = CredentialSource(lambda: GOOD if seen.wait(20) else None, Login)
    task = asyncio.create_task(source.read())
    await asyncio.sleep(0)

    seen.set()  # would never happen if the callable ran on the loop

    assert await task == Login(**GOOD)


@pytest.mark.parametrize("given", [Login(**GOOD), GOOD])
def test_credentials_given_as_such_are_known_before_anything_is_asked(given):
    assert CredentialSource(given, Login).known() == Login(**GOOD)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda: None, "credentials must be Login, a mapping or a callable, not NoneType"),
        (CANARY, "not str"),
        ({"user": "ana"}, "Login needs password"),
        ({**GOOD, "pasword": CANARY}, "Login has no field pasword; it has user, password, zone"),
        ({**GOOD, 7: CANARY}, "Login has no field 7"),
        ({**GOOD, "password": f" {CANARY} "}, "white space"),
        ({**GOOD, "password": 5}, "a secret must be text"),
        ({**GOOD, "zone": CANARY}, "Login needs other values"),
    ],
)
async def test_credentials_of_another_shape_are_refused_without_their_values(given, says):
    with pytest.raises(ConfigError) as caught:
        await CredentialSource(given, Login).read()

    assert says in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_source_does_not_print_what_it_was_given():
    assert CANARY not in repr(CredentialSource(GOOD, Login))


async def test_the_error_of_a_callable_reaches_its_caller():
    def vault() -> None:
        raise OSError("vault is sealed")

    with pytest.raises(OSError, match="sealed"):
        await CredentialSource(vault, Login).read()
