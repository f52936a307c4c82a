"""Is there really no record of a time, where Kafka says that there is none?

Kafka asks the first file of a log that has a record of the time or later, and no other.  Where records were deleted by an offset
(DeleteRecords), a file whose records have all gone stays for some minutes; if that is the one, Kafka finds nothing in it that may
still be read, and answers that there is none, whatever the files behind it hold.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from stream.archive.planning import At, Log
from stream.archive.ranges import Range

LOG_APPEND_TIME = 1
"""Kafka's number for a time that the broker gave: the next record's is no earlier."""
BACK = 100
"""The last record is first looked for among so many offsets, and then among ten times as many: the others may be no records."""

Reading = Callable[[Range], AsyncIterator[tuple[Sequence[Any], int]]]
"""Reads committed records of a range of offsets, some at a time, with the offset that has been reached."""


async def doubted(log: Log, times: Range, read: Reading) -> Log:
    """``log`` with what Kafka did not find of ``times``; raises OffsetOutOfRangeError where it begins later than it says.

    Where a record of the wanted time is there after all, others of that time have been deleted before it, so the time begins in
    what is left at once.  That ``behind`` was not found is of no weight where ``begin`` was: then at most too much is read.
    """
    if log.begin is not None or log.start == 0:
        return log
    kept = log.start, log.stable
    last = await _last(kept, read)
    if last is None or (last.timestamp < times[0] and last.timestamp_type == LOG_APPEND_TIME):
        return log
    first = await _first(kept, times[0], read)
    if first is None:
        return log
    behind = log.behind
    if behind is None and last.timestamp >= times[1]:
        behind = await _first(kept, times[1], read)
    return replace(log, begin=At(log.start, first.timestamp), behind=behind)


async def _first(offsets: Range, at: int, read: Reading) -> At | None:
    """The first record of this time or later."""
    async for records, _reached in read(offsets):
        for record in records:
            if record.timestamp >= at:
                return At(record.offset, record.timestamp)
    return None


async def _last(offsets: Range, read: Reading) -> Any | None:
    """The last record, if there is any."""
    (start, after), back = offsets, BACK
    while True:
        begin, last = max(start, after - back), None
        async for records, _reached in read((begin, after)):
            last = records[-1] if records else last
        if last is not None or begin == start:
            return last
        back *= 10
