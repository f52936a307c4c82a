"""Fixtures of the archive's tests on a real Kafka."""

from pathlib import Path

import pytest

from stream.broker import Broker
from tests.archive.scene import Scene
from tests.kafka_fixture import OtherKafka
from tests.worker.rig import Rig


@pytest.fixture
def scene(kafka: Broker | OtherKafka, tmp_path: Path) -> Scene:
    """Topics, made, and a place for an archive of them."""
    scene = Scene(Rig(kafka.address, tmp_path), tmp_path / "archive")
    scene.create()
    return scene
