"""Does the watermark never say more than what was read?  (SEMANTICS T2, T3)"""

import random

from hypothesis import given
from hypothesis import strategies as st

from stream.engine.watermark import Watermark

TOPICS = ("orders", "ships", "pickups", "refunds")
LATENESS = 5


def watermark(*, real: bool = False) -> Watermark:
    return Watermark(TOPICS, LATENESS, real)


def test_it_waits_for_every_topic_t2() -> None:
    mine = watermark()
    for topic in TOPICS[:-1]:
        mine.saw(topic, 100)
        assert mine.advance() is None
    mine.saw(TOPICS[-1], 50)
    assert mine.advance() == 50 - LATENESS - 1


def test_a_topic_read_to_its_end_is_not_waited_for_until_there_is_more_t2() -> None:
    mine = watermark()
    mine.saw("orders", 100)
    for topic in TOPICS[1:]:
        mine.ended(topic, asked_at=1)
    assert mine.advance() == 94
    mine.goes_on("ships")
    mine.saw("orders", 200)
    assert mine.advance() == 94
    mine.saw("ships", 150)
    assert mine.advance() == 144


def test_it_never_goes_back_t2() -> None:
    mine = watermark(real=True)
    for topic in TOPICS:
        mine.ended(topic, asked_at=1_000)
    assert mine.advance() == 995
    for topic in TOPICS:
        mine.goes_on(topic)
        mine.saw(topic, 100)
    assert mine.advance() == 995


def test_all_read_the_clock_stands_still_or_is_real_time_less_the_lateness_t3() -> None:
    standing, going = watermark(), watermark(real=True)
    for mine in (standing, going):
        for number, topic in enumerate(TOPICS):
            mine.saw(topic, 100)
            mine.ended(topic, asked_at=1_000 + number)
    assert standing.advance() is None
    assert going.advance() == 1_000 - LATENESS


def test_it_goes_on_from_a_clock_record() -> None:
    mine, again = watermark(), watermark()
    for number, topic in enumerate(TOPICS):
        mine.saw(topic, 100 + number)
    mine.advance()
    again.restore(mine.value, {**mine.newest(), "a topic of another release": 5})
    assert again.value == mine.value
    for topic in TOPICS:
        again.saw(topic, 150)
    assert again.advance() == 144


@given(
    st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(0, 200)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_over_all_interleavings_no_event_within_the_lateness_is_behind_it_t2(
    events: list[tuple[str, int]], dice: random.Random
) -> None:
    """Each topic's events come at most the lateness late; topics come in any mixture, and end at any moment."""
    waiting = {topic: _nearly_sorted([at for name, at in events if name == topic], dice) for topic in TOPICS}
    mine = watermark()
    while any(waiting.values()):
        topic = dice.choice(TOPICS)
        if waiting[topic]:
            at = waiting[topic].pop(0)
            assert mine.value is None or at > mine.value
            mine.saw(topic, at)
        for name in TOPICS:
            if waiting[name]:
                mine.goes_on(name)
            else:
                mine.ended(name, asked_at=0)
        mine.advance()


def _nearly_sorted(times: list[int], dice: random.Random) -> list[int]:
    """In an order in which none comes after one that is newer by more than the lateness."""
    return [at for _, at in sorted((at + dice.uniform(0, LATENESS), at) for at in times)]
