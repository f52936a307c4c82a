"""Are the hand-worked cases answered exactly, by the engine and by the oracle?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from stream.backtest.replay import replay
from stream.policy.reading import PolicyError, Source, read_policies
from stream.policy.spec import PolicySet
from tests.conformance.cases import Case, Row, read_cases, read_refused
from tests.oracle.computation import Oracle
from tests.oracle.times import instant

ALL = read_cases()
CASES = pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
COUNTED = pytest.mark.parametrize("case", [case for case in ALL if case.rates], ids=lambda case: case.name)

Documents = Sequence[Mapping[str, Any]]
NO_RATES: Documents = [{"rule": "r", "tiers": [{"severity": "alarm", "good": 0, "bad": 0, "counted": 0}]}]


@CASES
def test_the_oracle_fires_and_resolves_as_worked_out_by_hand(case: Case) -> None:
    alerts = Oracle(case.policies, case.events).alerts(_until(case))
    assert _said_of(alerts) == _expected(case.alerts)


@COUNTED
def test_the_oracle_counts_as_worked_out_by_hand(case: Case) -> None:
    oracle = Oracle(case.policies, case.events)
    for row in case.rates:
        _assert_counted(oracle.rates(row["shop_id"], instant(row["at"])), row)


@CASES
def test_a_replay_fires_and_resolves_as_worked_out_by_hand(case: Case) -> None:
    result = replay(_policy(case), _lines(case), _until(case))
    assert result.refused == []
    assert _said_of(result.alerts) == _expected(case.alerts)


@COUNTED
def test_a_replay_counts_as_worked_out_by_hand(case: Case) -> None:
    for row in case.rates:
        rates: Mapping[str, Any] = replay(_policy(case), _lines(case), instant(row["at"])).rates
        # Of a shop that no fact is of yet there is nothing to tell.
        rules: Documents = rates.get(row["shop_id"], {"rules": NO_RATES})["rules"]
        tiers: Documents = [{"rule": rule["rule"]} | tier for rule in rules for tier in rule["tiers"]]
        _assert_counted(tiers, row)


@pytest.mark.parametrize("case", read_refused(), ids=lambda case: case.name)
def test_a_wrong_policy_is_refused(case: Case) -> None:
    with pytest.raises(PolicyError):
        _policy(case)


def _policy(case: Case) -> PolicySet:
    return read_policies(
        [Source(f"policy{number}.toml", text) for number, text in enumerate(case.policies, 1)]
    )


def _lines(case: Case) -> Iterator[bytes]:
    return (json.dumps(event).encode() for event in case.events)


def _until(case: Case) -> int | None:
    return None if case.until is None else instant(case.until)


def _said_of(alerts: Documents) -> list[tuple[Any, ...]]:
    """Of each alert what the cases say, of one on a score the score alone (S3)."""
    return sorted(
        (
            alert["shop_id"],
            alert["rule"],
            alert["severity"],
            alert["metric"] or "",
            instant(alert["fired_at"]),
            instant(alert["resolved_at"]) if alert["resolved_at"] else None,
            _counts(alert["at_fire"]),
            _counts(alert["latest"]) if alert["resolved_at"] else None,
        )
        for alert in alerts
    )


def _counts(document: Row) -> tuple[Any, ...]:
    return tuple(document[name] for name in ("good", "bad", "counted", "score"))


def _expected(alerts: Documents) -> list[tuple[Any, ...]]:
    return _said_of(
        [
            {**alert, "at_fire": _spread(alert["at_fire"]), "latest": _spread(alert.get("at_resolve"))}
            for alert in alerts
        ]
    )


def _spread(counts: Any) -> Row:
    """Counts as an alert has them; those of a score are null."""
    if isinstance(counts, list):
        return {**dict(zip(("good", "bad", "counted"), counts, strict=True)), "score": None}
    return {"good": None, "bad": None, "counted": None, **(counts or {})}


def _assert_counted(tiers: Documents, row: Row) -> None:
    """The counts of the tier that the row names, or of all of the rule."""
    asked = [
        tier
        for tier in tiers
        if tier["rule"] == row["rule"] and tier["severity"] == row.get("severity", tier["severity"])
    ]
    assert asked
    assert [[tier["good"], tier["bad"], tier["counted"]] for tier in asked] == [row["counts"]] * len(asked)
