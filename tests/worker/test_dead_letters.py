"""Is a record that cannot be counted kept as it came, with why?"""

from stream.worker.dead_letters import FIRST_PART, Origin, dead_letter
from tests.worker.records import FakeRecord

HERE = Origin("orders", 3)


def record(key: bytes | None, value: bytes | None, *headers: tuple[str, bytes]) -> FakeRecord:
    return FakeRecord(17, 1_700_000_000_000, key, value, headers)


def test_bytes_and_key_and_headers_are_kept_and_the_headers_say_why() -> None:
    letter = dead_letter(HERE, record(b"shop", b"\xff{", ("trace", b"7")), "not_json", "no JSON at byte 0")
    assert (letter.topic, letter.key, letter.value) == ("orders", b"orders/3/17", b"\xff{")
    assert dict(letter.headers) == {
        "reason": b"not_json",
        "detail": b"no JSON at byte 0",
        "topic": b"orders",
        "partition": b"3",
        "offset": b"17",
        "timestamp": b"1700000000000",
        "original.key": b"shop",
        "original.header.trace": b"7",
    }


def test_no_key_and_no_value_stay_none() -> None:
    letter = dead_letter(HERE, record(None, None), "no_value", "a tombstone")
    assert letter.value is None
    assert "original.key" not in dict(letter.headers)


def test_of_a_value_of_more_than_a_megabyte_the_first_part_and_the_length_are_kept() -> None:
    letter = dead_letter(HERE, record(b"shop", b"x" * (FIRST_PART + 1)), "id_too_long", "")
    assert letter.value == b"x" * FIRST_PART
    assert dict(letter.headers)["length"] == b"1000001"
    whole = dead_letter(HERE, record(b"shop", b"x" * FIRST_PART), "id_too_long", "")
    assert "length" not in dict(whole.headers)


def test_huge_keys_details_and_headers_leave_room_for_the_value() -> None:
    headers = [(f"h{number}" * 1_000, b"y" * 1_000_000) for number in range(100)]
    letter = dead_letter(HERE, record(b"k" * 10_000_000, b"v" * FIRST_PART, *headers), "r", "d" * 10_000_000)
    size = sum(len(name) + len(value) for name, value in letter.headers)
    assert size + FIRST_PART + len(letter.key) + 1_000 < 1_048_588
    assert dict(letter.headers)["original.key.length"] == b"10000000"


def test_a_detail_that_is_no_text_is_escaped() -> None:
    letter = dead_letter(HERE, record(b"k", b"v"), "r", "a lone \udcff")
    assert dict(letter.headers)["detail"] == b"a lone \\udcff"
