"""Which hand-worked cases are there?  Reads `cases.toml`, where what is usual is left out.

An event has the shop S and the fields of `_USUAL`, and is called after its place (`e0001`) unless it says so itself; an alert
is of the rule r, the tier alarm and the metric m; a policy without a head has one of `_HEADS`, after its place among the
case's files.  Counts are good, bad, counted.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("cases.toml")

Row = Mapping[str, Any]

_USUAL: Mapping[str, Row] = {
    "order_paid": {
        "goods": "physical",
        "ship_from": "310105",
        "ship_to": "440100",
        "items": 1,
        "amount": 1000,
        "currency": "CNY",
    },
    "promise_changed": {"reason": "platform"},
    "order_cancelled": {"by": "buyer", "reason": "r"},
    "package_shipped": {"package_id": "p1", "carrier": "c"},
    "package_picked_up": {"package_id": "p1", "carrier": "c"},
    "refund_requested": {"refund_id": "f1", "kind": "return", "reason": "broken", "fault": "merchant"},
    "refund_withdrawn": {"refund_id": "f1"},
    "refund_resolved": {"refund_id": "f1", "outcome": "approved"},
}
_HEAD = """[policy]
name = "unit"
version = "{}"
effective_from = {}
time_zone = "UTC"
"""
_HEADS = (_HEAD.format(1, "2023-12-22T00:00:00.000Z"), _HEAD.format(2, "2024-01-01T10:00:00.000Z"))


def usual_event(**fields: Any) -> Row:
    """An event of shop S that says only what is not usual."""
    return {"shop_id": "S", **_USUAL[fields["type"]], **fields}


def usual_policy(text: str, **head: str) -> str:
    """A first version; ``head`` is what its head says besides."""
    more = "".join(f'{key} = "{value}"\n' for key, value in head.items())
    return f"{_HEADS[0]}{more}\n{text}"


@dataclass(frozen=True)
class Case:
    """What must come of events under a policy; ``until`` None is T5's end.  One that is refused has events of nothing."""

    name: str
    shows: str
    policies: Sequence[str]
    events: Sequence[Row]
    alerts: Sequence[Row]
    rates: Sequence[Row]
    until: str | None


def read_cases() -> list[Case]:
    """The cases that have an answer."""
    return _read("case")


def read_refused() -> list[Case]:
    """The policies that must be refused."""
    return _read("refused")


def _read(key: str) -> list[Case]:
    return [
        Case(
            name=case["name"],
            shows=case["shows"],
            policies=[_whole(text, head) for text, head in zip(case["policies"], _HEADS, strict=False)],
            events=[_event(row, number) for number, row in enumerate(_rows(case, "events"), 1)],
            alerts=[
                {"shop_id": "S", "rule": "r", "severity": "alarm", "metric": "m", "resolved_at": None, **row}
                for row in _rows(case, "alerts")
            ],
            rates=[{"shop_id": "S", "rule": "r", **row} for row in _rows(case, "rates")],
            until=case.get("until"),
        )
        for case in tomllib.loads(PATH.read_text(encoding="utf-8"))[key]
    ]


def _rows(case: Row, key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in case.get(key, "").splitlines()]


def _event(row: dict[str, Any], number: int) -> Row:
    return usual_event(**{"event_id": f"e{number:04}", **row})


def _whole(text: str, head: str) -> str:
    return text if "[policy]" in text else f"{head}\n{text}"
