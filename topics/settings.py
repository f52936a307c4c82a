"""Which settings does a topic have, and what must stand beside each?"""

from collections.abc import Mapping
from dataclasses import dataclass

MEGABYTE = 1 << 20
DAY = 86_400_000
"""In milliseconds, as Kafka counts retention."""

BROKER_DEFAULT_BYTES = 1_048_588
"""Kafka's own max.message.bytes: a megabyte and the overhead of a batch."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One of Kafka's topic settings; ``why`` is a sentence for whoever is about to change it."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How one topic is created.

    All topics have the same number of partitions (a shop's records are in partition n of each), so that number is not one
    topic's to say; nor is the replication factor, which is the cluster's.
    """

    name: str
    carries: str
    """One sentence for lists and documents."""
    settings: Mapping[str, Setting]
    """By Kafka's names."""

    @property
    def config(self) -> Mapping[str, str]:
        """The settings as Kafka takes them."""
        return {name: setting.value for name, setting in self.settings.items()}

    @property
    def why(self) -> Mapping[str, str]:
        """The reason for each of them."""
        return {name: setting.why for name, setting in self.settings.items()}
