"""How fast can events be read and decoded, with nothing done about them?  The limit of whatever is written in Python."""

import asyncio
import sys

import msgspec
from aiokafka import AIOKafkaConsumer

from benchmarks.progress import Progress
from topics.catalogue import INPUTS, InputEvent


async def read(address: str, prefix: str, events: int) -> None:
    """All of the input topics behind ``prefix``."""
    progress, decode, read = Progress(events), msgspec.json.Decoder(InputEvent).decode, 0
    consumer = AIOKafkaConsumer(
        *(prefix + topic for topic in INPUTS),
        bootstrap_servers=address,
        group_id=f"{prefix}reading",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        while read < events:
            for records in (await consumer.getmany(timeout_ms=200, max_records=2_000)).values():
                for record in records:
                    decode(record.value)
                read += len(records)
                progress.count(len(records))
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3])))
