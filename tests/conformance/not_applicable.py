"""The checks that do not apply to the adapters of this repository, in one place: vendor -> check -> why."""

from __future__ import annotations

NO_LOGIN = "its tokens come from no login"
MANY_AT_ONCE = "the use of one token by several requests at once is neither limited nor counted"
NO_KEYS = "its samples have no write that takes a key"

NOT_APPLICABLE: dict[str, dict[str, str]] = {
    "operand": {
        "one_token_is_not_used_at_once": MANY_AT_ONCE,
        "a_cancelled_caller_does_not_free_the_token": MANY_AT_ONCE,
        "a_lost_answer_keeps_the_token_for_settle": MANY_AT_ONCE,
        "a_moving_total_is_noticed": "its list has no total",
        "a_bad_value_is_told_by_its_path": "its records have no declared field that takes one type alone",
        "a_token_lives_as_long_as_it_is_said_to": "nothing says how long its tokens live",
        "repeatable_writes_are_sent_again": "its samples have no write that may be repeated",
        "a_key_is_the_same_on_every_try": NO_KEYS,
        "an_unknown_outcome_can_be_looked_up": "the outcome of none of its sample writes can be looked up",
    },
    "serpi": {
        "callers_share_one_login": NO_LOGIN,
        "a_token_lives_as_long_as_it_is_said_to": NO_LOGIN,
        "a_late_refusal_keeps_the_fresh_token": NO_LOGIN,
        "a_moving_total_is_noticed": "its list has no total",
        "repeatable_writes_are_sent_again": "its samples have no write that may be repeated",
        "a_key_is_the_same_on_every_try": NO_KEYS,
        "windows_are_never_exceeded": "it declares no window",
    },
    "sagicc": {
        "one_token_is_not_used_at_once": MANY_AT_ONCE,
        "a_cancelled_caller_does_not_free_the_token": MANY_AT_ONCE,
        "a_lost_answer_keeps_the_token_for_settle": MANY_AT_ONCE,
        "a_bad_value_is_told_by_its_path": "its records have no declared field that takes one type alone",
        "a_key_is_the_same_on_every_try": NO_KEYS,
    },
    "siigo": {
        "one_token_is_not_used_at_once": MANY_AT_ONCE,
        "a_cancelled_caller_does_not_free_the_token": MANY_AT_ONCE,
        "a_lost_answer_keeps_the_token_for_settle": MANY_AT_ONCE,
    },
}
