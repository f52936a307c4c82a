"""Are the schemas fresh, are they schemas, and do they say what the reader says?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from stream.admin.errors import StaleSchemasError
from stream.admin.schemas import ASYNCAPI, SUFFIX, check, files, schemas, write
from stream.engine.reading import UnreadableEvent, read_event
from topics.catalogue import DEAD_LETTERS, EVENTS, INPUTS, TOPICS

DOCS = Path(__file__).parents[2] / "docs"
OWN = ("ledger", "notifications")
"""Topics that nobody reads or writes but who made them."""
PAID: dict[str, Any] = {
    "type": "order_paid",
    "event_id": "e1",
    "shop_id": "s1",
    "order_id": "o1",
    "occurred_at": "2024-01-01T00:00:00Z",
    "ship_by": "2024-01-03T00:00:00+08:00",
    "goods": "physical",
    "ship_from": "310105",
    "ship_to": "440100",
    "items": 1,
    "amount": 1000,
    "currency": "CNY",
}


def valid(name: str, value: object) -> bool:
    return bool(Draft202012Validator(schemas()[name]).is_valid(value))


def read(value: object) -> bool:
    try:
        read_event(None, None, json.dumps(value).encode())
    except UnreadableEvent:
        return False
    return True


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PAID.items() if key != name}


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_files_of_the_docs_are_fresh() -> None:
    check(DOCS / "schemas")


def test_each_stale_file_is_named_and_writing_makes_all_fresh(tmp_path: Path) -> None:
    assert set(write(tmp_path)) == set(files())
    assert write(tmp_path) == []
    (tmp_path / "rates.schema.json").write_text("{}")
    (tmp_path / "alert.schema.json").unlink()
    (tmp_path / "parcel.schema.json").touch()
    with pytest.raises(StaleSchemasError) as caught:
        check(tmp_path)
    told = str(caught.value)
    assert all(
        name in told for name in ("rates.schema.json", "alert.schema.json", "parcel.schema.json (delete it)")
    )
    assert "order_paid" not in told
    assert set(write(tmp_path)) == {"rates.schema.json", "alert.schema.json"}


@pytest.mark.parametrize("name", [name for name in files() if name.endswith(SUFFIX)])
def test_each_is_a_json_schema_whose_references_lead_somewhere(name: str) -> None:
    schema = json.loads(files()[name])
    Draft202012Validator.check_schema(schema)
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_every_event_has_one() -> None:
    tags = {str(kind.__struct_config__.tag) for kinds in EVENTS.values() for kind in kinds}
    assert tags | {"alert", "rates", "policy"} == set(schemas())


@pytest.mark.parametrize(
    ("event", "fine"),
    [
        (PAID, True),
        ({**PAID, "unheard_of": [1]}, True),
        ({**PAID, "category": None}, True),
        ({**without("ship_by"), "goods": "virtual"}, True),
        (without("ship_by"), False),
        ({**PAID, "ship_by": None}, False),
        (without("currency"), False),
        ({**PAID, "amount": -1}, False),
        ({**PAID, "amount": "1000"}, False),
        ({**PAID, "goods": "frozen"}, False),
        ({**PAID, "shop_id": ""}, False),
        ({**PAID, "shop_id": "s" * 257}, False),
    ],
)
def test_a_schema_and_the_reader_agree(event: dict[str, Any], fine: bool) -> None:  # noqa: FBT001
    assert (valid("order_paid", event), read(event)) == (fine, fine)


def test_f2_what_a_schema_cannot_say_of_an_id_its_description_does() -> None:
    assert not read({**PAID, "shop_id": "é" * 129})
    assert valid("order_paid", {**PAID, "shop_id": "é" * 129})
    assert "256 bytes" in schemas()["order_paid"]["properties"]["shop_id"]["description"]


def test_asyncapi_has_a_channel_and_an_operation_for_each_topic_that_others_read_or_write() -> None:
    document = json.loads(files()[ASYNCAPI])
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    told = [topic.name for topic in TOPICS if topic.name not in OWN]
    assert list(document["channels"]) == told
    actions = {
        operation["channel"]["$ref"]: operation["action"] for operation in document["operations"].values()
    }
    assert actions == {f"#/channels/{topic}": "receive" if topic in INPUTS else "send" for topic in told}
    assert set(document["channels"]["orders.dlt"]["messages"]) == {"dead_letter"}
    assert set(DEAD_LETTERS.values()) <= set(told)


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    document = json.loads(files()[ASYNCAPI])
    found = set(references(document))
    assert len(found) > 40
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_an_operation_names_messages_of_its_own_channel() -> None:
    document = json.loads(files()[ASYNCAPI])
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


def test_asyncapi_tells_kafka_what_each_topic_has() -> None:
    document = json.loads(files()[ASYNCAPI])
    for topic in TOPICS:
        if topic.name not in OWN:
            channel = document["channels"][topic.name]
            bound = channel["bindings"]["kafka"]["topicConfiguration"]
            assert ",".join(bound["cleanup.policy"]) == topic.config["cleanup.policy"]
            assert {name: setting["value"] for name, setting in channel["x-settings"].items()} == topic.config


def test_the_payloads_of_asyncapi_are_the_schemas() -> None:
    document = json.loads(files()[ASYNCAPI])
    components = {"$defs": document["components"]["schemas"]}
    text = json.dumps({**components, "$ref": "#/$defs/OrderPaid"}).replace(
        "#/components/schemas/", "#/$defs/"
    )
    validator = Draft202012Validator(json.loads(text))
    assert validator.is_valid(PAID)
    assert not validator.is_valid(without("ship_by"))
