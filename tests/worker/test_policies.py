"""May a policy set follow what was in force?"""

import pytest

from stream.worker.errors import HistoryChangeError, UnknownPolicyError, UnreadableLedgerError
from stream.worker.ledger import (
    CLOCK_FORMAT,
    UnreadableClockError,
    decode_clock,
    decode_clock_of,
    encode_clock,
)
from stream.worker.policies import Succession, record_of
from tests.worker.fakes import tiny_policy
from topics.ledger import Clock


def clock(policy: str, decided: int | None = 1_000) -> Clock:
    return Clock(format=CLOCK_FORMAT, group="g", policy=policy, next={}, newest={}, decided=decided)


def succession(text: str = "new", *, changes: tuple[str, ...] = (), rewrite: bool = False) -> Succession:
    return Succession(
        tiny_policy(text), lambda texts: tiny_policy(texts[0]), lambda _old, _new, _at: changes, rewrite
    )


OLD = tiny_policy("old")
ROW = record_of(OLD, 500)
KNOWN = {ROW.key: ROW.value or b""}


def test_the_same_set_and_a_group_that_has_decided_nothing_need_no_look() -> None:
    succession("old", changes=("x",)).check(clock(OLD.digest), {})
    succession(changes=("x",)).check(clock(OLD.digest, None), {})


def test_a_set_that_changes_nothing_before_the_clock_simply_follows() -> None:
    succession().check(clock(OLD.digest), KNOWN)


def test_one_that_does_is_refused_with_all_reasons_or_judged_again_when_asked() -> None:
    with pytest.raises(HistoryChangeError, match="a is gone; b is new; or start with --rewrite-history"):
        succession(changes=("a is gone", "b is new")).check(clock(OLD.digest), KNOWN)
    succession(changes=("a is gone",), rewrite=True).check(clock(OLD.digest), KNOWN)


def test_a_set_that_is_not_on_record_is_refused_or_all_is_judged_again() -> None:
    with pytest.raises(UnknownPolicyError, match="not in the topic of policies"):
        succession().check(clock("lost"), KNOWN)
    succession(rewrite=True).check(clock("lost"), KNOWN)


def test_a_clock_survives_its_record() -> None:
    full = Clock(
        format=CLOCK_FORMAT,
        group="g",
        policy="p",
        next={"orders": 3},
        newest={"orders": 9},
        decided=8,
        latest_fact=9,
        watermark=8,
        oldest=1,
        drained_until=10,
    )
    assert decode_clock(encode_clock(full)) == full


@pytest.mark.parametrize(
    "value", [b"", b"{", b"{}", encode_clock(clock("p")).replace(b'"format":1', b'"format":9')]
)
def test_a_clock_that_cannot_be_read_says_so(value: bytes) -> None:
    with pytest.raises(UnreadableClockError, match=r"\w"):
        decode_clock(value)
    with pytest.raises(UnreadableLedgerError, match=r"^partition 3 of the ledger: the clock cannot be read"):
        decode_clock_of(3, value)
