"""Are the topics what the contract says?"""

import pytest

from topics.catalogue import DEAD_LETTERS, EVENTS, INPUTS, OF_WORKERS, OUTPUTS, TOPICS
from topics.inputs import MAX_RECORD_BYTES, MAX_VALUE_BYTES
from topics.settings import TopicSettings


def test_there_are_four_inputs_four_outputs_and_a_place_for_the_dead_letters_of_each_input() -> None:
    assert INPUTS == ("orders", "ships", "pickups", "refunds")
    assert OUTPUTS == ("alerts", "rates", "policies", "ledger")
    assert {topic: f"{topic}.dlt" for topic in INPUTS} == DEAD_LETTERS
    assert [*INPUTS, *OUTPUTS, *DEAD_LETTERS.values()] == list(OF_WORKERS)
    assert [topic.name for topic in TOPICS] == [*INPUTS, *OUTPUTS, "notifications", *DEAD_LETTERS.values()]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_says_how_it_is_cleaned_and_what_it_takes_and_why(topic: TopicSettings) -> None:
    assert {"cleanup.policy", "max.message.bytes"} <= set(topic.config)
    assert topic.config["cleanup.policy"] == "compact" or "retention.ms" in topic.config
    assert all(len(why) > 20 for why in topic.why.values())


def test_a_type_belongs_in_one_topic() -> None:
    tags = [kind.__struct_config__.tag for kinds in EVENTS.values() for kind in kinds]
    assert len(tags) == len(set(tags)) == 8


def test_an_event_of_an_input_topic_has_room_for_its_key_beside_the_longest_value() -> None:
    assert MAX_RECORD_BYTES - MAX_VALUE_BYTES >= 256 + 100
