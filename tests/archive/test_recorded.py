"""Are records in blocks the same records?"""

from stream.archive.recorded import BLOCK, Block, Recorded, blocks_of


def recorded(topic: str | None, offset: int) -> Recorded:
    return Recorded(topic, b"key", b"%d" % offset, 0, offset, 7)


def test_each_topic_has_its_block_in_the_order_of_its_log() -> None:
    mixed = [recorded("orders", 3), recorded("ships", 1), recorded("orders", 4)]
    assert list(blocks_of(mixed)) == [
        Block("orders", (b"key", b"key"), (b"3", b"4"), (3, 4)),
        Block("ships", (b"key",), (b"1",), (1,)),
    ]


def test_no_block_is_too_large_and_nothing_is_left_out() -> None:
    blocks = list(blocks_of(recorded(None, offset) for offset in range(BLOCK + 1)))
    assert [len(block.values) for block in blocks] == [BLOCK, 1]
    assert [offset for block in blocks for offset in block.offsets] == list(range(BLOCK + 1))
