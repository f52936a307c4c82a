"""Are the events of the benchmarks what they are said to be?"""

from collections import Counter

import pytest

from benchmarks.driving import LATENESS_MS, Drive
from benchmarks.kafka import PARTITIONS, placed
from benchmarks.policies import FILES, policy, text_of
from benchmarks.stream import PEAK_A_SECOND, Stream, Told, flooded, payments, peak, recording
from stream.engine.reading import UnreadableEvent, read_event, topic_of

BOTH = [peak(6_000, 50), recording(6_000, 50)]


@pytest.mark.parametrize("stream", BOTH, ids=["peak", "recording"])
def test_every_event_is_one_of_the_contract_in_the_order_of_time(stream: Stream) -> None:
    told = stream.told()
    events = [read_event(event.topic, event.key, event.value) for event in told]
    assert [topic_of(event) for event in events] == [event.topic for event in told]
    assert [event.occurred_at for event in events] == sorted(event.at for event in told)
    assert abs(len(told) - 6_000) < 300
    assert stream.told() == told, "the same seed, other bytes"


def test_a_peak_is_as_dense_as_it_says() -> None:
    told = peak(40_000, 50).told()
    middle = [event for event in told if 500 <= event.at - told[0].at < 1_500]
    assert abs(len(middle) - PEAK_A_SECOND) < PEAK_A_SECOND / 20


@pytest.mark.parametrize("stream", BOTH, ids=["peak", "recording"])
@pytest.mark.parametrize("name", FILES)
def test_nearly_all_of_it_is_decided_and_alerts_fire(stream: Stream, name: str) -> None:
    told, drive = stream.told(), Drive(policy(text_of(name)))
    spent = drive.all(told)
    assert spent.events == len(told)
    assert drive.engine.clock == told[-1].at - LATENESS_MS
    assert spent.alerts > 0


def test_an_event_is_placed_once_in_the_partition_of_its_shop() -> None:
    told = peak(3_000, 50).told()
    rows = placed(told)
    assert sum(map(len, rows.values())) == len(told)
    places = {(key, partition) for (_, partition), of_place in rows.items() for key, _ in of_place}
    assert len(places) == len({key for key, _ in places})
    assert {partition for _, partition in places} == set(range(PARTITIONS))


def test_in_a_flood_there_is_a_record_that_is_no_event_before_each_event() -> None:
    told = peak(3_000, 50).told()
    flood = flooded(told)
    assert flood[1::2] == told
    reasons = Counter(_refused(record) for record in flood[::2])
    assert set(reasons) == {"not_json", "not_utf8", "unknown_type", "missing_field"}
    assert [(record.topic, record.key) for record in flood[::2]] == [
        (event.topic, event.key) for event in told
    ]
    assert flooded(told) == flood, "the same events, other bytes"


def _refused(record: Told) -> str:
    with pytest.raises(UnreadableEvent) as caught:
        read_event(record.topic, record.key, record.value)
    return caught.value.reason


def test_open_orders_are_paid_and_nothing_more() -> None:
    told = list(payments(500, 20))
    events = [read_event(event.topic, event.key, event.value) for event in told]
    assert len({(event.shop_id, event.order_id) for event in events}) == 500
    assert {type(event.fact).__name__ for event in events} == {"Paid"}
    assert len({event.shop_id for event in events}) == 20
