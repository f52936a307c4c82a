"""What does the broker say of topics, offsets and ends?  Questions that have nothing to do with reading events."""

from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code

from stream.kafka.closing import close
from stream.worker.bulk import reader
from stream.worker.settings import Settings


class Observer:
    """An open connection for questions; raises aiokafka's ``KafkaError`` where the broker is away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = AIOKafkaAdminClient(
            **settings.bootstrap.client(), client_id=f"{settings.group.name}-observer"
        )
        self._consumer: AIOKafkaConsumer = reader(settings)

    async def __aenter__(self) -> Self:
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await close(self._consumer.stop())
        await self._admin.close()

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """How many partitions each topic has; those that do not exist are left out.

        Of one that has no leader for a moment the number is known all the same.  Raises where we may not look at them.
        """
        described = await self._admin.describe_topics(list(topics))
        _raise_if_denied((topic["topic"], topic["error_code"]) for topic in described)
        there = [topic for topic in described if topic["error_code"] != UnknownTopicOrPartitionError.errno]
        return {topic["topic"]: len(topic["partitions"]) for topic in there}

    async def cleanup_policies(self, topics: Iterable[str]) -> Mapping[str, str]:
        """Each topic's ``cleanup.policy``; raises where we may not look at them."""
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
        found = {}
        for answer in await self._admin.describe_configs(resources):
            _raise_if_denied((name, code) for code, _message, _kind, name, _entries in answer.resources)
            for _code, _message, _kind, name, entries in answer.resources:
                found[name] = next((entry[1] for entry in entries if entry[0] == "cleanup.policy"), "")
        return found

    async def committed(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the group goes on; partitions without a committed offset are left out."""
        answer = await self._admin.list_consumer_group_offsets(
            self._settings.group.name, partitions=list(partitions)
        )
        return {tp: found.offset for tp, found in answer.items() if found.offset >= 0}

    async def look_for_group(self) -> None:
        """Raises where we may not join it; also where Kafka has begun just now, and keeps no groups yet."""
        await self._admin.find_coordinator(self._settings.group.name)

    async def members(self) -> int:
        """How many workers the group has; none also where it does not exist."""
        (answer,) = await self._admin.describe_consumer_groups([self._settings.group.name])
        (group,) = answer.groups
        error, members = group[0], group[5]
        if error:
            raise for_code(error)
        return len(members)

    async def begins(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where each partition begins now: what lay below it is gone."""
        answer: Mapping[TopicPartition, int] = await self._consumer.beginning_offsets(partitions)
        return answer

    async def ends(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where each partition ends now: below it everything is committed."""
        answer: Mapping[TopicPartition, int] = await self._consumer.end_offsets(partitions)
        return answer


def _raise_if_denied(answers: Iterable[tuple[str, int]]) -> None:
    """By the codes of topics."""
    names = {name for name, code in answers if code == TopicAuthorizationFailedError.errno}
    if names:
        raise TopicAuthorizationFailedError(names)
