"""How is the worker?  ``/livez``, ``/readyz`` and ``/metrics``, from a thread: they answer while the loop is busy."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from stream.ops import serving
from stream.ops.exposition import CONTENT_TYPE
from stream.ops.registry import Metrics
from stream.ops.serving import TEXT, Answer
from stream.worker.clock import elapsed_s
from stream.worker.errors import WorkerError
from stream.worker.watchdog import ANSWERS_S, Vitals

SLOW_LOOP_S = 10.0
"""A loop that has not turned for so long is not alive; the watchdog waits longer before it acts."""


class AddressInUseError(WorkerError):
    """The address of ``--http`` cannot be listened on."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with --http HOST:PORT"
        )


@dataclass(slots=True)
class Health:
    """Why the worker is not alive, or not ready; None: it is."""

    vitals: Vitals
    partitions: int | None = None
    """How many it works off; None: it has not been assigned any yet."""

    def not_alive(self) -> str | None:
        """Asked by ``/livez``."""
        standing = elapsed_s() - self.vitals.turned_at
        return f"the event loop has not turned for {standing:.0f} s" if standing > SLOW_LOOP_S else None

    def not_ready(self) -> str | None:
        """Asked by ``/readyz``: ready is who works off its partitions, or waits for some with nothing left to do."""
        if self.vitals.assigning_since is not None:
            return "partitions are being assigned or recovered"
        if self.partitions is None:
            return "not yet a member of the group"
        silent = elapsed_s() - self.vitals.answered_at
        if silent > ANSWERS_S:
            return f"Kafka has not answered for {silent:.0f} s"
        return self.not_alive()

    def ready(self) -> str:
        """What a worker that is ready says."""
        return f"{self.partitions} partitions" if self.partitions else "standing by, without partitions"


def serve(host: str, port: int, health: Health, metrics: Metrics) -> Callable[[], None]:
    """Listen until the function returned is called; raises AddressInUseError."""
    try:
        return serving.serve(host, port, partial(answer, health=health, metrics=metrics))
    except OSError as error:
        raise AddressInUseError(host, port, error) from error


def answer(path: str, health: Health, metrics: Metrics) -> Answer:
    """For a path."""
    if path == "/metrics":
        return HTTPStatus.OK, CONTENT_TYPE, metrics.text()
    if path == "/livez":
        return _verdict(health.not_alive(), "alive")
    if path == "/readyz":
        return _verdict(health.not_ready(), health.ready())
    return HTTPStatus.NOT_FOUND, TEXT, b"/livez /readyz /metrics\n"


def _verdict(problem: str | None, good: str) -> Answer:
    status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
    return status, TEXT, f"{problem or good}\n".encode()
