"""How does the demo make its topics, and do away with them?"""

from aiokafka.errors import KafkaConnectionError

from stream.admin.cluster import Cluster
from stream.cli.demo.errors import NoKafkaError
from stream.kafka.access import Access
from topics.catalogue import TOPICS

REPLICATION = 1
"""A demo is no loss."""


async def create(address: Access, prefix: str, partitions: int) -> None:
    """All topics of the contract, empty; raises NoKafkaError, or an AdminError."""
    try:
        async with await Cluster(address, prefix).open() as cluster:
            await cluster.create(TOPICS, partitions, REPLICATION)
    except KafkaConnectionError:
        raise NoKafkaError(address) from None


async def delete(address: Access, prefix: str) -> None:
    """None of them is left on a Kafka that goes on running; raises aiokafka's KafkaError, or an AdminError."""
    async with await Cluster(address, prefix).open() as cluster:
        await cluster.delete([topic.name for topic in TOPICS])
