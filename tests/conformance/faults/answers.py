"""Faults in what answers mean, in what is told of them, and in what is left behind."""

from __future__ import annotations

import asyncio
import logging
import re

import aiohttp
import attrs

from sagicc_async import (
    Action,
    OutcomeUnknown,
    ProtocolError,
    Resource,
    Secret,
    ServerError,
    Token,
    ValidationFailed,
    Verdict,
)

from ..bazar import (
    BazarAuth,
    BazarCredentials,
    ThingsResource,
    read_answer,
)
from ..bazar.adapter import login_of
from .planting import bazar, documented, fault, with_auth, with_errors, with_things


@fault
def the_error_map_stumbles():
    def inspect(response):
        response.body.decode()
        return read_answer(response)

    return with_errors(inspect)


@fault
def a_teapot_is_no_error():
    def inspect(response):
        return Verdict(action=Action.ACCEPT) if response.status == 418 else read_answer(response)

    return with_errors(inspect)


@fault
def a_code_is_misunderstood():
    def inspect(response):
        verdict = read_answer(response)
        if verdict is not None and verdict.code == "taken":
            return attrs.evolve(verdict, error=ValidationFailed)
        return verdict

    return with_errors(inspect)


@fault
def a_page_of_html_is_taken_for_done():
    def inspect(response):
        return None if response.ok else read_answer(response)

    return with_errors(inspect)


@fault
def a_gateway_is_taken_for_the_vendor():
    def inspect(response):
        if response.status >= 500:
            return Verdict(action=Action.RETRY, error=ServerError, message="Bazar failed", vendors_own=True)
        return read_answer(response)

    return with_errors(inspect)


@fault
def the_vendors_message_is_ours():
    def inspect(response):
        verdict = read_answer(response)
        if verdict is not None and verdict.errors:
            return attrs.evolve(verdict, message=verdict.errors[0].message)
        return verdict

    return with_errors(inspect)


@fault
def the_answer_to_a_login_is_quoted():
    async def issue(self, credentials, login, spent):
        response = await login(login_of(credentials))
        try:
            return Token(Secret(response.json()["access"]), 3_600)
        except Exception as error:
            raise ProtocolError(f"no token in {response.body!r}") from error

    return with_auth(issue=issue)


@fault
def headers_are_logged():
    def headers(self, credentials, token):
        sent = BazarAuth.headers(self, credentials, token)
        logging.getLogger("bazar").debug("sending %s", sent)
        return sent

    return with_auth(headers=headers)


@fault
def the_key_is_plain_text():
    @attrs.frozen(kw_only=True)
    class PlainCredentials(BazarCredentials):
        """What Bazar's counter hands over."""

        key: str

    return bazar(credentials=PlainCredentials)


@fault
def a_redirect_is_followed_by_hand():
    async def create(self, thing, *, deadline=None, priority=None):
        try:
            return await ThingsResource.create(self, thing, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            found = re.search(r"redirects to (\S+),", str(error.__cause__))
            if found:
                async with aiohttp.ClientSession() as session, session.post(found[1], data=str(thing)):
                    pass
            raise

    return with_things(create=documented(create, ThingsResource.create))


@fault
def a_task_is_left_behind():
    def _stream(self, *given, **options):
        task = asyncio.ensure_future(asyncio.Event().wait())
        _kept.append(task)
        return Resource._stream(self, *given, **options)

    return with_things(_stream=_stream)


_kept = []


@fault
def a_session_is_left_open():
    async def issue(self, credentials, login, spent):
        aiohttp.ClientSession()
        return await BazarAuth.issue(self, credentials, login, spent)

    return with_auth(issue=issue)
