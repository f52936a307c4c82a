"""Does docs/contract.md say what the types, the engine and the worker have?"""

import re
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from stream.admin.asyncapi import DEAD_LETTER_HEADERS
from stream.engine.reading import Reason, read_event
from stream.feed.olist import COLUMNS
from stream.worker.dead_letters import HostReason
from topics.alerts import Alert, Counts, Evidence
from topics.catalogue import EVENTS, TOPICS, InputEvent
from topics.fields import Event
from topics.rates import AtRisk, DueOrder, Rates, RuleRates, TierRates
from topics.settings import TopicSettings

TEXT = (Path(__file__).parents[2] / "docs" / "contract.md").read_text("utf-8")
COMMON = {field.encode_name for field in msgspec.structs.fields(Event)}
KINDS = [(topic, kind) for topic, kinds in EVENTS.items() for kind in kinds]


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose first heading is ``first``, cell by cell."""
    lines = iter(TEXT.splitlines())
    assert any(line.startswith(f"| {first} |") for line in lines), f"no table begins with {first}"
    next(lines)
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" |")])
    return found


def fields() -> list[tuple[str, str, str, str, str]]:
    """The table of fields, its empty cells filled."""
    found, topic, kind = [], "", ""
    for first, second, field, required, what in rows("topic | type"):
        topic, kind = first.strip("`") or topic, second.strip("`") or kind
        found.append((topic, kind, field.strip("`"), required, what))
    return found


def test_the_table_of_fields_is_that_of_the_types_in_their_order() -> None:
    expected = [
        (topic, kind.__struct_config__.tag, field.encode_name)
        for topic, kind in KINDS
        for field in msgspec.structs.fields(kind)
        if field.encode_name not in COMMON
    ]
    assert [row[:3] for row in fields()] == expected


def test_the_table_of_fields_says_which_are_required() -> None:
    told = {row[1:3]: row[3] for row in fields()}
    for _, kind in KINDS:
        for field in msgspec.structs.fields(kind):
            if field.encode_name not in COMMON:
                required = told[str(kind.__struct_config__.tag), field.encode_name]
                assert (required == "yes") == field.required, field
    assert told["order_paid", "ship_by"] == "but for virtual goods"


def test_the_table_of_fields_lists_every_value_of_a_list() -> None:
    told = {row[1:3]: row[4] for row in fields()}
    checked = 0
    for _, kind in KINDS:
        for name, hint in get_type_hints(kind).items():
            if get_origin(hint) is Literal:
                listed = re.findall(r"`(\w+)`", told[str(kind.__struct_config__.tag), name])
                assert listed == list(get_args(hint)), name
                checked += 1
    assert checked == 6


def test_the_common_fields_are_those_of_every_event() -> None:
    assert [row[0].strip("`") for row in rows("field | |")] == [
        "type",
        "event_id",
        "shop_id",
        "order_id",
        "occurred_at",
    ]
    assert {"event_id", "shop_id", "order_id", "occurred_at"} == COMMON


def test_the_examples_are_events_one_of_each_type() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    lines = block.splitlines()
    for line in lines:
        read_event(None, None, line.encode())
    types = [type(msgspec.json.decode(line, type=InputEvent)) for line in lines]
    assert types == [kind for _, kind in KINDS]


def test_every_reason_of_a_dead_letter_has_its_row_and_no_other() -> None:
    told = {row[0].strip("`") for row in rows("reason | what was wrong")}
    assert told == {*get_args(Reason), *get_args(HostReason)}


def test_every_header_of_a_dead_letter_has_its_row() -> None:
    told = {name for row in rows("header |") for name in re.findall(r"`([\w.]+)`", row[0])}
    assert told == {*DEAD_LETTER_HEADERS, "original.header.NAME"}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_and_setting_has_its_row(topic: TopicSettings) -> None:
    assert any(line.startswith(f"| `{topic.name}` |") and topic.carries in line for line in TEXT.splitlines())
    if topic.name.endswith(".dlt"):
        return
    for name, setting in topic.settings.items():
        assert f"| `{name}` | `{setting.value}` | {setting.why} |" in TEXT


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        ("field of an alert", (Alert, Counts, Evidence)),
        ("field of rates", (Rates, RuleRates, TierRates, AtRisk, DueOrder)),
    ],
)
def test_every_field_of_what_is_answered_is_named(
    table: str, kinds: tuple[type[msgspec.Struct], ...]
) -> None:
    told = {name for row in rows(table) for cell in row for name in re.findall(r"`(\w+)`", cell)}
    assert {field.name for kind in kinds for field in msgspec.structs.fields(kind)} - told == set()


def test_every_column_of_olist_that_is_read_is_named() -> None:
    told = {name for row in rows("Olist | here") for cell in row for name in re.findall(r"`(\w+)", cell)}
    assert set(COLUMNS) - told == set()
