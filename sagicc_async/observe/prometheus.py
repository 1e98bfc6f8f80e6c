"""Prometheus: what happens, counted and timed, and what `status()` tells at each scrape (`pip install 'sagicc-async[prometheus]'`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..errors import ConfigError
from .events import Event, LateOutcome, RequestFinished, RetryPlanned, ScopePaused, TokenRenewed

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
    from prometheus_client.metrics_core import GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector
except ImportError as _missing:
    raise ConfigError("metrics need prometheus_client: pip install 'sagicc-async[prometheus]'") from _missing

if TYPE_CHECKING:
    from ..manager import SessionManager

#: Seconds: from a quick look-up to a request that an attempt's limit ends, and to an export that waits for its window.
_ANSWERED: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_QUEUED: Final = (0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

#: What is read of `status()`: a gauge's meaning, and what becomes of the accounts of a vendor that have no label.
_GAUGES: Final[Mapping[str, tuple[str, Callable[[Iterable[float]], float]]]] = {
    "queue_waiting": ("Requests that wait for their turn; in each queue once, however many accounts share it.", sum),
    "queue_in_flight": ("Requests that hold a token or left it taken; in each queue once.", sum),
    "queue_paused_seconds": ("For how long everything still rests on the vendor's word.", max),
    "window_used_ratio": ("Share of the fullest window's slots that are taken.", max),
    "token_age_seconds": ("Age of the oldest token.", max),
    "error_share_ratio": ("Highest share of requests that failed, where the vendor blocks users for it.", max),
}


class Prometheus(Collector):
    """
    Metrics of a session manager: `Prometheus(sessions)`.

    Requests by vendor, operation and outcome; how long they took, and how long they were queued; retries, pauses, renewals,
    late outcomes; and as gauges what `sessions.status()` tells when it is scraped, on any thread. A request by path counts under
    its method alone.

    Args:
        sessions: Whose metrics they are; one manager for a registry.
        registry: Where they are scraped.
        accounts: Label everything by account too: as many series as there are accounts.

    Raises:
        ConfigError: The registry has the metrics of a manager already.
    """

    def __init__(
        self, sessions: SessionManager, *, registry: CollectorRegistry = REGISTRY, accounts: bool = False
    ) -> None:
        self._sessions = sessions
        self._registry = registry
        self._labels: tuple[str, ...] = ("vendor", "account") if accounts else ("vendor",)
        # In a registry of its own, so that the caller's takes or leaves them as one.
        self._counted = CollectorRegistry()
        self._requests = self._counter("requests", "Attempts that are over.", "operation", "outcome")
        self._seconds = self._histogram("request_seconds", "From an attempt's grant to its answer.", _ANSWERED)
        self._queued = self._histogram("queued_seconds", "In the queue for token and window.", _QUEUED)
        self._retries = self._counter("retries", "Attempts that failed and were planned again.", "reason")
        self._pauses = self._counter("pauses", "Rests that the vendor asked for.")
        self._renewals = self._counter("renewals", "Tokens that were issued, or taken over from changed credentials.")
        self._late = self._counter("late_outcomes", "Requests that ended after their caller had left.", "outcome")
        try:
            registry.register(self)
        except ValueError:
            raise ConfigError(
                "this registry has the metrics of a session manager already: close() those, or give this one another "
                "registry"
            ) from None
        self._remove: Callable[[], None] | None = sessions.on(self._hear)

    def close(self) -> None:
        """Hear no more of the manager, and take the metrics off the registry. A second call does nothing."""
        if self._remove is not None:
            self._remove()
            self._remove = None
            self._registry.unregister(self)

    def describe(self) -> Iterable[Metric]:
        """What there can be, by which the registry knows that it is there once."""
        return self.collect()

    def collect(self) -> Iterator[Metric]:
        """What there is now."""
        yield from self._counted.collect()
        found = self._found()
        for name, (meaning, together) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"sagicc_async_{name}", meaning, labels=self._labels)
            for (gauged, *labels), values in found.items():
                if gauged == name:
                    gauge.add_metric(labels, together(values))
            yield gauge

    def _hear(self, event: Event) -> None:
        labels = (event.vendor, event.account)[: len(self._labels)]
        match event:
            case RequestFinished():
                self._requests.labels(*labels, event.family, event.outcome).inc()
                self._seconds.labels(*labels, event.family).observe(event.seconds)
                self._queued.labels(*labels, event.family).observe(event.queued)
            case RetryPlanned():
                self._retries.labels(*labels, event.reason).inc()
            case ScopePaused():
                self._pauses.labels(*labels).inc()
            case TokenRenewed():
                self._renewals.labels(*labels).inc()
            case LateOutcome():
                self._late.labels(*labels, event.outcome).inc()
            case _:
                pass  # a share of errors is a gauge

    def _found(self) -> dict[tuple[str, ...], list[float]]:
        """What the accounts' entries in `status()` say, by gauge and labels."""
        found: dict[tuple[str, ...], list[float]] = {}
        queues = set[tuple[str, ...]]()
        for account, entry in self._sessions.status().items():
            labels = tuple(account.split("/", 1))[: len(self._labels)]
            for name, value in _values(entry):
                if name.startswith("queue_"):
                    place = (name, *labels, entry["queue"]["id"])
                    if place in queues:
                        continue
                    queues.add(place)
                found.setdefault((name, *labels), []).append(value)
        return found

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"sagicc_async_{name}", meaning, (*self._labels, *labels), registry=self._counted)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        labels = (*self._labels, "operation")
        return Histogram(f"sagicc_async_{name}", meaning, labels, registry=self._counted, buckets=buckets)


def _values(entry: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What one account's entry has for the gauges."""
    if "age" in entry:
        yield "token_age_seconds", entry["age"]
    if "queue" in entry:
        queue = entry["queue"]
        yield "queue_waiting", queue["waiting"]
        yield "queue_in_flight", queue["in_flight"]
        yield "queue_paused_seconds", queue["paused_for"]
        for window in queue["windows"]:
            yield "window_used_ratio", window["taken"] / window["limit"]
    share = entry.get("error_share", {}).get("share")
    if share is not None:
        yield "error_share_ratio", share
