"""How does one shop stand?  The dashboard *Shop*: what the metrics know of a bad one, and where to find the rest."""

from stream.ops import catalogue as of
from stream.ops.dashboards.asking import by, series
from stream.ops.dashboards.document import API, Dashboard, Row, Variable
from stream.ops.dashboards.links import to_api
from stream.ops.dashboards.panels import Panel, Query

SHOP = Variable(
    "shop", "Shop", 'label_values(shopwatch_worst_shop_ratio{job=~"$job"}, shop_id)', several=False
)
MINE = 'shop_id="$shop"'
LEGEND = "{{metric}} {{window}}"

_ELSEWHERE = "\n".join(
    [
        "Metrics name only the worst shops, so that there are as many series for a hundred thousand shops as for a hundred.",
        "Of every shop, also of `${shop}`, the API knows its rates, windows, thresholds and headroom, its alerts with their evidence, and",
        "the orders that can still be saved:",
        "",
        *(
            f"* [{link.title.removesuffix(' (API)')}]({link.address})"
            for link in to_api("${shop:percentencode}")
        ),
        "",
        "On a terminal: `shopwatch rates --json SHOP`, `shopwatch alerts --json`.",
    ]
)

SHOP_DASHBOARD = Dashboard(
    "shop",
    "Shop",
    "One shop, as long as it is among the worst of a metric; the links lead to what is known of every shop.",
    (
        Row(
            "${shop}",
            (
                Panel(
                    "Rates",
                    "Its rates while it is among the worst; a gap is a time at which it was not.",
                    (Query(by("max", "metric, window", series(of.WORST_RATE, MINE)), LEGEND),),
                    unit="percentunit",
                    width=16,
                    links=to_api("${shop:percentencode}"),
                ),
                Panel("Elsewhere", "", kind="text", width=8, text=_ELSEWHERE),
                Panel(
                    "Counted",
                    "How many orders, packages or requests each rate is made of.",
                    (Query(by("max", "metric, window", series(of.WORST_COUNTED, MINE)), LEGEND),),
                    width=8,
                ),
                Panel(
                    "How far from the marketplace's middle",
                    "Its rate less that of the median shop: what all shops have in common is not in it.",
                    (
                        Query(
                            f"{by('max', 'metric, window', series(of.WORST_RATE, MINE))} - on (metric, window) "
                            f"histogram_quantile(0.5, {by('sum', 'metric, window, le', series(of.SHOPS, end='_bucket'))})",
                            LEGEND,
                        ),
                    ),
                    unit="percentunit",
                    width=8,
                ),
                Panel(
                    "The worst shop beside it",
                    "The rates of the worst shop of each metric: the lowest of all that are shown, and the highest.",
                    (
                        Query(by("min", "metric, window", series(of.WORST_RATE)), f"lowest, {LEGEND}"),
                        Query(by("max", "metric, window", series(of.WORST_RATE)), f"highest, {LEGEND}"),
                    ),
                    unit="percentunit",
                    width=8,
                ),
            ),
        ),
    ),
    (SHOP, API),
)
