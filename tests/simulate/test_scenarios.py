"""Do the shops that a scenario hits fail by the policy that ships, and no others?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import msgspec
import pytest

from stream.backtest.replay import replay
from stream.policy.reading import Source, read_policies
from stream.simulate.arrivals import arrivals
from stream.simulate.catalogue import SCENARIOS, plan
from stream.simulate.incidents import Incident, Labels, Tally
from stream.simulate.market import Market
from stream.simulate.shops import DAY, HOUR, MINUTE
from topics.times import millis, parse_time, rfc3339

POLICY = Path(__file__).parents[2] / "policies" / "seed.toml"
KINDS = {
    "on_time": "on_time_ship",
    "pickup": "pickup_anomaly",
    "return": "return",
    "after_sales": "after_sales",
}
SEED = 7
ALL = tuple(SCENARIOS)

REACTION = 30 * MINUTE
"""The longest ``for`` of the policy."""

Failing = tuple[str, str]
"""A shop, and the kind of metric."""


@dataclass(frozen=True)
class Story:
    """A marketplace, and what was made to fail in it."""

    market: Market
    labels: Labels
    lines: Sequence[bytes]

    @property
    def incidents(self) -> Mapping[Failing, Sequence[Incident]]:
        """By what fails."""
        found: dict[Failing, list[Incident]] = {}
        for incident in self.labels.incidents:
            found.setdefault((incident.shop_id, incident.metric), []).append(incident)
        return found

    def first_alerts(self, more_policy: str = "") -> Mapping[Failing, int]:
        """When each shop is found to fail."""
        policy = read_policies([Source(POLICY.name, POLICY.read_text("utf-8") + more_policy)])
        first: dict[Failing, int] = {}
        # Beyond the day after the close so few orders are left that chance makes shops fail.
        for alert in replay(policy, self.lines, self.market.ends + DAY).alerts:
            if alert["metric"] is not None:
                failing = str(alert["shop_id"]), KINDS[str(alert["metric"])]
                first.setdefault(failing, parse_time(str(alert["fired_at"])))
        return first


@cache
def story(seed: int, *names: str) -> Story:
    usual = Market(seed)
    market = replace(usual, plan=plan(usual, names))
    tally = Tally()
    lines = [arrival.value for arrival in arrivals(market, None, tally)]
    return Story(market, tally.labels(market), lines)


def test_where_nothing_befalls_anybody_nobody_fails() -> None:
    quiet = story(SEED)
    assert (quiet.labels.incidents, quiet.first_alerts()) == ([], {})


@pytest.mark.parametrize(("seed", "names"), [*((SEED, (name,)) for name in SCENARIOS), (SEED, ALL), (1, ALL)])
def test_exactly_the_labelled_shops_fail_each_by_its_metric_and_in_its_time(
    seed: int, names: tuple[str, ...]
) -> None:
    told = story(seed, *names)
    assert {incident.scenario for incident in told.labels.incidents} == set(names)
    first_alerts = told.first_alerts()
    assert set(first_alerts) == set(told.incidents)
    for failing, at in first_alerts.items():
        begins = min(millis(incident.begins) for incident in told.incidents[failing])
        ends = max(millis(incident.ends) for incident in told.incidents[failing])
        assert begins < at <= ends + REACTION


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_label_says_how_much_went_wrong_and_of_which_region(name: str) -> None:
    told = story(SEED, name)
    (scenario,) = told.market.scenarios
    hit = {shop.shop_id: shop for shop in told.market.hit()}
    assert {incident.shop_id for incident in told.labels.incidents} == set(hit)
    for incident in told.labels.incidents:
        assert incident.metric == scenario.metric
        assert incident.units >= 8
        assert millis(incident.begins) == scenario.begins < millis(incident.ends) < scenario.ends + 8 * DAY
        assert incident.region == (hit[incident.shop_id].region if name == "epidemic_region" else None)


def test_an_exemption_of_the_region_for_the_time_of_the_label_silences_it() -> None:
    told = story(SEED, "epidemic_region")
    labelled = told.labels.incidents
    begins = min(millis(incident.begins) for incident in labelled)
    ends = max(millis(incident.ends) for incident in labelled)
    exemption = f"""
[[exemptions]]
id = "region"
metrics = ["on_time"]
effect = "drop"
anchor = "due"
from = {rfc3339(begins)}
to = {rfc3339(ends)}
regions = ["{labelled[0].region}"]
region_of = "ship_from"
"""
    assert told.first_alerts(exemption) == {}


def test_labels_are_what_their_type_says() -> None:
    labels = story(SEED, *SCENARIOS).labels
    text = msgspec.json.encode(labels)
    assert msgspec.json.decode(text, type=Labels) == labels
    first = msgspec.json.decode(text)["incidents"][0]
    assert list(first) == ["shop_id", "scenario", "metric", "from", "to", "units", "region"]


def test_labels_stand_in_the_order_of_scenarios_then_of_shops() -> None:
    incidents = story(SEED, *SCENARIOS).labels.incidents
    order = [(list(SCENARIOS).index(incident.scenario), incident.shop_id) for incident in incidents]
    assert order == sorted(order)


def test_a_carrier_that_does_not_scan_is_blind_for_its_time_only() -> None:
    told = story(SEED, "carrier_does_not_scan")
    (scenario,) = told.market.scenarios
    assert scenario.ends - scenario.begins == 2 * DAY
    assert all(millis(one.ends) <= scenario.ends + DAY + 36 * HOUR for one in told.labels.incidents)
