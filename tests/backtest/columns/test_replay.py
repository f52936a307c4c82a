"""Does the second pass give the alerts of the engine's replay, alert for alert, whole?  The licence to have it."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from stream.backtest.columns.judge import alerts
from stream.backtest.replay import replay
from stream.policy.spec import PolicySet
from stream.simulate.arrivals import arrivals
from stream.simulate.catalogue import SCENARIOS, plan
from stream.simulate.incidents import Tally
from stream.simulate.market import Market
from tests.backtest.timeline.plain import plain_streams, without_exemptions
from tests.backtest.timeline.recorded import as_archive, as_lines, timeline_of
from tests.backtest.timeline.test_orders import SPARING
from tests.cli.shell import ROOT
from tests.conformance.cases import Case, read_cases
from tests.e2e.olist_rows import made_up, meant
from tests.oracle.times import instant
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, LONG, lines, policy_of
from tests.properties.streams import Event, streams

QUICK = settings(EVERY_RUN, max_examples=60)
OLIST = ROOT.parent / "shared" / "data" / "olist" / "orders.csv.gz"
"""The public data set; its licence keeps it out of this project, so it is read where somebody has put it."""


def assert_same(
    policy: PolicySet, told: Sequence[bytes], until: int | None = None
) -> list[dict[str, object]]:
    """The alerts of both, once they are the same."""
    expected = replay(policy, told, until)
    timeline = timeline_of(policy, as_lines(told))
    found = alerts(policy, timeline, until)
    assert found == expected.alerts
    assert until is not None or timeline.end_ms == expected.end_ms
    return found


@QUICK
@given(policies(), streams())
def test_any_policy_and_any_stream(texts: list[str], events: list[Event]) -> None:
    """T1 to V2, but P1 to P3."""
    note("\n".join(texts))
    assert_same(policy_of(texts), list(lines(events)))


@QUICK
@given(policies(), plain_streams(), DICE)
def test_ordinary_orders_up_to_any_instant(texts: list[str], events: list[Event], dice: Dice) -> None:
    """T5: facts after it count for nothing."""
    texts = without_exemptions(texts) if dice.chance(50) else texts
    times = sorted({instant(event["occurred_at"]) for event in events}) or [0]
    until = dice.one(times) + dice.one((0, -1, 3_600_000))
    assert_same(policy_of(texts), list(lines(events)), until)


@QUICK
@given(policies(), streams())
def test_some_shops_are_those_of_all_and_only_the_evidence_is_missing_without_it(
    texts: list[str], events: list[Event]
) -> None:
    """R5: each shop by itself."""
    policy = policy_of(texts)
    timeline = timeline_of(policy, as_archive(lines(events), 2))
    every = alerts(policy, timeline)
    assert every == replay(policy, lines(events)).alerts
    assert alerts(policy, timeline, shops={"S"}) == [each for each in every if each["shop_id"] == "S"]
    bare = [{**each, "evidence": []} for each in every]
    assert alerts(policy, timeline, evidence=False) == bare


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), st.one_of(streams(), plain_streams()), SPARING)
def test_thousands_of_policies_and_streams(texts: list[str], events: list[Event], sparing: str) -> None:
    """T1 to V2, but P1 to P3."""
    note("\n".join(texts))
    assert_same(policy_of(texts if sparing == "some" else without_exemptions(texts)), list(lines(events)))


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_a_case_worked_out_by_hand(case: Case) -> None:
    until = None if case.until is None else instant(case.until)
    assert_same(policy_of(case.policies), list(lines(case.events)), until)


def test_rows_of_the_olist_kind() -> None:
    policy = policy_of([(ROOT / "policies" / "olist.toml").read_text("utf-8")])
    found = assert_same(policy, list(lines(event for row in made_up() for event in meant(row))))
    assert {alert["state"] for alert in found} == {"firing", "resolved"}


@pytest.mark.long
@pytest.mark.skipif(not OLIST.exists(), reason="the Olist data set is not here; rows of its kind are judged")
def test_the_olist_data_set() -> None:
    rows = csv.DictReader(io.StringIO(gzip.decompress(OLIST.read_bytes()).decode()))
    policy = policy_of([(ROOT / "policies" / "olist.toml").read_text("utf-8")])
    assert assert_same(policy, list(lines(event for row in rows for event in meant(row))))


@pytest.mark.long
@pytest.mark.parametrize("names", [*((name,) for name in SCENARIOS), tuple(SCENARIOS)])
def test_a_marketplace_in_which_something_fails(names: tuple[str, ...]) -> None:
    told = market(Market(7), names)
    for name in ("seed", "kuaishou-2021-epidemic"):
        policy = policy_of([(ROOT / "policies" / f"{name}.toml").read_text("utf-8")])
        found = assert_same(policy, told)
        assert found or name != "seed"


def test_a_small_marketplace_in_which_everything_fails() -> None:
    told = market(replace(Market(7), shops=10, days=4, orders_a_day=150), tuple(SCENARIOS))
    found = assert_same(policy_of([(ROOT / "policies" / "seed.toml").read_text("utf-8")]), told)
    assert len({alert["rule"] for alert in found}) > 1


def market(usual: Market, names: tuple[str, ...]) -> list[bytes]:
    """Its recording."""
    return [each.value for each in arrivals(replace(usual, plan=plan(usual, names)), None, Tally())]


FAR: dict[str, Any] = {
    "goods": "physical",
    "ship_from": "1",
    "ship_to": "2",
    "items": 1,
    "amount": 1,
    "currency": "CNY",
}
HUGE = """[policy]
name = "huge"
version = "1"
effective_from = 1970-01-02T00:00:00Z
time_zone = "UTC"
keep = "9999999d"
[metrics.m]
kind = "on_time_ship"
anchor = "due"
[rules.r]
metric = "m"
window = "1d"
warning = { below = 0.123456789012345678901234567890123456789 }
critical = { below = 0.5, for = "30m" }
"""


def test_numbers_for_which_64_bits_have_no_room_and_times_that_lie_centuries_apart() -> None:
    """R2."""
    told = [
        {
            "type": "order_paid",
            "event_id": f"e{number}",
            "shop_id": f"S{number % 3}",
            "order_id": f"o{number}",
            "occurred_at": f"{year}-01-01T00:00:00Z",
            "ship_by": f"{year + 1000}-01-02T00:00:00Z",
            **FAR,
        }
        for number, year in enumerate((1971, 2024, 4024, 7024, 8000))
    ]
    found = assert_same(policy_of([HUGE]), [orjson.dumps(event) for event in told])
    assert {alert["severity"] for alert in found} == {"warning", "critical"}


MANY = """[policy]
name = "many"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "Asia/Shanghai"
[metrics.m]
kind = "on_time_ship"
[rules.r]
metric = "m"
window = "2d"
min_orders = 45
warning = { below = 0.5 }
"""


def test_of_more_bad_units_than_an_alert_names_those_placed_last_are_named_and_ties_by_their_orders() -> None:
    """DESIGN 6."""
    told = [
        {
            "type": "order_paid",
            "event_id": f"e{number}",
            "shop_id": "S",
            "order_id": f"o{number * 7 % 50:02}",
            "occurred_at": "2024-01-01T00:00:00Z",
            "ship_by": f"2024-01-02T0{number // 10}:00:00Z",
            **FAR,
        }
        for number in range(50)
    ]
    (alert,) = assert_same(policy_of([MANY]), [orjson.dumps(event) for event in told])
    evidence: Any = alert["evidence"]
    assert [each["order_id"] for each in evidence] == [
        *sorted(f"o{number * 7 % 50:02}" for number in range(40, 50)),
        *sorted(f"o{number * 7 % 50:02}" for number in range(30, 40)),
    ]


def test_nothing_recorded_gives_nothing() -> None:
    assert alerts(policy_of([HUGE]), timeline_of(policy_of([HUGE]), as_lines([]))) == []


def test_the_answers_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    policy = policy_of([(ROOT / "policies" / "olist.toml").read_text("utf-8")])
    told = list(lines(event for row in made_up() for event in meant(row)))
    first, second = (orjson.dumps(alerts(policy, timeline_of(policy, as_archive(told, 3)))) for _ in range(2))
    assert first == second
