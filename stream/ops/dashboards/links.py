"""Where do numbers lead?  From a shop's to its dashboard and to the API, which knows every shop."""

from stream.ops.dashboards.document import PREFIX
from stream.ops.dashboards.panels import Link


def to_shop(shop: str) -> Link:
    """The dashboard of one shop; ``shop`` is a variable of Grafana's that holds its id."""
    return Link(
        "This shop",
        f"/d/{PREFIX}shop?var-shop={shop}&${{datasource:queryparam}}&${{job:queryparam}}&${{__url_time_range}}",
    )


def to_api(shop: str) -> tuple[Link, ...]:
    """What the API has of it."""
    return (
        Link("Rates (API)", f"${{api}}/v1/shops/{shop}"),
        Link("Alerts (API)", f"${{api}}/v1/shops/{shop}/alerts"),
        Link("Orders at risk (API)", f"${{api}}/v1/shops/{shop}/orders/at-risk"),
    )
