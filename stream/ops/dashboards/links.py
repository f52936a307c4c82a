"""Where do numbers lead?  From a shop's to its dashboard, its page and the API, which knows every shop."""

from stream.ops.dashboards.document import PREFIX
from stream.ops.dashboards.panels import Link


def to_shop(shop: str) -> Link:
    """The dashboard of one shop; ``shop`` is a variable of Grafana's that holds its id."""
    chosen = "&".join(f"${{{name}:queryparam}}" for name in ("datasource", "job", "instance", "api"))
    return Link("This shop", f"/d/{PREFIX}shop?var-shop={shop}&{chosen}&${{__url_time_range}}")


def to_page(shop: str) -> Link:
    """The API's page, which asks for a token where it has no session yet."""
    return Link("This shop's page", f"${{api}}/#shop={shop}")


def to_api(shop: str) -> tuple[Link, ...]:
    """What the API has of it, for who has a session at its page: a browser takes that along from a Grafana of the same site."""
    return (
        Link("Rates (API)", f"${{api}}/v1/shops/{shop}"),
        Link("Alerts (API)", f"${{api}}/v1/shops/{shop}/alerts"),
        Link("Orders at risk (API)", f"${{api}}/v1/shops/{shop}/orders/at-risk"),
    )
