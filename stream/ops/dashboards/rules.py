"""What do the rules do?  The dashboard *Rules*: which fire, which flap, and how long it takes until they are over."""

from stream.ops import catalogue as of
from stream.ops.dashboards.asking import RANGE, by, increase, quantile, series
from stream.ops.dashboards.document import Dashboard, Row, Variable
from stream.ops.dashboards.panels import WHOLE, Column, Panel, Query

RULE = Variable("rule", "Rule", 'label_values(shopwatch_alerts_total{job=~"$job"}, rule)')
CHOSEN = 'rule=~"$rule"'
FIRED, RESOLVED = 'state="firing"', 'state="resolved"'
TIER = "rule, severity"
LEGEND = "{{rule}} {{severity}}"

ALL = Row(
    "All",
    (
        Panel(
            "The rules",
            "Of each tier: how many shops it fires and is pending in, and, within the range shown, how often it has fired and how often "
            "within a day after it had resolved in the same shop.",
            (
                Query(by("sum", TIER, series(of.OPEN_ALERTS, CHOSEN, FIRED))),
                Query(by("sum", TIER, series(of.OPEN_ALERTS, CHOSEN, 'state="pending"'))),
                Query(by("sum", TIER, increase(of.ALERTS, CHOSEN, FIRED, over=RANGE))),
                Query(by("sum", TIER, increase(of.ALERTS, CHOSEN, RESOLVED, over=RANGE))),
                Query(by("sum", TIER, increase(of.FLAPS, CHOSEN, over=RANGE))),
            ),
            "table",
            width=24,
            height=9,
            columns=(
                Column("rule", "Rule"),
                Column("severity", "Severity"),
                Column("Value #A", "Firing", WHOLE),
                Column("Value #B", "Pending", WHOLE),
                Column("Value #C", "Fired", WHOLE),
                Column("Value #D", "Resolved", WHOLE),
                Column("Value #E", "Flaps", WHOLE),
            ),
            sort=("Firing", True),
        ),
    ),
)

OVER_TIME = Row(
    "Over time",
    (
        Panel(
            "Firing",
            "Shops in which a tier fires.",
            (Query(by("sum", TIER, series(of.OPEN_ALERTS, CHOSEN, FIRED)), LEGEND),),
            unit=WHOLE,
        ),
        Panel(
            "Pending",
            "Shops in which a tier is in breach, but not yet for as long as its `for` asks.",
            (Query(by("sum", TIER, series(of.OPEN_ALERTS, CHOSEN, 'state="pending"')), LEGEND),),
            unit=WHOLE,
        ),
        Panel(
            "Fired",
            "Alerts that have begun to fire.",
            (Query(by("sum", TIER, increase(of.ALERTS, CHOSEN, FIRED)), LEGEND),),
            unit=WHOLE,
            style="bars",
        ),
        Panel(
            "Resolved",
            "Alerts that are over.",
            (Query(by("sum", TIER, increase(of.ALERTS, CHOSEN, RESOLVED)), LEGEND),),
            unit=WHOLE,
            style="bars",
        ),
    ),
)

QUALITY = Row(
    "How good they are",
    (
        Panel(
            "Flaps",
            "Alerts that fired within a day after the last of the same shop and tier had resolved. Many want a `clear_at` further from the "
            "line, or a `keep_firing_for`: `shopwatch backtest` says what that would do.",
            (Query(by("sum", TIER, increase(of.FLAPS, CHOSEN)), LEGEND),),
            unit=WHOLE,
            style="bars",
        ),
        Panel(
            "Flaps, of all that fired",
            "Within the range shown.",
            (
                Query(
                    f"{by('sum', TIER, increase(of.FLAPS, CHOSEN, over=RANGE))} "
                    f"/ ({by('sum', TIER, increase(of.ALERTS, CHOSEN, FIRED, over=RANGE))} > 0)",
                    LEGEND,
                ),
            ),
            unit="percentunit",
        ),
        Panel(
            "Time to resolve",
            "How long alerts that resolved within the range shown had fired, in event time: half of them no longer, and nine in ten.",
            (
                Query(quantile(0.5, of.LASTED, CHOSEN, labels="rule", over=RANGE), "{{rule}}, half"),
                Query(quantile(0.9, of.LASTED, CHOSEN, labels="rule", over=RANGE), "{{rule}}, nine in ten"),
            ),
            unit="s",
            width=24,
        ),
    ),
)

RULES = Dashboard(
    "rules",
    "Rules",
    "What each rule of the policy does: where it fires, whether it flaps, how long it takes until it is over.",
    (ALL, OVER_TIME, QUALITY),
    (RULE,),
)
