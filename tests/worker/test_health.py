"""Do the three pages tell the truth?"""

import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from stream.broker.ports import free_port
from stream.ops.catalogue import EVENTS
from stream.ops.registry import Metrics
from stream.worker.clock import elapsed_s
from stream.worker.health import AddressInUseError, Health, answer, serve
from stream.worker.watchdog import Vitals


def vitals(**changes: float) -> Vitals:
    return Vitals(**{"turned_at": elapsed_s(), "answered_at": elapsed_s(), **changes})


def page(path: str, health: Health) -> tuple[int, str]:
    status, _, body = answer(path, health, Metrics())
    return int(status), body.decode().strip()


def test_a_worker_is_alive_before_it_is_ready() -> None:
    health = Health(vitals())
    assert page("/livez", health) == (200, "alive")
    assert page("/readyz", health) == (503, "not yet a member of the group")


def test_a_worker_with_its_partitions_is_ready_and_one_without_stands_by() -> None:
    assert page("/readyz", Health(vitals(), partitions=3)) == (200, "3 partitions")
    assert page("/readyz", Health(vitals(), partitions=0)) == (200, "standing by, without partitions")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assigning_since": 1.0}, "partitions are being assigned or recovered"),
        ({"answered_at": elapsed_s() - 40}, "Kafka has not answered for "),
        ({"turned_at": elapsed_s() - 40}, "the event loop has not turned for "),
    ],
)
def test_a_worker_that_cannot_work_is_not_ready(changes: dict[str, float], said: str) -> None:
    status, text = page("/readyz", Health(vitals(**changes), partitions=3))
    assert status == 503
    assert text.startswith(said)


def test_a_loop_that_stands_still_is_not_alive() -> None:
    assert page("/livez", Health(vitals(turned_at=elapsed_s() - 40)))[0] == 503


@pytest.fixture
def served() -> tuple[int, Metrics, Callable[[], None]]:
    port, metrics = free_port(), Metrics()
    return port, metrics, serve("127.0.0.1", port, Health(vitals()), metrics)


def test_they_are_served_on_loopback(served: tuple[int, Metrics, Callable[[], None]]) -> None:
    port, metrics, stop = served
    try:
        metrics.count(EVENTS, 3, topic="orders", result="joined")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics?x=1") as answered:
            assert b'shopwatch_events_total{result="joined",topic="orders"} 3.0' in answered.read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/table")
    finally:
        stop()


def test_an_address_in_use_is_refused_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUseError, match=f"cannot listen on 127.0.0.1:{port} .*--http HOST:PORT"):
            serve("127.0.0.1", port, Health(vitals()), Metrics())
