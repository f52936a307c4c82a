"""Is where a key belongs asked once, and not remembered of more keys than there is room for?"""

from stream.worker.intake import KEYS_REMEMBERED, Bounds, Intake
from tests.worker.fakes import TinyEngine, read_tiny
from tests.worker.records import FakeRecord, event

FOR_EVER = Bounds(1 << 62, 1 << 62)


def record(shop: str, at: int) -> FakeRecord:
    return FakeRecord(at, 1_000, shop.encode(), event("order_paid", shop, f"o{at}", at))


def test_a_key_that_belongs_here_is_asked_for_once_and_one_that_does_not_every_time() -> None:
    asked: list[bytes] = []

    def belongs(key: bytes) -> int:
        asked.append(key)
        return 0 if key == b"home" else 3

    intake = Intake(read_tiny, TinyEngine().apply, belongs, 0)
    for begin in (1, 10):
        taken = intake.take(
            "orders", [record(shop, begin + n) for n, shop in enumerate(("home", "away") * 2)], FOR_EVER
        )
        assert taken.outcomes == {"joined": 2}
        assert [refused.reason for refused in taken.refused] == ["wrong_partition"] * 2
    assert asked == [b"home", b"away", b"away", b"away", b"away"]


def test_no_more_keys_are_remembered_than_there_is_room_for() -> None:
    asked: list[bytes] = []
    intake = Intake(read_tiny, lambda _event: "joined", asked.append, 0)
    shops = [str(number) for number in range(KEYS_REMEMBERED)]
    records = [FakeRecord(0, 1_000, shop.encode(), b"") for shop in [*shops, "one more", "0", "0"]]
    told = event("order_paid", "s", "o", 1)
    for each in records:
        each.value = told.replace(b'"s"', b'"%b"' % (each.key or b""))
    intake.take("orders", records, FOR_EVER)
    assert len(asked) == KEYS_REMEMBERED + 2
    assert asked.count(b"0") == 2
