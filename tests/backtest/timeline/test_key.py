"""Is a timeline found again exactly if nothing that it depends on has changed?"""

import pytest

from stream.backtest.timeline.key import timeline_key
from tests.properties.running import policy_of

TEXT = """[policy]
name = "p"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "UTC"
languages = ["en"]
keep = "60d"

[metrics.m]
kind = "on_time_ship"
anchor = "due"
goods = ["physical"]
lag = "0s"
promise_reasons = ["platform"]
retroactive_promises = false

[metrics.n]
kind = "pickup_anomaly"
pickup_within = "24h"

[metrics.a]
kind = "after_sales"
resolve_within = "48h"
kinds = ["return"]
reasons = ["broken"]
faults = ["merchant"]

[scores.s]
window = "1d"
parts = [{ metric = "m", weight = 1 }]

[rules.r]
metric = "m"
window = "1d"
pane = "1h"
min_orders = 5
warning = { below = 0.9, clear_at = 0.95, for = "0s", keep_firing_for = "0s", penalty = false }

[[exemptions]]
id = "x"
metrics = ["m"]
effect = "drop"
anchor = "due"
from = 2024-01-01T00:00:00Z
to = 2024-01-02T00:00:00Z
regions = ["610100"]
region_of = "either"
goods = ["physical"]
categories = ["toys"]
published_at = 2024-01-01T00:00:00Z
"""
RULES = (
    ('name = "p"', 'name = "q"'),
    ('version = "1"', 'version = "2"'),
    ('time_zone = "UTC"', 'time_zone = "Asia/Shanghai"'),
    ('languages = ["en"]', 'languages = ["zh"]'),
    ('lag = "0s"', 'lag = "2h"'),
    ('pane = "1h"', 'pane = "2h"'),
    ('window = "1d"\npane', 'window = "2d"\npane'),
    ("[rules.r]", "[rules.other]"),
    ("warning =", "critical ="),
    ("min_orders = 5", "min_orders = 6"),
    ("min_orders = 5", "bad_above = 6"),
    ("min_orders = 5", "min_bad = 6"),
    ("below = 0.9", "below = 0.8"),
    ("clear_at = 0.95", "clear_at = 0.96"),
    (', for = "0s"', ', for = "1h"'),
    ('keep_firing_for = "0s"', 'keep_firing_for = "1h"'),
    ("penalty = false", "penalty = true"),
    ("weight = 1", "weight = 2"),
    ('id = "x"', 'id = "y"'),
)
MATTERS = (
    ("effective_from = 2023-01-01T00:00:00Z", "effective_from = 2023-01-01T00:00:00.001Z"),
    ('keep = "60d"', 'keep = "61d"'),
    ("[metrics.n]", "[metrics.o]"),
    ('anchor = "due"\ngoods', 'anchor = "paid"\ngoods'),
    ('goods = ["physical"]\nlag', 'goods = ["physical", "custom"]\nlag'),
    ('promise_reasons = ["platform"]', 'promise_reasons = ["buyer_agreed"]'),
    ("retroactive_promises = false", "retroactive_promises = true"),
    ('pickup_within = "24h"', 'pickup_within = "25h"'),
    ('resolve_within = "48h"', 'resolve_within = "49h"'),
    ('kinds = ["return"]', 'kinds = ["refund_only"]'),
    ('reasons = ["broken"]', 'reasons = ["size"]'),
    ('faults = ["merchant"]', 'faults = ["buyer"]'),
    ('metrics = ["m"]', 'metrics = ["m", "n"]'),
    ('effect = "drop"', 'effect = "penalty_only"'),
    ('effect = "drop"\nanchor = "due"', 'effect = "drop"\nanchor = "paid"'),
    ("from = 2024-01-01T00:00:00Z", "from = 2024-01-01T00:00:01Z"),
    ("to = 2024-01-02T00:00:00Z", "to = 2024-01-02T00:00:01Z"),
    ('regions = ["610100"]', 'regions = ["610200"]'),
    ('region_of = "either"', 'region_of = "ship_to"'),
    ('goods = ["physical"]\ncategories', 'goods = ["custom"]\ncategories'),
    ('categories = ["toys"]', 'categories = ["fresh"]'),
    ("published_at = 2024-01-01T00:00:00Z", "published_at = 2024-01-01T00:00:01Z"),
    ('effect = "drop"', 'effect = "extend"\nby = "1h"'),
)


def key(text: str = TEXT, fingerprint: str = "f") -> str:
    return timeline_key(policy_of([text]), fingerprint)


def changed(before: str, after: str) -> str:
    assert TEXT.count(before) >= 1
    return TEXT.replace(before, after, 1) if before != 'effect = "drop"' else TEXT.replace(before, after)


@pytest.mark.parametrize(("before", "after"), RULES)
def test_what_is_said_of_rules_windows_and_names_does_not_matter(before: str, after: str) -> None:
    assert key(changed(before, after)) == key()


@pytest.mark.parametrize(("before", "after"), MATTERS)
def test_what_is_said_of_metrics_and_exemptions_matters(before: str, after: str) -> None:
    assert key(changed(before, after)) != key()


def test_the_records_matter() -> None:
    assert key(fingerprint="g") != key()


def test_up_to_when_they_count_matters() -> None:
    assert timeline_key(policy_of([TEXT]), "f", 1) != key()


def test_the_order_in_which_things_are_written_does_not_matter() -> None:
    head, *blocks = TEXT.split("\n\n")
    assert key("\n\n".join([head, *reversed(blocks)])) == key()


def test_another_version_matters_as_far_as_its_metrics_hold_for_other_orders() -> None:
    later = TEXT.replace('version = "1"', 'version = "2"').replace(
        "effective_from = 2023", "effective_from = 2024"
    )
    assert timeline_key(policy_of([TEXT, later]), "f") != key()
