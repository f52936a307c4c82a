"""How is a partition's own transactional producer made?

Its ``transactional.id`` is the group's and the partition's: making it for a new owner aborts or completes what the old
one left, and fences it.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, KafkaConnectionError, KafkaError
from aiokafka.producer.sender import Sender

from stream.worker.settings import Settings
from stream.worker.transaction import Written

MAX_BATCH_BYTES = 512 * 1024
"""A transaction of a busy lane is a few batches of this size, and what costs once a batch is spread; a larger record is one alone."""

LOOKUP_RETRY_S = 0.1


class _PatientSender(Sender):  # type: ignore[misc]  # aiokafka is not typed for us
    """aiokafka's sender, but a connection lost while it looks for a coordinator is no reason to give up.

    Otherwise every worker dies when its broker restarts at the wrong moment.
    """

    async def _find_coordinator(self, coordinator_type: Any, coordinator_key: str) -> Any:
        while True:
            try:
                return await super()._find_coordinator(coordinator_type, coordinator_key)
            except KafkaError as error:
                if not isinstance(error.__cause__, KafkaConnectionError):
                    raise
            await asyncio.sleep(LOOKUP_RETRY_S)


class LaneProducer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka is not typed for us
    """A transactional producer that outlives a broker's restart."""

    def __init__(self, settings: Settings, partition: int) -> None:
        backoff_ms = settings.transactions.retry_backoff_ms
        super().__init__(
            **settings.bootstrap.client(),
            client_id=f"{settings.group.name}-{partition}",
            transactional_id=f"{settings.group.name}-{partition}",
            transaction_timeout_ms=settings.transactions.timeout_ms,
            max_batch_size=MAX_BATCH_BYTES,
            linger_ms=0,
            retry_backoff_ms=backoff_ms,
        )
        self._sender = _PatientSender(
            self.client,
            acks=-1,
            txn_manager=self._txn_manager,
            retry_backoff_ms=backoff_ms,
            message_accumulator=self._message_accumulator,
            request_timeout_ms=self._request_timeout_ms,
        )

    def batch_of(self, rows: Sequence[Written], begin: int, written_at: int) -> tuple[Any, int]:
        """Return a closed batch of the rows from ``begin`` on, as many as it holds, and how many those are.

        Appended one by one, as others do it, a row costs several calls in Python and one in C; here it is the one.
        """
        batch, count = self.create_batch(), 0
        append = batch._builder.append  # noqa: SLF001 - held by tests/worker/test_private_names.py
        for key, value, headers in islice(rows, begin, None):
            if append(count, written_at, key, value, [*headers]) is None:
                break
            count += 1
        batch._relative_offset = count  # noqa: SLF001 - as above
        batch.close()
        return batch, count

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        """As aiokafka's; where an earlier batch has ended the transaction, what was wrong with that is raised, not that it is over."""
        try:
            return await super().send_batch(batch, topic, partition=partition)
        except IllegalOperation:
            over = self._txn_manager.wait_for_transaction_end()
            if over.done():
                over.result()
            raise


async def open_producer(settings: Settings, partition: int) -> LaneProducer:
    """Return a started producer: what an older one of the same partition left open is finished, and it is fenced."""
    producer = LaneProducer(settings, partition)
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer
