"""How do the shops stand, all together?  The dashboard *Marketplace*."""

from stream.ops import catalogue as of
from stream.ops.dashboards.asking import by, increase, rate, series, worse_than_the_middle
from stream.ops.dashboards.document import API, Dashboard, Row, Variable
from stream.ops.dashboards.links import to_api, to_page, to_shop
from stream.ops.dashboards.panels import WHOLE, Column, Line, Panel, Query

METRIC = Variable("metric", "Metric", 'label_values(shopwatch_shops_bucket{job=~"$job"}, metric)')
WINDOW = Variable(
    "window", "Window", 'label_values(shopwatch_shops_bucket{job=~"$job", metric=~"$metric"}, window)'
)
PLACE = ('metric=~"$metric"', 'window=~"$window"')
FIRING = 'state="firing"'
SHOP = "${__data.fields.Shop:percentencode}"

_SHOPS = by("sum", "le, metric, window", series(of.SHOPS, *PLACE, end="_bucket"))


def _quantile(share: float) -> Query:
    return Query(f"histogram_quantile({share:g}, {_SHOPS})", f"{{{{metric}}}} {{{{window}}}}, {share:.0%}")


NOW = Row(
    "Now",
    (
        Panel(
            "Shops",
            "Shops of which rates have been written.",
            (Query(by("sum", "job", series(of.KNOWN_SHOPS)), "{{job}}"),),
            "stat",
            width=4,
            height=4,
        ),
        Panel(
            "Firing",
            "Tiers of shops that fire now, by the shops' rates as last written.",
            (Query(f"sum({series(of.OPEN_ALERTS, FIRING)})", "firing"),),
            "stat",
            width=4,
            height=4,
        ),
        Panel(
            "Firing, of all shops",
            "For each severity, the shops in which the rule that fires most does, as a share of all shops. Many at once have a common "
            "reason: a carrier, a region, a feed.",
            (
                Query(
                    f"max by (severity) ({by('sum', 'rule, severity', series(of.OPEN_ALERTS, FIRING))}) "
                    f"/ scalar(sum({series(of.KNOWN_SHOPS)}))",
                    "{{severity}}",
                ),
            ),
            "stat",
            "percentunit",
            width=8,
            height=4,
            lines=(Line("orange", 0.05), Line("red", 0.2)),
        ),
        Panel(
            "Exemptions in force",
            "Published, and with a range that holds the workers' clock.",
            (Query(f"sum({by('max', 'effect', series(of.EXEMPTIONS))})", "in force"),),
            "stat",
            width=4,
            height=4,
        ),
        Panel(
            "Rates waiting",
            "Shops whose rates have changed and wait to be written: what is said here of shops is as old as that.",
            (Query(f"sum({series(of.RATES_WAITING)})", "waiting"),),
            "stat",
            width=4,
            height=4,
        ),
    ),
)

RATES = Row(
    "Rates",
    (
        Panel(
            "Shops by rate: $metric",
            "How many shops have which rate, over time; those with too few orders to be judged are left out. A band that moves as a whole "
            "is no shop's doing. Choose one window: a shop is counted in each.",
            (
                Query(
                    by("sum", "le", series(of.SHOPS, 'metric="$metric"', 'window=~"$window"', end="_bucket")),
                    "{{le}}",
                ),
            ),
            "heatmap",
            "percentunit",
            repeat="metric",
        ),
        Panel(
            "Rates of the middle and of the edges",
            "The rate below which 5 %, half, and 95 % of the shops are.",
            (_quantile(0.05), _quantile(0.5), _quantile(0.95)),
            unit="percentunit",
            width=24,
        ),
    ),
)

ALERTS = Row(
    "Alerts",
    (
        Panel(
            "Fired, by rule",
            "Alerts that have begun to fire.",
            (
                Query(
                    by("sum", "rule, severity", increase(of.ALERTS, FIRING)),
                    "{{rule}} {{severity}}",
                ),
            ),
            unit=WHOLE,
            style="bars",
        ),
        Panel(
            "Open, by rule",
            "Alerts that fire, by rule and severity.",
            (
                Query(
                    by("sum", "rule, severity", series(of.OPEN_ALERTS, FIRING)),
                    "{{rule}} {{severity}}",
                ),
            ),
            unit=WHOLE,
            style="stacked",
        ),
        Panel(
            "Corrections",
            "Verdicts a second that were counted already and that a later fact, or an exemption, has overturned.",
            (Query(by("sum", "job", rate(of.RETRACTIONS)), "{{job}}"),),
            unit="cps",
        ),
        Panel(
            "Exemptions in force, by effect",
            "How many spare shops in which way.",
            (Query(by("max", "effect", series(of.EXEMPTIONS)), "{{effect}}"),),
            unit=WHOLE,
            style="stacked",
        ),
    ),
)

WORST = Row(
    "Which",
    (
        Panel(
            "The worst shops",
            "So many of each metric and window as --worst-shops says, with what their rates are made of, and by how much each is worse than "
            "the median shop: a low rate is the bad one of on-time shipping and after-sales, a high one of pickup anomalies and returns.",
            (
                Query(by("max", "shop_id, metric, window", series(of.WORST_RATE, *PLACE))),
                Query(by("max", "shop_id, metric, window", series(of.WORST_COUNTED, *PLACE))),
                Query(worse_than_the_middle(*PLACE)),
            ),
            "table",
            width=16,
            height=12,
            columns=(
                Column("shop_id", "Shop", links=(to_shop(SHOP), to_page(SHOP), *to_api(SHOP)), width=280),
                Column("metric", "Metric"),
                Column("window", "Window"),
                Column("Value #A", "Rate", "percentunit"),
                Column("Value #B", "Units", WHOLE),
                Column("Value #C", "Worse by", "percentunit"),
            ),
            sort=("Worse by", True),
        ),
        Panel(
            "The exemptions",
            "Those in force that began last.",
            (Query(by("max", "exemption, effect", series(of.EXEMPTION))),),
            "table",
            width=8,
            height=12,
            columns=(
                Column("exemption", "Exemption"),
                Column("effect", "Effect"),
                Column("Value", "In force", "bool_yes_no"),
            ),
        ),
    ),
)

MARKETPLACE = Dashboard(
    "marketplace",
    "Marketplace",
    "How all shops stand together: their rates over time, which rules fire, which shops are worst, which exemptions are in force.",
    (NOW, RATES, ALERTS, WORST),
    (METRIC, WINDOW, API),
)
