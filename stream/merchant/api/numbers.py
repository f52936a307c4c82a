"""Which numbers say how the API itself is?  For Prometheus; none names a shop."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from stream.merchant.api.following import Health
from stream.merchant.api.shops import Shops
from stream.merchant.api.streams import Streams
from stream.ops import catalogue as show
from stream.ops.exposition import CONTENT_TYPE, lines
from stream.ops.serving import TEXT, Answer


class Numbers:
    """Collected when somebody asks, from any thread: each is one look at what there is."""

    def __init__(self, shops: Shops, streams: Streams, health: Health) -> None:
        self._shops = shops
        self._streams = streams
        self._health = health
        self._process = ProcessCollector(registry=CollectorRegistry())

    def answer(self, path: str) -> Answer:
        """For a path."""
        if path != "/metrics":
            return HTTPStatus.NOT_FOUND, TEXT, b"/metrics\n"
        families = chain(self.collect(), self._process.collect())
        text = "".join(line for family in families for line in lines(family))
        return HTTPStatus.OK, CONTENT_TYPE, text.encode("utf-8", "replace")

    def collect(self) -> Iterator[Metric]:
        """The API's own, as the catalogue has them."""
        for metric, value in self._values():
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            yield kind(metric.name.removesuffix("_total"), metric.help, value)

    def _values(self) -> Iterator[tuple[show.Metric, float]]:
        shops, streams, health = self._shops, self._streams, self._health
        yield show.API_SHOPS, len(shops)
        yield show.API_ALERTS, shops.alerts
        yield show.API_FIRING, len(shops.firing)
        yield show.API_STREAMS, len(streams)
        yield show.API_OPENED, streams.opened
        yield show.API_CUT_OFF, streams.cut_off
        yield show.API_RECORDS, health.records
        yield show.API_STRAYS, health.strays
        yield show.API_READY, not health.why_not()
