"""How does a shop stand, in the words of the API?  Documents made of what is known; what Kafka has is put into them as it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import orjson

from stream.merchant.api.documents import AlertCounts, Feed, MetricAtRisk, OrderAtRisk, RuleTrend
from stream.merchant.api.following import Health
from stream.merchant.api.shops import Entry, Shop, Shops
from topics.rates import AtRisk, Rates
from topics.times import millis, rfc3339

Json = Mapping[str, object]


def trend_of(shop: Shop) -> Sequence[RuleTrend]:
    """Of each rule, by its name."""
    return [RuleTrend(rule=rule, points=trend.points()) for rule, trend in sorted(shop.trends.items())]


def trend_bytes(shop: Shop) -> bytes:
    """The same, written."""
    return msgspec.json.encode(trend_of(shop))


@dataclass(frozen=True, slots=True)
class Standing:
    """Makes the documents."""

    shops: Shops
    health: Health

    def feed(self, shop: Shop | None) -> Json:
        """How fresh what is said of a shop is."""
        return self._feed(None if shop is None else self.shops.read_to[shop.partition])

    def feed_of_all(self) -> Json:
        """Of all shops: as old as the oldest partition of which anything is known."""
        return self._feed(min((at for at in self.shops.read_to if at is not None), default=None))

    def _feed(self, read_to: int | None) -> Json:
        away = self.health.away_since
        feed = Feed(
            read_to=None if read_to is None else rfc3339(read_to),
            away_since=None if away is None else rfc3339(away),
        )
        return msgspec.structs.asdict(feed)

    def shop(self, shop_id: str, shop: Shop | None) -> bytes:
        """`ShopStanding`."""
        firing = 0 if shop is None else shop.firing()
        counts = AlertCounts(
            firing=firing, resolved=0 if shop is None else sum(1 for _ in shop.entries()) - firing
        )
        return orjson.dumps(
            {
                "shop_id": shop_id,
                "rates": None if shop is None or shop.rates is None else orjson.Fragment(shop.rates),
                "trend": [] if shop is None else orjson.Fragment(trend_bytes(shop)),
                "alerts": msgspec.structs.asdict(counts),
                "feed": self.feed(shop),
                "position": None if shop is None else str(self.shops.position(shop)),
            }
        )

    def orders_at_risk(self, shop_id: str, shop: Shop | None) -> bytes:
        """`OrdersAtRisk`."""
        known = None if shop is None or shop.rates is None else msgspec.json.decode(shop.rates, type=Rates)
        at_risk = () if known is None else known.at_risk
        document = {
            "shop_id": shop_id,
            "as_of": None if known is None else rfc3339(millis(known.as_of)),
            "metrics": [_counts(each) for each in at_risk],
            "orders": _orders(at_risk),
            "feed": self.feed(shop),
        }
        return msgspec.json.encode(document)


def page_of(entries: Sequence[Entry], count: int, cursor: Callable[[Entry], str]) -> bytes:
    """`AlertPage`, of one entry more than the page has, if there are more."""
    shown = [orjson.Fragment(entry.value) for entry in entries[:count] if entry.value is not None]
    more = cursor(entries[count - 1]) if len(entries) > count else None
    return orjson.dumps({"alerts": shown, "next": more})


def _counts(found: AtRisk) -> MetricAtRisk:
    return MetricAtRisk(
        metric=found.metric,
        open=found.open,
        within_1h=found.within_1h,
        within_6h=found.within_6h,
        within_24h=found.within_24h,
    )


def _orders(at_risk: Sequence[AtRisk]) -> Sequence[OrderAtRisk]:
    """All that are named, each once, by when they are due."""
    found: dict[tuple[int, str], list[str]] = {}
    for each in at_risk:
        for order in each.due_next:
            found.setdefault((millis(order.due), order.order_id), []).append(each.metric)
    return [
        OrderAtRisk(order_id=order_id, due=rfc3339(due), metrics=metrics)
        for (due, order_id), metrics in sorted(found.items())
    ]
