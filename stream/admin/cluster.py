"""How are topics looked at, made and changed on a broker?"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from stream.admin.errors import LeftTopicsError, MissingTopicsError, RefusedTopicsError
from stream.admin.plan import Found
from stream.kafka.access import Access
from topics.settings import TopicSettings

OWN_SETTING = 1
"""Kafka's number for a setting that was made for the topic itself, not for the broker."""
LOOK_S = 0.05
LOOKS = 200
"""Ten seconds for all brokers to hear of a new topic, or of one that is no more."""


class Cluster:
    """A connection to a broker on which every topic's name begins with ``prefix``; names asked for are the contract's.

    It is to be opened, and is closed by the end of its ``with``.  Raises aiokafka's ``KafkaError`` where the broker is away.
    """

    def __init__(self, bootstrap: Access, prefix: str) -> None:
        self._prefix = prefix
        self._admin = AIOKafkaAdminClient(**bootstrap.client(), client_id="shopwatch-topics")

    async def open(self) -> Self:
        """Connect."""
        try:
            await self._admin.start()
        except BaseException:
            await self._admin.close()
            raise
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._admin.close()

    async def partitions(self, topics: Collection[str]) -> Mapping[str, int]:
        """How many each topic has; raises MissingTopicsError."""
        counts = await self._counts(topics)
        missing = {self._prefix + topic for topic in topics} - {self._prefix + topic for topic in counts}
        if missing:
            raise MissingTopicsError(missing)
        return counts

    async def found(self, topics: Collection[str]) -> Mapping[str, Found]:
        """The topics that exist, as they are."""
        counts = await self._counts(topics)
        settings = await self._settings(counts)
        return {
            topic: Found(
                count,
                {entry[0]: entry[1] or "" for entry in settings[topic]},
                {entry[0]: entry[1] or "" for entry in settings[topic] if entry[3] == OWN_SETTING},
            )
            for topic, count in counts.items()
        }

    async def create(
        self, topics: Sequence[TopicSettings], partitions: int, replication: int
    ) -> Sequence[TopicSettings]:
        """Make them, and wait until they are there for all to see; returns those that were made.

        One that somebody else made in between is left as it is.  Raises RefusedTopicsError.
        """
        if not topics:
            return []
        answer = await self._admin.create_topics(
            [
                NewTopic(self._prefix + topic.name, partitions, replication, topic_configs=dict(topic.config))
                for topic in topics
            ]
        )
        self._raise_refusals(answer.topic_errors, but=TopicAlreadyExistsError)
        await self._seen([topic.name for topic in topics])
        made = {name for name, code, *_ in answer.topic_errors if not code}
        return [topic for topic in topics if self._prefix + topic.name in made]

    async def change(self, topic: TopicSettings, found: Found) -> None:
        """Put all its settings right, and keep the others of the topic's own; raises RefusedTopicsError."""
        config = {**found.own, **topic.config}
        resource = ConfigResource(ConfigResourceType.TOPIC, self._prefix + topic.name, config)
        for answer in await self._admin.alter_configs([resource]):
            self._raise_refusals((name, code, message) for code, message, _kind, name in answer.resources)

    async def delete(self, topics: Collection[str]) -> None:
        """Do away with them, and wait until they are gone for all to see; one that is not there is no mistake.

        Raises RefusedTopicsError, or LeftTopicsError.
        """
        answer = await self._admin.delete_topics([self._prefix + topic for topic in topics])
        refused = ((name, code, None) for name, code in answer.topic_error_codes)
        self._raise_refusals(refused, but=UnknownTopicOrPartitionError)
        for _ in range(LOOKS):
            if not await self._counts(topics):
                return
            await asyncio.sleep(LOOK_S)
        raise LeftTopicsError(self._prefix + topic for topic in await self._counts(topics))

    async def _counts(self, topics: Collection[str]) -> Mapping[str, int]:
        # All topics are asked for, and none by its name: a broker that makes topics by itself would make it.
        described = {topic["topic"]: topic for topic in await self._admin.describe_topics()}
        names = {topic: self._prefix + topic for topic in topics}
        return {
            topic: len(described[name]["partitions"]) for topic, name in names.items() if name in described
        }

    async def _settings(self, topics: Iterable[str]) -> Mapping[str, Sequence[Any]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, self._prefix + topic) for topic in topics]
        found = {}
        for answer in await self._admin.describe_configs(resources) if resources else []:
            self._raise_refusals((name, code, message) for code, message, _kind, name, _ in answer.resources)
            found.update({name.removeprefix(self._prefix): entries for *_, name, entries in answer.resources})
        return found

    def _raise_refusals(
        self, answers: Iterable[tuple[str, int, str | None]], but: type[KafkaError] | None = None
    ) -> None:
        refused: dict[str, list[str]] = {}
        for name, code, message in answers:
            kind = for_code(code)
            if code and kind is not but:
                refused.setdefault(message or kind.__name__, []).append(name)
        if refused:
            raise RefusedTopicsError(refused)

    async def _seen(self, topics: Collection[str]) -> None:
        for _ in range(LOOKS):
            with suppress(MissingTopicsError):
                await self.partitions(topics)
                return
            await asyncio.sleep(LOOK_S)
        await self.partitions(topics)
