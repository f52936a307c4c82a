"""Does a worker's log say what is news, and that only once?"""

import logging

from stream.worker.logs import Sparing


def record(text: str, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.consumer", level, "", 0, text, (), None)


def test_of_one_kind_a_message_comes_through_once_a_minute_and_others_do() -> None:
    sparing = Sparing()
    texts = ["Heartbeat failed: %s", "Heartbeat failed: %s", "Commit failed: %s"]
    assert [sparing.filter(record(text)) for text in texts] == [True, False, True]
    assert sparing.filter(record(texts[0], logging.WARNING))


def test_that_a_coordinator_is_not_there_yet_is_no_news() -> None:
    assert not Sparing().filter(record("Group Coordinator Request failed: %s"))
