"""Which numbers say how the API itself is?  For Prometheus; none names a shop."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.responses import Response

from stream.merchant.api.following import Health
from stream.merchant.api.shops import Shops
from stream.merchant.api.streams import Streams


class Numbers:
    """Collected when somebody asks."""

    def __init__(self, shops: Shops, streams: Streams, health: Health) -> None:
        self._shops = shops
        self._streams = streams
        self._health = health
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def response(self) -> Response:
        """As Prometheus reads it."""
        return Response(generate_latest(self._registry), headers={"content-type": CONTENT_TYPE_LATEST})

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client asks for it."""
        streams, health = self._streams, self._health
        yield GaugeMetricFamily("shopwatch_api_shops", "Shops of which anything is known.", len(self._shops))
        yield GaugeMetricFamily("shopwatch_api_alerts", "Alerts that are known.", self._shops.alerts)
        yield GaugeMetricFamily("shopwatch_api_firing", "Alerts that fire.", len(self._shops.firing))
        yield GaugeMetricFamily("shopwatch_api_streams", "Streams that are open.", len(streams))
        yield CounterMetricFamily("shopwatch_api_streams_opened", "Streams opened.", streams.opened)
        yield CounterMetricFamily(
            "shopwatch_api_streams_cut_off", "Streams cut off since nobody read them.", streams.cut_off
        )
        yield CounterMetricFamily("shopwatch_api_records", "Records of Kafka that were read.", health.records)
        yield CounterMetricFamily("shopwatch_api_strays", "Records that were left out.", health.strays)
        yield GaugeMetricFamily(
            "shopwatch_api_ready", "1: all is known, and Kafka answers.", not health.why_not()
        )
