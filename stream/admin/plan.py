"""What has to be made or changed so that the topics are as the contract has them?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stream.admin.errors import OtherPartitionsError
from topics.settings import TopicSettings

LISTS = frozenset({"cleanup.policy"})
"""Settings whose value is a list, in any order."""


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is on the broker; ``own`` are the settings that were made for it, ``config`` all that hold."""

    partitions: int
    config: Mapping[str, str]
    own: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting of a topic that is another than the contract's."""

    name: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The topics to make, and those that are there but have to be changed."""

    missing: Sequence[TopicSettings]
    differing: Sequence[tuple[TopicSettings, Sequence[Difference]]]


def plan_of(topics: Sequence[TopicSettings], found: Mapping[str, Found], partitions: int) -> Plan:
    """``found`` are those that exist, by their names in the contract; raises OtherPartitionsError."""
    others = {name: topic.partitions for name, topic in found.items() if topic.partitions != partitions}
    if others:
        raise OtherPartitionsError(others, partitions)
    there = [(topic, differences(topic, found[topic.name])) for topic in topics if topic.name in found]
    return Plan(
        [topic for topic in topics if topic.name not in found],
        [(topic, differing) for topic, differing in there if differing],
    )


def differences(topic: TopicSettings, found: Found) -> Sequence[Difference]:
    """The settings in which ``found`` is not as the contract has it."""
    return [
        Difference(name, found.config.get(name, ""), wanted)
        for name, wanted in topic.config.items()
        if not _same(name, found.config.get(name, ""), wanted)
    ]


def _same(name: str, found: str, wanted: str) -> bool:
    if name in LISTS:
        return set(found.split(",")) == set(wanted.split(","))
    try:
        return float(found) == float(wanted)
    except ValueError:
        return found == wanted
