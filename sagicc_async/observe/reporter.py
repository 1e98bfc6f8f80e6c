"""Turns what happens into log lines and events."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable

import attrs

from ..errors import ConfigError
from .caller import in_callers_context
from .events import ErrorShareHigh, Event, LateOutcome, RequestFinished, RetryPlanned, ScopePaused, TokenRenewed

requests_log: logging.Logger = logging.getLogger("sagicc_async.requests")
tokens_log: logging.Logger = logging.getLogger("sagicc_async.tokens")

Hook = Callable[[Event], object]


@attrs.define(eq=False)
class Reporter:
    """
    Hands events to hooks and writes one INFO line a request.

    A hook that raises is reported and does not disturb the request. Hooks are called on the loop, so they must not
    block; and, as the log is, in the context of the call that an event is about: they see its context variables.
    """

    _hooks: list[Hook] = attrs.field(factory=list)

    def on(self, hook: Hook) -> Callable[[], None]:
        """
        Add a hook; returns the function that takes it away again.

        Raises:
            ConfigError: It is an `async def`, which nobody would await.
        """
        if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__):
            raise ConfigError(
                "a hook is a plain function: hooks are called on the loop, are not awaited and must not block; "
                "start a task in it, or put the event into a queue"
            )
        self._hooks.append(hook)

        def remove() -> None:
            if hook in self._hooks:
                self._hooks.remove(hook)

        return remove

    @property
    def listening(self) -> bool:
        """Whether anybody would notice a finished request: building the event costs time in a bulk export."""
        return bool(self._hooks) or requests_log.isEnabledFor(logging.INFO)

    def emit(self, event: Event) -> None:
        """Log the event and hand it to every hook."""
        in_callers_context(functools.partial(self._tell, event))

    def _tell(self, event: Event) -> None:
        _log(event)
        for hook in tuple(self._hooks):
            try:
                hook(event)
            except Exception:  # noqa: BLE001 - whatever somebody's hook raises
                requests_log.exception("a hook failed on %s", type(event).__name__)


def _log(event: Event) -> None:
    match event:
        case RequestFinished():
            requests_log.info(
                "%s %s %s status=%s outcome=%s attempt=%d queued=%.3fs took=%.3fs id=%s",
                event.vendor,
                event.account,
                event.operation,
                event.status,
                event.outcome,
                event.attempt,
                event.queued,
                event.seconds,
                event.request_id,
            )
            requests_log.debug("%s %s %d bytes id=%s", event.method, event.path, event.size, event.request_id)
        case RetryPlanned():
            requests_log.debug(
                "%s %s %s attempt %d failed (%s), next in %.2f s id=%s",
                event.vendor,
                event.account,
                event.operation,
                event.attempt,
                event.reason,
                event.wait,
                event.request_id,
            )
        case ScopePaused():
            requests_log.warning(
                "%s %s pauses for %.1f s: %s", event.vendor, event.account, event.seconds, event.reason
            )
        case TokenRenewed():
            tokens_log.info("%s %s uses token generation %d", event.vendor, event.account, event.generation)
        case ErrorShareHigh():
            requests_log.warning(
                "%s %s: %.1f %% of %d requests failed; the vendor blocks users above %.0f %%",
                event.vendor,
                event.account,
                event.share * 100,
                event.requests,
                event.limit * 100,
            )
        case LateOutcome():
            requests_log.log(
                logging.DEBUG if event.repeatable else logging.WARNING,
                "%s %s %s ended after its caller had left: status=%s outcome=%s id=%s",
                event.vendor,
                event.account,
                event.operation,
                event.status,
                event.outcome,
                event.request_id,
            )
