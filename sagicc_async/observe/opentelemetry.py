"""
OpenTelemetry: one client span an attempt, and counters of what happens in between.

Only its API is used (`pip install 'sagicc-async[otel]'`): what becomes of spans and counts is the program's own choice, and
without an SDK nothing does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import attrs

from ..errors import ConfigError
from .events import ErrorShareHigh, Event, LateOutcome, RequestFinished, RetryPlanned, ScopePaused, TokenRenewed

try:
    from opentelemetry import metrics, trace
except ImportError as _missing:
    raise ConfigError("spans need OpenTelemetry: pip install 'sagicc-async[otel]'") from _missing

#: What is no span of its own: the names of its counters, and what they count.
_COUNTED: Final[Mapping[type[Event], tuple[str, str]]] = {
    RetryPlanned: ("sagicc_async.retries", "Attempts that failed and were planned again."),
    ScopePaused: ("sagicc_async.pauses", "Rests that a vendor asked for."),
    TokenRenewed: ("sagicc_async.renewals", "Tokens that were issued, or taken over from changed credentials."),
    LateOutcome: ("sagicc_async.late_outcomes", "Requests that ended after their caller had left."),
    ErrorShareHigh: ("sagicc_async.error_share_warnings", "Warnings that a vendor may soon block a user."),
}


class OpenTelemetry:
    """
    A hook that tells OpenTelemetry what happens: `sessions.on(OpenTelemetry())`.

    Each attempt is a client span below the span that was current where the call was made, with the attributes of the
    semantic conventions for HTTP and some of our own (`sagicc_async.vendor`, `.account`, `.operation`, `.request_id`,
    `.attempt`, `.outcome`, `.queued`). A login is below the call that first needed it. Every other event is counted by vendor,
    and noted in the caller's span while that lasts. Neither a query nor a header is in any of it.

    Args:
        tracer_provider: Where spans go; by default the program's own.
        meter_provider: Where counts go; by default the program's own.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer("sagicc_async", tracer_provider=tracer_provider)
        meter = metrics.get_meter("sagicc_async", meter_provider=meter_provider)
        self._counters = {
            kind: meter.create_counter(name, description=meaning) for kind, (name, meaning) in _COUNTED.items()
        }

    def __call__(self, event: Event) -> None:
        """Tell OpenTelemetry of one event, in the context of the caller."""
        if isinstance(event, RequestFinished):
            self._record(event)
        else:
            self._count(event)

    def _record(self, event: RequestFinished) -> None:
        """A span afterwards: an attempt is known when it is over, and it lasted from its grant to its answer."""
        end = time.time_ns()
        span = self._tracer.start_span(
            event.family,
            kind=trace.SpanKind.CLIENT,
            start_time=end - round(event.seconds * 1e9),
            attributes=_described(event),
        )
        if event.outcome != "ok":
            span.set_status(trace.StatusCode.ERROR)
        span.end(end_time=end)

    def _count(self, event: Event) -> None:
        self._counters[type(event)].add(1, {"sagicc_async.vendor": event.vendor})
        span = trace.get_current_span()
        if span.is_recording():
            facts = attrs.asdict(event, recurse=False)
            noted = {f"sagicc_async.{name}": value for name, value in facts.items() if value is not None}
            span.add_event(type(event).__name__, noted)


def _described(event: RequestFinished) -> dict[str, str | int | float]:
    """The attributes of an attempt. Source: OpenTelemetry, semantic conventions for HTTP spans (stable since 1.23)."""
    where = urlsplit(event.url)
    described: dict[str, str | int | float] = {
        "http.request.method": event.method,
        "server.address": where.hostname or "",
        "server.port": where.port or (80 if where.scheme == "http" else 443),
        "url.full": event.url,
        "sagicc_async.vendor": event.vendor,
        "sagicc_async.account": event.account,
        "sagicc_async.operation": event.operation,
        "sagicc_async.request_id": event.request_id,
        "sagicc_async.attempt": event.attempt,
        "sagicc_async.outcome": event.outcome,
        "sagicc_async.queued": event.queued,
    }
    if event.status is not None:
        described["http.response.status_code"] = event.status
    if event.attempt > 1:
        described["http.request.resend_count"] = event.attempt - 1
    if event.outcome != "ok":
        described["error.type"] = event.outcome
    return described
