"""Does a worker's log say what is news, that only once, and nothing that is a customer's?"""

import json
import logging
from typing import Any

import pytest

from stream.worker.dead_letters import Origin
from stream.worker.logs import SILENCE_S, DeadLetters, Libraries, Sparing
from tests.worker.records import FakeRecord


class Heard:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, dict[str, Any]]] = []

    def bind(self, **_bound: object) -> "Heard":
        """Nobody asks."""
        return self

    def info(self, event: str, /, **bound: object) -> None:
        """Keep it."""
        self.said.append(("info", event, bound))

    def warning(self, event: str, /, **bound: object) -> None:
        """Keep it."""
        self.said.append(("warning", event, bound))

    def error(self, event: str, /, **bound: object) -> None:
        """Keep it."""
        self.said.append(("error", event, bound))

    critical = error


def record(text: str, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.consumer", level, "", 0, text, (), None)


def read(offset: int, key: bytes | None = b"s1") -> FakeRecord:
    return FakeRecord(offset, 0, key, b"private")


def test_of_one_kind_a_message_comes_through_once_a_minute_and_others_do() -> None:
    sparing = Sparing()
    texts = ["Heartbeat failed: %s", "Heartbeat failed: %s", "Commit failed: %s"]
    assert [sparing.filter(record(text)) for text in texts] == [True, False, True]
    assert sparing.filter(record(texts[0], logging.WARNING))


def test_that_a_coordinator_is_not_there_yet_is_no_news() -> None:
    assert not Sparing().filter(record("Group Coordinator Request failed: %s"))


def test_what_a_library_says_is_one_line_under_its_name() -> None:
    heard = Heard()
    libraries = Libraries(heard)
    libraries.handle(record("it failed:\n  twice"))
    libraries.handle(record("it may fail", logging.WARNING))
    assert heard.said == [
        ("error", "it failed: twice", {"logger": "aiokafka.consumer"}),
        ("warning", "it may fail", {"logger": "aiokafka.consumer"}),
    ]


def test_a_flood_of_dead_letters_is_a_line_a_minute_that_says_how_many_there_were() -> None:
    heard, now = Heard(), 0.0
    dead_letters = DeadLetters(heard, lambda: now)
    for offset in range(100):
        dead_letters(Origin("orders", 3), read(offset), "too_old")
    dead_letters(Origin("ships", 3), read(7), "too_old")
    now = SILENCE_S
    dead_letters(Origin("orders", 3), read(100), "too_old")
    said = [(bound["topic"], bound["offset"], bound.get("untold_before")) for _, _, bound in heard.said]
    assert said == [("orders", 0, None), ("ships", 7, None), ("orders", 100, 99)]


@pytest.mark.parametrize(
    ("reason", "key", "shop"),
    [
        ("too_old", b"s1", "s1"),
        ("wrong_partition", b"s1", "s1"),
        ("too_old", None, None),
        # Whoever keys by something else than the shop may key by a customer.
        ("key_not_shop", b"somebody@mail.example", None),
        ("not_json", b"somebody@mail.example", None),
    ],
)
def test_a_shop_is_named_only_where_the_key_is_known_to_be_one(
    reason: str, key: bytes | None, shop: str | None
) -> None:
    heard = Heard()
    DeadLetters(heard, lambda: 0.0)(Origin("orders", 3), read(17, key), reason)
    ((level, event, bound),) = heard.said
    assert (level, event) == ("warning", f"a record is kept as a dead letter: {reason}")
    more = {} if shop is None else {"shop": shop}
    assert bound == {"reason": reason, "topic": "orders", "partition": 3, "offset": 17, **more}
    assert "private" not in json.dumps(bound)
