"""Is a line of a log whole, in the form that was asked for, and out when the call returns?"""

import json
from pathlib import Path
from typing import TextIO

import pytest

from stream.ops.logs import Form, new_log


@pytest.fixture
def out(tmp_path: Path) -> TextIO:
    return (tmp_path / "log").open("w+")


def lines(form: Form, out: TextIO) -> list[str]:
    log = new_log("worker", form, lambda: 1_700_000_000_123, out)
    log.info("begins")
    log.bind(partition=3).warning('it said "no"\nand 订单 \x1b[31m', topic="orders", offset=17)
    out.seek(0)
    return out.read().splitlines()


def test_json_has_one_object_a_line_with_the_sentence_and_what_it_is_bound_to(out: TextIO) -> None:
    first, second = map(json.loads, lines("json", out))
    assert first == {
        "timestamp": "2023-11-14T22:13:20.123Z",
        "level": "info",
        "service": "worker",
        "event": "begins",
    }
    assert second["event"] == 'it said "no"\nand 订单 \x1b[31m'
    assert {key: second[key] for key in ("level", "topic", "partition", "offset")} == {
        "level": "warning",
        "topic": "orders",
        "partition": 3,
        "offset": 17,
    }


def test_for_people_it_is_a_sentence_of_whoever_says_it_and_nothing_moves_the_cursor(out: TextIO) -> None:
    assert lines("console", out) == [
        "shopwatch worker: begins",
        'shopwatch worker: it said "no"\\x0aand 订单 \\x1b[31m [partition=3 topic=orders offset=17]',
    ]


def test_what_nobody_reads_stops_nobody(out: TextIO) -> None:
    log = new_log("worker", "json", lambda: 0, out)
    out.close()
    log.info("nobody listens")
