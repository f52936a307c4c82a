"""What does Kafka say of an alert, a shop or an order?  Alerts and rates, and of one partition's ledger what the story needs.

Nothing is written, and no group is joined.
"""

from asyncio import gather
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import TopicPartition

from stream.cli.latest import decoded
from stream.cli.saying import CommandError
from stream.engine.ledger import (
    UnreadableRecordError,
    order_key,
    orders_prefix,
    read_order,
    read_states,
    state_key,
)
from stream.engine.order import Order
from stream.engine.states import StateRecord
from stream.merchant.explain.known import Known
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from stream.worker.bulk import Take, read_all
from stream.worker.errors import UnreadableLedgerError
from stream.worker.ledger import CLOCK_KEY, decode_clock_of, described
from stream.worker.ledger_reading import latest_values
from stream.worker.partitioner import belongs_by
from stream.worker.settings import Settings
from topics.alerts import Alert
from topics.ledger import Clock
from topics.policies import PolicyRecord
from topics.rates import Rates


@dataclass(frozen=True, slots=True)
class Alerts:
    """All that are there, by partition; ``raw`` is by partition and id."""

    raw: Mapping[int, Mapping[bytes, bytes]]

    def place_of(self, alert_id: str) -> int | None:
        """The partition of an alert, which is that of its shop; None if there is none."""
        key = alert_id.encode()
        return next((number for number, values in self.raw.items() if key in values), None)

    def get(self, number: int, alert_id: str) -> Alert:
        """One that is there."""
        return decoded("alerts", self.raw[number][alert_id.encode()], Alert)

    def knows(self, shop: str) -> bool:
        """Whether one of them is of this shop."""
        return any(self.of_shop(number, shop) for number in self.raw)

    def of_shop(self, number: int, shop: str) -> Sequence[tuple[Alert, bytes]]:
        """Those of a shop, the newest first."""
        read = [(decoded("alerts", value, Alert), value) for value in self.raw[number].values()]
        mine = [each for each in read if each[0].shop_id == shop]
        return sorted(mine, key=lambda each: (each[0].fired_at, each[0].alert_id), reverse=True)


@dataclass(slots=True)
class OfShop:
    """What a partition's ledger holds of one shop: how many orders, the states, and those orders that are asked for."""

    shop: str
    wanted: Collection[str]
    clock: bytes | None = None
    states: bytes | None = None
    orders: dict[bytes, bytes] = field(default_factory=dict)
    known: set[bytes] = field(default_factory=set)
    let_go: set[bytes] = field(default_factory=set)
    """Orders with a tombstone that is still there: they were known once (SEMANTICS F5)."""

    def take(self, record: Any) -> None:
        """A later record of the partition."""
        key, value = record.key, record.value
        if key == CLOCK_KEY:
            self.clock = value
        elif key == state_key(self.shop):
            self.states = value
        elif key.startswith(orders_prefix(self.shop)):
            self._take_order(key, value)

    def _take_order(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.known.discard(key)
            self.orders.pop(key, None)
            self.let_go.add(key)
            return
        self.known.add(key)
        if key in {order_key(self.shop, each) for each in self.wanted}:
            self.orders[key] = value


class Topics:
    """The topics that workers write, of all ``partitions``."""

    def __init__(self, settings: Settings, partitions: int) -> None:
        self._settings = settings
        self._partitions = partitions
        self._seen_clock = False

    @property
    def nothing_judged(self) -> bool:
        """Whether no ledger that was read had a clock."""
        return not self._seen_clock

    async def alerts(self) -> Alerts:
        """All of them."""
        return Alerts(await latest_values(self._settings, "alerts", range(self._partitions)))

    def where_to_look(self, shop: str) -> Sequence[Collection[int]]:
        """First where Kafka's own producers put a shop, then everywhere else: producers may be told otherwise."""
        first = belongs_by("murmur2", self._partitions)(shop.encode()) or 0
        return [[first], [number for number in range(self._partitions) if number != first]]

    async def find(self, alerts: Alerts, shop: str, wanted: Collection[str]) -> "Found | None":
        """The shop, wherever it is; None: nothing is known of it."""
        for numbers in self.where_to_look(shop):
            found = await self.look(alerts, shop, numbers, wanted)
            there = next((each for each in found if each.there), None)
            if there is not None:
                return there
        return None

    async def look(
        self, alerts: Alerts, shop: str, numbers: Collection[int], wanted: Collection[str]
    ) -> "Sequence[Found]":
        """What each of these partitions holds of the shop, and those of its orders that are ``wanted``."""
        ledgers = {number: OfShop(shop, wanted) for number in numbers}
        rates, policies, _ = await gather(
            self._rates(shop, numbers),
            latest_values(self._settings, "policies", numbers),
            self._read("ledger", numbers, lambda record: ledgers[record.partition].take(record)),
        )
        self._seen_clock = self._seen_clock or any(each.clock for each in ledgers.values())
        return [
            Found(number, rates.get(number), ledger, alerts.of_shop(number, shop), policies[number])
            for number, ledger in ledgers.items()
        ]

    async def has_rates(self, shop: str) -> bool:
        """Whether there are rates of the shop, where Kafka's own producers put it."""
        return bool(await self._rates(shop, self.where_to_look(shop)[0]))

    async def _rates(self, shop: str, numbers: Collection[int]) -> Mapping[int, bytes]:
        """Those of the shop, by partition."""
        key, found = shop.encode(), dict[int, bytes | None]()

        def take(record: Any) -> None:
            if record.key == key:
                found[record.partition] = record.value

        await self._read("rates", numbers, take)
        return {number: value for number, value in found.items() if value is not None}

    async def _read(self, topic: str, numbers: Collection[int], take: Take) -> None:
        name = self._settings.topics.name(topic)
        await read_all(self._settings, [TopicPartition(name, number) for number in numbers], take)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a shop was found, and what was."""

    number: int
    rates: bytes | None
    ledger: OfShop
    alerts: Sequence[tuple[Alert, bytes]]
    policies: Mapping[bytes, bytes]

    @property
    def there(self) -> bool:
        """Whether anything is known of the shop here."""
        return bool(
            self.rates or self.alerts or self.ledger.known or self.ledger.states or self.ledger.let_go
        )

    def _clock(self) -> Clock:
        """The partition's; there is none where only leftovers of a shop are."""
        clock = decode_clock_of(self.number, self.ledger.clock)
        if clock is None:
            raise CommandError(
                f"partition {self.number} of the ledger has no clock: no worker has judged anything there"
            )
        return clock

    def known(self) -> Known:
        """All of it, read; raises CommandError or a WorkerError for what cannot be."""
        clock = self._clock()
        policy = self._policy(clock.policy)
        rates = None if self.rates is None else decoded("rates", self.rates, Rates)
        return Known(
            shop=self.ledger.shop,
            policy=policy,
            clock=clock.decided,
            rates=rates,
            alerts=[alert for alert, _ in self.alerts],
            states=self._states(),
            orders=self._orders(),
            known_orders=len(self.ledger.known),
            alert_documents={alert.alert_id: orjson.loads(value) for alert, value in self.alerts},
            rates_document={} if self.rates is None else orjson.loads(self.rates),
        )

    def _policy(self, digest: str) -> PolicySet:
        """The set that is in force."""
        value = self.policies.get(digest.encode())
        if value is None:
            raise CommandError(
                f"the policy set {digest[:12]} that is in force is not in the topic policies, so nothing can be explained by it"
            )
        texts = decoded("policies", value, PolicyRecord).texts
        try:
            return read_policies([Source(f"file {place}", text) for place, text in enumerate(texts, 1)])
        except PolicyError as error:
            raise CommandError(
                f"the policy set {digest[:12]} that is in force cannot be read by this release: {next(iter(error.problems))}"
            ) from None

    def _states(self) -> Sequence[StateRecord]:
        key = state_key(self.ledger.shop)
        try:
            return () if self.ledger.states is None else read_states(key, self.ledger.states)
        except UnreadableRecordError as error:
            raise UnreadableLedgerError(self.number, described(key), str(error)) from None

    def _orders(self) -> Mapping[str, Order]:
        return dict(self._each_order(self.ledger.wanted))

    def _each_order(self, wanted: Iterable[str]) -> Iterable[tuple[str, Order]]:
        for name in wanted:
            key = order_key(self.ledger.shop, name)
            if key in self.ledger.orders:
                try:
                    yield name, read_order(key, self.ledger.orders[key])
                except UnreadableRecordError as error:
                    raise UnreadableLedgerError(self.number, described(key), str(error)) from None
