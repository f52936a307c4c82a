"""Is what Kafka still has found where the files before it are there, too, though all their records have been deleted?

Kafka looks for a time in the first file of a log that has it, also where nothing of that file may be read any more, and then
says that there is no such record.
"""

import pytest

from stream.broker import Broker
from tests.archive.scene import DAY, Scene, Sent, T
from tests.kafka_fixture import OtherKafka
from tests.worker.rig import Rig

pytestmark = pytest.mark.kafka

AHEAD = T + 4_000 * DAY
SMALL_FILES = {"segment.bytes": "1048576", "retention.ms": "-1"}
"""The least that Kafka takes."""
BIG = b"x" * 300_000
"""Three of them are a file."""


@pytest.fixture
def scene(kafka: Broker | OtherKafka, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Topics in small files; of ``orders`` the broker gives the times, of ``ships`` who sends."""
    tmp = tmp_path_factory.mktemp("deleted")
    scene = Scene(Rig(kafka.address, tmp), tmp / "archive")
    by_broker = {**SMALL_FILES, "message.timestamp.type": "LogAppendTime"}
    scene.create(orders=by_broker, ships=SMALL_FILES)
    return scene


def sent(topic: str, *times: int) -> list[Sent]:
    return [Sent(topic, 0, at, BIG) for at in times]


def lost(scene: Scene, begin: int, end: int) -> list[str]:
    """Without when it was."""
    return [str(gap).partition(" had gone")[0] for gap in scene.archive(begin, end).gaps]


def offsets(scene: Scene) -> list[tuple[str | None, int]]:
    return [(record.topic, record.offset) for record in scene.recorded()]


def test_what_is_left_is_archived_and_what_was_deleted_is_told(scene: Scene) -> None:
    scene.send(*sent("orders", *range(T, T + 8)), *sent("ships", *range(T, T + 8)))
    for topic in ("orders", "ships"):
        scene.delete(topic, 0, 7)
    assert lost(scene, T, AHEAD) == [f"{topic}, partition 0: offsets 0 to 6" for topic in ("orders", "ships")]
    assert sorted(offsets(scene)) == [("orders", 7), ("ships", 7)]


def test_what_is_older_than_the_wanted_time_is_still_no_gap(scene: Scene) -> None:
    scene.send(*sent("orders", *range(T, T + 8)), *sent("ships", *range(T, T + 8)))
    for topic in ("orders", "ships"):
        scene.delete(topic, 0, 7)
    assert lost(scene, T + 3_000 * DAY, AHEAD) == []
    assert offsets(scene) == []


def test_an_early_one_at_the_end_hides_nothing(scene: Scene) -> None:
    scene.send(*sent("ships", *range(T, T + 8), T - 1))
    scene.delete("ships", 0, 7)
    assert lost(scene, T, AHEAD) == ["ships, partition 0: offsets 0 to 6"]
    assert offsets(scene) == [("ships", 7), ("ships", 8)]


def test_what_was_recorded_after_the_wanted_time_is_left(scene: Scene) -> None:
    scene.send(*sent("ships", *range(T, T + 8)))
    scene.delete("ships", 0, 7)
    assert lost(scene, T, T + 4) == ["ships, partition 0: offsets 0 to 6"]
    assert offsets(scene) == []
