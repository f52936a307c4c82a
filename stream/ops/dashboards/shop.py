"""How does one shop stand?  The dashboard *Shop*: what the metrics know of a bad one, and where to find the rest."""

from stream.ops import catalogue as of
from stream.ops.dashboards.asking import by, series, worse_than_the_middle
from stream.ops.dashboards.document import API, Dashboard, Row, Variable
from stream.ops.dashboards.links import to_api, to_page
from stream.ops.dashboards.panels import WHOLE, Panel, Query

SHOP = Variable(
    "shop", "Shop", 'label_values(shopwatch_worst_shop_ratio{job=~"$job"}, shop_id)', several=False
)
MINE = 'shop_id="$shop"'
ID = "${shop:percentencode}"
LEGEND = "{{metric}} {{window}}"

_ELSEWHERE = "\n".join(
    [
        "Metrics name only the worst shops. Of every shop, also of `${shop}`, the API knows its rates, windows, thresholds and headroom,",
        "its alerts with their evidence, and the orders that can still be saved:",
        "",
        *(f"* [{link.title.removesuffix(' (API)')}]({link.address})" for link in (to_page(ID), *to_api(ID))),
        "",
        "On a terminal: `shopwatch explain ${shop}`.",
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
                    links=(to_page(ID), *to_api(ID)),
                ),
                Panel("Elsewhere", "", kind="text", width=8, text=_ELSEWHERE),
                Panel(
                    "Counted",
                    "How many orders, packages or requests each rate is made of.",
                    (Query(by("max", "metric, window", series(of.WORST_COUNTED, MINE)), LEGEND),),
                    unit=WHOLE,
                    width=8,
                ),
                Panel(
                    "Worse than the marketplace's middle",
                    "By how much it is worse than the median shop: what all shops have in common is not in it. Below zero it is better.",
                    (Query(worse_than_the_middle(MINE), LEGEND),),
                    unit="percentunit",
                    width=8,
                ),
                Panel(
                    "The worst shop beside it",
                    "The same of the worst shop of each metric and window.",
                    (Query(by("max", "metric, window", worse_than_the_middle()), LEGEND),),
                    unit="percentunit",
                    width=8,
                ),
            ),
        ),
    ),
    (SHOP, API),
)
