"""Faults in the use of tokens, windows and logins."""

from __future__ import annotations

import itertools

from sagicc_async import (
    Action,
    PermissionDenied,
    TokenRules,
    Window,
)

from ..bazar import (
    BazarAuth,
)
from .planting import bazar, fault, with_auth, with_errors


@fault
def no_limit_on_the_token():
    return bazar(rules=TokenRules(settle=20))


@fault
def no_settle():
    return bazar(rules=TokenRules(max_in_flight=2))


@fault
def another_identity_with_each_call():
    count = itertools.count()
    return with_auth(identity=lambda self, credentials, token: (credentials.shop, str(next(count))))


@fault
def a_higher_limit_than_the_vendors():
    limit = classmethod(lambda cls, settings: (Window(3 * settings.limit, per=60, scope="company"),))
    return bazar(windows_for=limit)


@fault
def logins_are_not_counted():
    return bazar(windows_for=classmethod(lambda cls, settings: (Window(settings.limit, per=60, scope="token"),)))


@fault
def every_login_is_made_twice():
    async def issue(self, credentials, login, spent):
        await BazarAuth.issue(self, credentials, login, spent)
        return await BazarAuth.issue(self, credentials, login, spent)

    return with_auth(issue=issue)


@fault
def seconds_are_taken_for_minutes():
    return with_auth(life=lambda self, seconds: seconds * 60.0)


@fault
def a_refused_token_is_a_failure():
    return with_errors(_401=(Action.FAIL, PermissionDenied, "Bazar refuses the token"))


@fault
def the_first_credentials_are_kept():
    class Auth(BazarAuth):
        def __init__(self):
            self.kept = None

        async def issue(self, credentials, login, spent):
            self.kept = self.kept or credentials
            return await super().issue(self.kept, login, spent)

    return bazar(auth_for=classmethod(lambda cls, settings: Auth()))


@fault
def no_hint():
    return with_auth(hint="")
