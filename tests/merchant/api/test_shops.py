"""What is known of each shop, and what of it a stream tells."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.merchant.api.following import Health
from stream.merchant.api.shops import RECENT, Shops, StrayRecordError
from stream.merchant.api.standing import Standing
from stream.merchant.api.streams import TellingAll, TellingShop
from tests.merchant.api.scene import PARTITIONS, Event, Log, parsed
from tests.view.story import BEGINS, alert, late, rates
from topics.alerts import Alert


def shops_of(*alerts: Alert) -> tuple[Shops, Log]:
    shops = Shops(PARTITIONS)
    log = Log(shops)
    for each in alerts:
        log.alert(each)
    return shops, log


def events_of(frames: Iterator[bytes]) -> list[Event]:
    found = (parsed(block.split("\n")) for frame in frames for block in frame.decode().split("\n\n") if block)
    return [event for event in found if event is not None]


def test_of_an_alert_the_last_record_counts_and_the_one_that_fired_last_comes_first() -> None:
    shops, _ = shops_of(alert(1, "s", 1), alert(2, "s", 3), alert(1, "s", 1, because="recovered"))
    shop = shops.find("s")
    assert shop is not None
    assert [entry.alert_id for entry in shop.entries()] == ["a2", "a1"]
    assert (shop.firing(), len(shops.firing), shops.alerts) == (1, 1, 2)


def test_an_alert_that_is_deleted_is_gone_and_still_told() -> None:
    shops, log = shops_of(alert(1, "s", 1))
    shop = shops.find("s")
    assert shop is not None
    before = shops.position(shop)
    log.gone("a1")
    log.gone("never heard of")
    assert (shop.entries(), len(shops.firing), shops.alerts) == ([], 0, 0)
    assert [entry.value for entry in shop.changed(before)] == [None]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"a1", b"{"),
        (b"a1", b'{"alert_id": 7}'),
        (b"a1", b"\xff"),
        (b"a2", msgspec.json.encode(alert(1, "s", 1))),
    ],
)
def test_a_record_that_is_not_what_the_contract_says_changes_nothing_but_the_position(
    key: bytes, value: bytes
) -> None:
    shops = Shops(PARTITIONS)
    with pytest.raises(StrayRecordError):
        shops.take_alert(0, 6, key, value)
    with pytest.raises(StrayRecordError):
        shops.take_rates(0, 7, key, value)
    assert (len(shops), shops.next_alerts[0], shops.next_rates[0]) == (0, 7, 8)


def test_a_document_with_line_breaks_stays_one_line_of_a_stream() -> None:
    shops = Shops(PARTITIONS)
    document = msgspec.to_builtins(alert(1, "s", 1))
    shops.take_alert(0, 0, b"a1", json.dumps(document, indent=2).encode())
    shop = shops.find("s")
    assert shop is not None
    (entry,) = shop.entries()
    assert entry.value == orjson.dumps(document)


def test_a_page_of_all_alerts_goes_on_where_the_one_before_it_ended() -> None:
    shops, _ = shops_of(
        *(alert(number, f"s{number % 3}", 40 - number, because="recovered") for number in range(20)),
        *(alert(number, f"s{number % 3}", 40 - number) for number in range(20, 40)),
    )
    found, before = [], None
    while page := shops.page(None, before, 7):
        found += [entry.alert_id for entry in page]
        before = page[-1].order
    assert found == [f"a{number}" for number in range(40)]
    assert [entry.alert_id for entry in shops.page("firing", None, 3)] == ["a20", "a21", "a22"]
    assert [entry.alert_id for entry in shops.page("resolved", None, 3)] == ["a0", "a1", "a2"]


def test_an_alert_that_is_written_again_with_another_time_stands_in_one_place() -> None:
    shops, log = shops_of(alert(1, "s", 1), alert(2, "s", 2))
    log.alert(alert(1, "s", 5))
    assert [entry.alert_id for entry in shops.page(None, None, 9)] == ["a1", "a2"]
    assert [entry.alert_id for _, entry in shops.firing_now()] == ["a2", "a1"]


def test_a_position_of_another_topic_is_as_good_as_none() -> None:
    shops, log = shops_of(alert(1, "s", 1))
    standing = Standing(shops, Health())
    log.rates(rates("s", late(9, 1)))
    for after in ("1.2.1", "1.1.2", "0.0.0", "nonsense", None):
        told = events_of(TellingShop(shops, standing, "s", after).begin())
        assert [event.name for event in told] == ["begin", "trend", "rates", "alert", "caught_up"], after
        assert [event.id for event in told] == [None, None, None, None, "1.1.1"]
    told = events_of(TellingShop(shops, standing, "s", "1.1.1").begin())
    assert [(event.name, event.id) for event in told] == [("caught_up", "1.1.1")]


def test_a_shop_whose_records_come_from_another_partition_is_told_anew() -> None:
    shops, log = shops_of(alert(1, "s", 1), alert(2, "s", 1))
    telling = TellingShop(shops, Standing(shops, Health()), "s", None)
    list(telling.begin())
    log.alert(alert(3, "s", 1), partition=2)
    told = events_of(telling.news())
    assert [event.data["alert_id"] for event in told if event.name == "alert"] == ["a1", "a2", "a3"]


def test_who_follows_all_and_has_missed_more_than_is_remembered_still_gets_every_last_state() -> None:
    shops, log = shops_of(alert(1, "s", 1))
    telling = TellingAll(shops, Standing(shops, Health()), None)
    first = events_of(telling.begin())
    log.alert(alert(2, "t", 1), partition=2)
    for _ in range(RECENT + 5):
        log.alert(alert(1, "s", 1, because="recovered"))
    for told in (telling.news(), TellingAll(shops, Standing(shops, Health()), first[-1].id).begin()):
        states = {
            event.data["alert_id"]: event.data["state"] for event in events_of(told) if event.name == "alert"
        }
        assert states == {"a1": "resolved", "a2": "firing"}


def test_who_is_cut_off_between_two_alerts_gets_exactly_the_others() -> None:
    shops, log = shops_of(alert(1, "s", 1))
    standing = Standing(shops, Health())
    tellings: tuple[Callable[[str | None], TellingShop | TellingAll], ...] = (
        lambda after: TellingShop(shops, standing, "s", after),
        lambda after: TellingAll(shops, standing, after),
    )
    for telling in tellings:
        last = events_of(telling(None).begin())[-1].id
        for number in (2, 3, 4):
            log.alert(alert(number, "s", number))
        seen = []
        for _ in range(4):
            first = events_of(islice(telling(last).begin(), 1))[0]
            seen.append(first.data.get("alert_id"))
            last = first.id
        assert seen == ["a2", "a3", "a4", None]


def test_what_was_told_is_not_told_again() -> None:
    shops, log = shops_of(alert(1, "s", 1))
    standing = Standing(shops, Health())
    shop, every = TellingShop(shops, standing, "s", None), TellingAll(shops, standing, None)
    list(shop.begin())
    list(every.begin())
    log.rates(rates("s", late(9, 1)))
    assert [event.name for event in events_of(shop.news())] == ["rates"]
    assert events_of(every.news()) == []
    for written in (alert(2, "s", 2), alert(3, "s", 3), alert(2, "s", 2, because="recovered")):
        log.alert(written)
    told: tuple[TellingShop | TellingAll, ...] = (shop, every)
    for telling in told:
        assert [event.data["alert_id"] for event in events_of(telling.news())] == ["a3", "a2"]
        assert events_of(telling.news()) == []


def test_who_has_seen_half_of_the_beginning_forgets_what_is_no_more() -> None:
    shops, log = shops_of(alert(1, "s", 1), alert(2, "s", 1))
    for shop_id in ("s", None):
        reader = Reader(shops, shop_id)
        reader.come()
        reader.read(3 if shop_id else 2)
        assert reader.alerts
        log.gone("a1")
        reader.come()
        reader.read(None)
        assert reader.alerts.keys() == {"a2"}
        log.alert(alert(1, "s", 1))


# Whatever is written, and however often a reader is away or slow: in the end it has the last state of everything.

Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fire", "resolve", "gone", "rates", "read", "leave", "come"]), st.integers(0, 3)
    ),
    max_size=40,
)


@dataclass
class Reader:
    """A page that reads some frames, is cut off in the middle, and comes back with the last id it saw."""

    shops: Shops
    shop_id: str | None
    last: str | None = None
    alerts: dict[str, Any] = field(default_factory=dict)
    rates: Any = None
    telling: TellingShop | TellingAll | None = None
    frames: Iterator[bytes] = field(default_factory=lambda: iter(()))

    def come(self) -> None:
        """Connect."""
        standing = Standing(self.shops, Health())
        if self.shop_id is None:
            self.telling = TellingAll(self.shops, standing, self.last)
        else:
            self.telling = TellingShop(self.shops, standing, self.shop_id, self.last)
        self.frames = self.telling.begin()

    def read(self, count: int | None) -> None:
        """So many frames of what was begun; None: to the end, and all that is new."""
        if self.telling is None:
            return
        for event in events_of(islice(self.frames, count)):
            self.take(event)
        if count is None:
            for event in events_of(self.telling.news()):
                self.take(event)

    def take(self, event: Event) -> None:
        """As the page does."""
        self.last = event.id or self.last
        if event.name == "begin":
            self.alerts.clear()
            self.rates = None
        elif event.name == "alert":
            self.alerts[event.data["alert_id"]] = event.data
        elif event.name == "removed":
            self.alerts.pop(event.data["alert_id"], None)
        elif event.name == "rates":
            self.rates = event.data


def play(log: Log, reader: Reader, steps: list[Step]) -> None:
    for number, (what, which) in enumerate(steps):
        shop, partition = ("s", 1) if which < 3 else ("t", 2)
        if what == "fire":
            log.alert(alert(which, shop, number), partition)
        elif what == "resolve":
            log.alert(alert(which, shop, number, because="recovered"), partition)
        elif what == "gone":
            log.gone(f"a{which}", partition)
        elif what == "rates":
            log.rates(rates(shop, late(100 - number, number), hours=number), partition)
        elif what == "read":
            reader.read(which)
        elif what == "leave":
            reader.telling = None
        else:
            reader.come()
    reader.come()
    reader.read(None)


@given(STEPS)
def test_a_page_has_the_last_state_of_its_shop_whatever_it_missed(steps: list[Step]) -> None:
    shops, log = shops_of()
    reader = Reader(shops, "s")
    play(log, reader, steps)
    shop = shops.find("s")
    entries = [] if shop is None else shop.entries()
    assert reader.alerts == {entry.alert_id: orjson.loads(entry.value or b"") for entry in entries}
    assert reader.rates == (None if shop is None or shop.rates is None else orjson.loads(shop.rates))


@given(STEPS)
def test_ops_have_every_alert_that_fires_whatever_they_missed(steps: list[Step]) -> None:
    shops, log = shops_of()
    reader = Reader(shops, None)
    play(log, reader, steps)
    firing = {entry.alert_id: orjson.loads(entry.value or b"") for _, entry in shops.firing_now()}
    assert {name: each for name, each in reader.alerts.items() if each["state"] == "firing"} == firing


def test_what_has_been_judged_is_as_new_as_the_newest_rates_of_the_partition() -> None:
    shops, log = shops_of()
    standing = Standing(shops, Health(away_since=0))
    log.rates(rates("s", late(9, 1), hours=2))
    log.rates(rates("t", late(9, 1), hours=1))
    said = (BEGINS + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert standing.feed(shops.find("t")) == {"read_to": said, "away_since": "1970-01-01T00:00:00.000Z"}
    assert standing.feed(None)["read_to"] is None
