"""Does a notifier whose Kafka goes away, and comes back, lose nothing and tell nobody anything twice under another id?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from stream.broker import Broker
from tests.cli.shell import Shell
from tests.cli.test_alerts import put
from tests.kafka_fixture import SETTINGS
from tests.merchant.notify.receiver import Answer, Got, Receiver, receiving
from tests.merchant.notify.stories import resolved
from tests.merchant.notify.test_on_kafka import news, start, subscriptions
from tests.worker.rig import Rig, Running, wait_until

pytestmark = pytest.mark.faults

ANSWER_S = 15
"""Less than a notifier waits for an answer."""


@dataclass
class Scene:
    """A Kafka of its own that may go away, a receiver, and what was told of two shops."""

    broker: Broker
    rig: Rig
    receiver: Receiver

    def start(self, name: str) -> Running:
        """A notifier."""
        return start(self.rig, subscriptions(self.receiver, {"s1": "/s1", "s2": "/s2"}), name)

    def begins(self) -> Running:
        """One that has told of an alert, and waits for an answer to another when its Kafka dies; the answer comes then."""
        running = self.start("first")
        put(self.rig, "alerts", [(0, "a1", news("a1", "s1"))])
        wait_until(lambda: self.ids() == ["a1.firing.0"], 30, running.describe)
        died = Event()
        self.receiver.answers["/s2"] = _answers_after(died)
        put(self.rig, "alerts", [(1, "a2", news("a2", "s2"))])
        wait_until(lambda: self.ids() == ["a1.firing.0", "a2.firing.0"], 30, running.describe)
        self.broker.kill()
        died.set()
        running.wait_for("does not answer; waiting for it")
        return running

    def comes_back(self) -> None:
        """Kafka does, and both alerts are over."""
        self.broker.start()
        over = [(partition, name, resolved(news(name, shop))) for partition, name, shop in ALERTS]
        put(self.rig, "alerts", over)

    def ids(self) -> list[str]:
        """Of all that the receiver got."""
        return [got.id for got in self.receiver.got]


ALERTS = ((0, "a1", "s1"), (1, "a2", "s2"))
OVER = {"a1.resolved.0", "a2.resolved.0"}


def _answers_after(event: Event) -> Callable[[Got], Answer]:
    def answer(_got: Got) -> Answer:
        event.wait(ANSWER_S)
        return 204, {}

    return answer


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Broker(tmp_path / "kafka", settings=SETTINGS) as broker, receiving() as receiver:
        rig = Rig(broker.address, tmp_path)
        assert Shell(rig.address, rig.prefix)("topics", "create", "--partitions", "2").code == 0
        try:
            yield Scene(broker, rig, receiver)
        finally:
            rig.end()


def test_a_kafka_that_is_away_for_a_while_is_told_once_and_each_message_comes_once(scene: Scene) -> None:
    running = scene.begins()
    scene.comes_back()
    wait_until(lambda: set(scene.ids()) >= OVER, 60, running.describe)
    running.wait_for("answers again")
    running.signal(15)
    assert running.wait() == 0, running.describe()
    assert sorted(scene.ids()) == sorted({"a1.firing.0", "a2.firing.0"} | OVER)
    where = f"shopwatch notify: Kafka at {scene.rig.address}"
    assert running.errors == [f"{where} does not answer; waiting for it", f"{where} answers again"]
    assert running.output().startswith("shopwatch notify: stopped: 4 delivered, 0 failed attempts")


def test_one_that_cannot_keep_what_it_has_done_ends_and_the_next_says_the_same_again(scene: Scene) -> None:
    running = scene.begins()
    assert running.wait(90) == 1
    assert running.errors[-1] == (
        "shopwatch notify: Kafka has not committed what must be kept of partition 1 for 60 s; start again when it does"
    )
    second = scene.start("second")
    second.wait_for("no Kafka answers at")
    scene.comes_back()
    wait_until(lambda: set(scene.ids()) >= OVER, 60, second.describe)
    assert sorted(scene.ids()) == sorted(["a1.firing.0", "a2.firing.0", "a2.firing.0", *OVER])
    first, again, over = scene.receiver.at("/s2")
    assert (again.id, again.body) == (first.id, first.body)
    assert over.id == "a2.resolved.0"
    assert len(second.errors) == 1, second.describe()
