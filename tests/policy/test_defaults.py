"""What does a policy mean where it says nothing, and does what it says arrive?"""

from fractions import Fraction

import pytest

from stream.policy.kinds import KINDS
from stream.policy.spec import Exemption, Metric, Number, Rule, Score, ScorePart, Tier
from tests.policy.documents import (
    EXEMPTION,
    HEAD,
    ON_TIME,
    PICKUP,
    RETURN,
    RULE,
    metric_of,
    read,
    rule_of,
    tier_of,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ALL_GOODS = frozenset({"physical", "virtual", "presale", "custom"})
REASONS = frozenset({"delay_report_approved", "buyer_agreed", "platform"})
FAULTS = frozenset({"merchant", "buyer", "carrier", "unknown"})
AFTER_SALES = '[metrics.help]\nkind = "after_sales"\nresolve_within = "48h"\n'
PERIOD = RETURN + 'anchor = "requested"\n' + RULE.replace("on_time", "return")
SCORE = ON_TIME + '[scores.health]\nwindow = "30d"\nparts = [{ metric = "on_time", weight = 70 }]\n'


def number(text: str) -> Number:
    return Number(text, Fraction(text))


def test_a_metric_that_says_its_kind_alone() -> None:
    assert metric_of(ON_TIME) == Metric(
        name="on_time",
        kind="on_time_ship",
        goods=ALL_GOODS - {"virtual"},
        anchor="decided",
        lag=0,
        promise_reasons=REASONS,
        retroactive_promises=False,
        pickup_within=DAY,
        resolve_within=None,
        kinds=frozenset({"refund_only", "return"}),
        reasons=None,
        faults=FAULTS,
    )


@pytest.mark.parametrize(
    ("body", "goods", "anchor"),
    [
        (ON_TIME, ALL_GOODS - {"virtual"}, "decided"),
        (PICKUP, ALL_GOODS - {"virtual"}, "decided"),
        (RETURN, ALL_GOODS, "paid"),
        (AFTER_SALES, ALL_GOODS, "decided"),
    ],
    ids=list(KINDS),
)
def test_u6_goods_and_anchor_by_kind(body: str, goods: frozenset[str], anchor: str) -> None:
    metric = metric_of(body)
    assert (metric.goods, metric.anchor) == (goods, anchor)


def test_what_a_metric_says_is_what_it_means() -> None:
    pickup = metric_of(
        PICKUP
        + 'pickup_within = "36h"\ngoods = ["custom"]\nlag = "1d"\npromise_reasons = []\nretroactive_promises = true\n'
    )
    assert (pickup.pickup_within, pickup.goods, pickup.lag) == (36 * HOUR, frozenset({"custom"}), DAY)
    assert (pickup.promise_reasons, pickup.retroactive_promises) == (frozenset(), True)
    asked = metric_of(
        RETURN + 'anchor = "requested"\nkinds = ["return"]\nreasons = ["torn"]\nfaults = ["merchant"]\n'
    )
    assert (asked.anchor, asked.kinds) == ("requested", frozenset({"return"}))
    assert asked.reasons == frozenset({"torn"})
    assert asked.faults == frozenset({"merchant"})
    assert metric_of(AFTER_SALES).resolve_within == 48 * HOUR


def test_r1_a_tier_that_says_its_threshold_alone() -> None:
    assert tier_of("{ below = 0.90 }") == Tier(
        severity="warning",
        below=number("0.90"),
        above=None,
        clear_at=number("0.90"),
        min_orders=1,
        min_bad=None,
        bad_above=None,
        hold=0,
        keep_firing=0,
        penalty=False,
    )


def test_a_tier_may_look_ahead() -> None:
    assert tier_of('{ below = 0.90, forecast = "6h" }').forecast == 6 * HOUR
    assert tier_of("{ below = 0.90 }").forecast is None


def test_r1_a_threshold_of_0_is_a_threshold_and_a_clear_at_of_0_is_one() -> None:
    rule = RETURN + RULE.replace("on_time", "return")
    none = tier_of("{ above = 0 }", rule)
    assert (none.above, none.clear_at) == (number("0"), number("0"))
    assert tier_of("{ above = 0.1, clear_at = 0 }", rule).clear_at == number("0")
    assert tier_of("{ below = 0.0 }").clear_at == number("0.0")


def test_r1_clear_at_may_be_the_threshold_itself() -> None:
    assert tier_of("{ below = 0.9, clear_at = 0.90 }").clear_at == number("0.90")
    rule = RETURN + RULE.replace("on_time", "return")
    assert tier_of("{ above = 0.1, clear_at = 0.10 }", rule).clear_at == number("0.10")


def test_r1_what_stands_on_the_rule_holds_for_its_tiers_and_a_tiers_own_wins() -> None:
    warning, critical = rule_of(
        ON_TIME
        + RULE
        + 'min_orders = 10\nmin_bad = 2\nbad_above = 9\nfor = "1h"\nkeep_firing_for = "2h"\npenalty = true\n'
        + "warning = { below = 0.9 }\n"
        + 'critical = { below = 0.8, min_orders = 1, min_bad = 0, bad_above = 0, for = "0s", keep_firing_for = "0s", '
        + "penalty = false }\n"
    ).tiers
    own = (critical.min_orders, critical.min_bad, critical.bad_above, critical.hold, critical.keep_firing)
    of_the_rule = (warning.min_orders, warning.min_bad, warning.bad_above, warning.hold, warning.keep_firing)
    assert (of_the_rule, warning.penalty) == ((10, 2, 9, HOUR, 2 * HOUR), True)
    assert (own, critical.penalty) == ((1, 0, 0, 0, 0), False)


@pytest.mark.parametrize(
    "rule", ["bad_above = 3\nwarning = {}\n", "warning = { bad_above = 3, min_bad = 2 }\n"]
)
def test_r1_a_tier_may_have_bad_above_alone_and_then_nothing_to_clear_at(rule: str) -> None:
    (tier,) = rule_of(ON_TIME + RULE + rule).tiers
    assert (tier.below, tier.above, tier.clear_at, tier.bad_above) == (None, None, None, 3)


@pytest.mark.parametrize("name", ["score", "for", "penalty", "min_orders", "below", "clear_at", "严重"])
def test_r1_any_sub_table_is_a_tier_also_one_that_is_called_as_a_key_is(name: str) -> None:
    written = name if name.isascii() else f'"{name}"'
    (tier,) = rule_of(ON_TIME + RULE + f"[rules.late.{written}]\nbelow = 0.9\n").tiers
    assert (tier.severity, tier.below) == (name, number("0.9"))


@pytest.mark.parametrize(
    "written",
    [
        "warning = { below = 0.9 }",
        "warning.below = 0.9",
        "[rules.late.warning]\nbelow = 0.9",
        "[rules.late]\nwarning.below = 0.9",
        '"warning" = { "below" = 0.9 }',
        "'warning'.\"below\" = 0.9",
    ],
)
def test_a_tier_may_be_written_in_every_way_that_toml_has(written: str) -> None:
    rule = RULE if "[rules.late]" not in written else ""
    own = "" if rule else 'rules.late.metric = "on_time"\n'
    if rule:
        assert rule_of(ON_TIME + rule + written + "\n").tiers == (tier_of("{ below = 0.9 }"),)
    else:
        body = written.replace("[rules.late]", '[rules.late]\nmetric = "on_time"\nwindow = "30d"')
        assert own
        assert rule_of(ON_TIME + body + "\n").tiers == (tier_of("{ below = 0.9 }"),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.9", Fraction(9, 10)),
        ("0.90", Fraction(9, 10)),
        ("9e-1", Fraction(9, 10)),
        ("0.1", Fraction(1, 10)),
        ("+0.5", Fraction(1, 2)),
        ("0.000_1", Fraction(1, 10_000)),
        ("1", Fraction(1)),
        ("0x1", Fraction(1)),
        ("0.33333333333333333333333333333333333333333333333333", Fraction(int("3" * 50), 10**50)),
    ],
)
def test_r2_a_number_is_the_decimal_that_is_written(written: str, value: Fraction) -> None:
    below = tier_of(f"{{ below = {written} }}").below
    assert below is not None
    assert below.value == value


def test_u4_the_threshold_of_a_period_rate_may_exceed_1() -> None:
    assert tier_of("{ above = 1.5, clear_at = 1.2 }", PERIOD).above == number("1.5")


@pytest.mark.parametrize(
    ("window", "pane"),
    [
        ("1m", MINUTE),
        ("1h", MINUTE),
        ("75m", 15 * MINUTE),
        ("1d", 15 * MINUTE),
        ("25h", HOUR),
        ("7d", HOUR),
        ("4w", HOUR),
    ],
)
def test_w1_the_default_pane_follows_from_the_window(window: str, pane: int) -> None:
    assert rule_of(ON_TIME + RULE.replace("30d", window) + "warning.below = 0.9\n").pane == pane


@pytest.mark.parametrize("pane", ["90s", "1h30m", "30d"])
def test_w1_a_pane_that_divides_the_window_is_the_pane(pane: str) -> None:
    rule = rule_of(ON_TIME + RULE + f'pane = "{pane}"\nwarning.below = 0.9\n')
    assert rule.window % rule.pane == 0
    assert rule.pane in {90_000, 90 * MINUTE, 30 * DAY}


def test_s1_a_score_that_says_no_more_than_it_must() -> None:
    (score,) = read(HEAD + SCORE).versions[0].scores.values()
    part = ScorePart(metric="on_time", weight=Fraction(70), points=None, min_orders=1)
    assert score == Score(name="health", window=30 * DAY, pane=HOUR, parts=(part,), missing=None)


def test_s2_min_orders_of_a_part_else_of_the_score() -> None:
    body = (
        SCORE
        + 'min_orders = 5\nmissing = 60\nparts = [{ metric = "on_time", weight = 1.5, points = [[0.8, 0], [1, 100]] }'
    )
    parts = body.replace('parts = [{ metric = "on_time", weight = 70 }]\n', "")
    (score,) = (
        read(HEAD + parts + ', { metric = "on_time", weight = 1, min_orders = 9 }]\n')
        .versions[0]
        .scores.values()
    )
    assert [part.min_orders for part in score.parts] == [5, 9]
    assert (score.parts[0].weight, score.missing) == (Fraction(3, 2), Fraction(60))
    assert score.parts[0].points == ((Fraction(4, 5), Fraction(0)), (Fraction(1), Fraction(100)))


def test_s2_leave_out_is_the_default_written_out() -> None:
    (score,) = read(HEAD + SCORE + 'missing = "leave_out"\n').versions[0].scores.values()
    assert score.missing is None


def test_s3_a_rule_on_a_score_has_the_window_of_the_score_and_thresholds_of_any_size() -> None:
    rule = rule_of(SCORE + '[rules.poor]\nscore = "health"\nwarning = { below = 90, clear_at = 95 }\n')
    assert (rule.metric, rule.score, rule.window, rule.pane) == (None, "health", 30 * DAY, HOUR)
    assert rule.tiers[0].below == number("90")


def test_e1_an_exemption_that_says_no_more_than_it_must() -> None:
    assert read(HEAD + ON_TIME + EXEMPTION).exemptions == (
        Exemption(
            id="storm",
            metrics=frozenset({"on_time"}),
            effect="drop",
            anchor="due",
            start=None,
            end=None,
            regions=None,
            region_of="either",
            goods=None,
            categories=None,
            published_at=None,
            by=None,
            until=None,
        ),
    )


def test_the_head_has_defaults_too() -> None:
    (version,) = read(HEAD).versions
    assert (version.languages, version.keep, version.time_zone) == (("en",), 60 * DAY, "UTC")


def test_languages_are_kept_in_their_order_and_each_once() -> None:
    (version,) = read(HEAD + 'languages = ["zh", "en", "zh"]\n').versions
    assert version.languages == ("zh", "en")


def test_rules_metrics_and_tiers_are_kept_in_the_order_in_which_they_are_written() -> None:
    body = ON_TIME + PICKUP + RULE + "b.below = 0.9\na.below = 0.8\n"
    policy = read(HEAD + body)
    rule: Rule = policy.versions[0].rules["late"]
    assert list(policy.versions[0].metrics) == ["on_time", "pickup"]
    assert [tier.severity for tier in rule.tiers] == ["b", "a"]
