"""Which rates are written, and how many a second?"""

import orjson

from stream.worker.rates import (
    BEHIND,
    FAR_BEHIND,
    MOST_OF_THE_TIME,
    Budget,
    Waiting,
    encode_rates,
    fingerprint,
)

NOBODY = frozenset[str]()


def test_the_budget_is_what_has_come_together_but_never_more_than_half_a_second() -> None:
    budget = Budget(per_second=100)
    assert budget.allow(1_000, now_s=0.0) == 50
    assert budget.allow(1_000, now_s=0.1) == 10
    assert budget.allow(1_000, now_s=60.0) == 50
    assert budget.allow(0, now_s=61.0) == 0


def test_what_was_not_written_can_be_taken_again() -> None:
    budget = Budget(per_second=100)
    assert budget.allow(50, now_s=0.0) == 50
    budget.spent(50, 30, took_s=0.01)
    assert budget.allow(50, now_s=0.0) == 20


def test_documents_that_take_long_use_up_what_comes_next_so_that_most_of_the_time_is_left() -> None:
    budget = Budget(per_second=100)
    assert budget.allow(50, now_s=0.0) == 50
    budget.spent(50, 1, took_s=1.5)
    assert budget.allow(50, now_s=1.5) == 0
    assert budget.allow(50, now_s=1.5 / MOST_OF_THE_TIME - 0.6) == 0
    assert budget.allow(50, now_s=1.5 / MOST_OF_THE_TIME - 0.295) == 20


def test_who_is_far_behind_gives_documents_less_of_the_time() -> None:
    for lag, share in ((FAR_BEHIND, MOST_OF_THE_TIME), (FAR_BEHIND + 1, BEHIND)):
        budget = Budget(per_second=100)
        assert budget.allow(50, now_s=0.0) == 50
        budget.spent(50, 1, took_s=0.5, lag=lag)
        assert budget.allow(50, now_s=0.5 / share - 0.6) == 0
        assert budget.allow(50, now_s=0.5 / share - 0.295) == 20


def test_shops_in_trouble_go_first_then_those_that_have_waited_longest() -> None:
    waiting = Waiting({"bad"}.__contains__)
    waiting.add(["first", "second"])
    waiting.add(["third", "bad"])
    waiting.add(["first"])
    assert waiting.pick(2) == ["bad", "first"]
    assert waiting.pick(5) == ["second", "third"]
    assert len(waiting) == 0


def test_a_shop_that_gets_into_trouble_while_it_waits_moves_to_the_front_and_waits_once() -> None:
    trouble: set[str] = set()
    waiting = Waiting(trouble.__contains__)
    waiting.add(["a", "b"])
    trouble.add("b")
    waiting.add(["b"])
    assert waiting.pick(9) == ["b", "a"]


def test_what_differs_only_in_when_is_not_written_again() -> None:
    waiting = Waiting(NOBODY.__contains__)
    document = {"shop_id": "s", "as_of": 1, "rules": [{"rate": 0.9}]}
    assert waiting.differs("s", document)
    assert not waiting.differs("s", {**document, "as_of": 2})
    assert waiting.differs("s", {**document, "rules": [{"rate": 0.91}]})


def test_what_the_topic_holds_is_known_after_a_recovery() -> None:
    waiting = Waiting(NOBODY.__contains__)
    document = {"shop_id": "s", "as_of": 1, "rules": [{"rate": 0.9, "bad": 3}]}
    waiting.holds(b"s", encode_rates(document))
    waiting.holds(b"other", b"not JSON")
    assert not waiting.differs("s", {**document, "as_of": 5})
    waiting.holds(b"s", None)
    assert waiting.differs("s", document)


def test_a_document_read_back_has_the_print_of_the_one_that_was_made() -> None:
    made = {"b": [2, {"rate": 0.333333}], "a": "\u00e9", "as_of": "t1", "n": None}
    assert fingerprint(orjson.loads(encode_rates({**made, "as_of": "t2"}))) == fingerprint(made)
    assert fingerprint({**made, "n": 0}) != fingerprint(made)
