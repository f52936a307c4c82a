"""What happens to the orders of the simulated marketplace?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

import pytest

from stream.simulate.incidents import Tally
from stream.simulate.lives import lives as lives_of
from stream.simulate.market import Habits, Market
from stream.simulate.shops import DAY, HOUR
from topics.catalogue import InputEvent
from topics.orders import OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped
from topics.times import millis

MARKET = Market()
Life = Sequence[InputEvent]
Kind = TypeVar("Kind", bound=InputEvent)


def told(market: Market) -> Mapping[str, Life]:
    found: dict[str, list[InputEvent]] = defaultdict(list)
    for paid_at, events in lives_of(market, Random(market.seed), Tally()):
        for at, event in events:
            assert millis(event.occurred_at) == at >= paid_at
            found[event.order_id].append(event)
    return found


@pytest.fixture(scope="module")
def lives() -> Mapping[str, Life]:
    return told(MARKET)


def of(life: Life, kind: type[Kind]) -> list[Kind]:
    return [event for event in life if isinstance(event, kind)]


def paid(life: Life) -> OrderPaid:
    return of(life, OrderPaid)[0]


def shipped(life: Life) -> PackageShipped | None:
    return next((event for event in of(life, PackageShipped) if event.completes_order is None), None)


def late(life: Life) -> bool:
    promise, ship = paid(life).ship_by, shipped(life)
    return promise is not None and ship is not None and ship.occurred_at > promise


def test_an_order_is_paid_once_and_its_events_have_ids_of_their_own(lives: Mapping[str, Life]) -> None:
    ids = [event.event_id for life in lives.values() for event in life]
    assert len(set(ids)) == len(ids)
    assert {len(of(life, OrderPaid)) for life in lives.values()} == {1}
    assert {len({event.shop_id for event in life}) for life in lives.values()} == {1}


def test_whatever_is_neither_virtual_nor_cancelled_is_shipped_and_picked_up(
    lives: Mapping[str, Life],
) -> None:
    owed = [life for life in lives.values() if paid(life).goods != "virtual" and not of(life, OrderCancelled)]
    for life in owed:
        packages = [event.package_id for event in of(life, PackageShipped)]
        assert packages == [event.package_id for event in of(life, PackagePickedUp)]
        assert len({event.package_id for event in of(life, PackageShipped)}) == len(packages)
        assert max(of(life, PackageShipped), key=lambda event: event.occurred_at) is shipped(life)
    assert any(len(of(life, PackageShipped)) == 2 for life in owed)


def test_virtual_and_cancelled_orders_ship_nothing(lives: Mapping[str, Life]) -> None:
    virtual = [life for life in lives.values() if paid(life).goods == "virtual"]
    cancelled = [life for life in lives.values() if of(life, OrderCancelled)]
    assert virtual
    assert cancelled
    assert not any(of(life, PackageShipped) for life in (*virtual, *cancelled))


def test_every_request_for_money_back_is_answered_or_withdrawn(lives: Mapping[str, Life]) -> None:
    requests = [life for life in lives.values() if of(life, RefundRequested)]
    for life in requests:
        asked = [event.refund_id for event in of(life, RefundRequested)]
        answered = [event.refund_id for event in of(life, RefundResolved)]
        answered += [event.refund_id for event in of(life, RefundWithdrawn)]
        assert len(set(asked)) == len(asked)
        assert sorted(asked) == sorted(answered)
    kinds = {of(life, RefundRequested)[0].kind for life in requests}
    assert kinds == {"return", "refund_only"}


def test_nothing_leaves_a_warehouse_while_it_stands_still(lives: Mapping[str, Life]) -> None:
    stop, hit = MARKET.stop, {shop.shop_id for shop in MARKET.hit()}
    during = {
        event.shop_id
        for life in lives.values()
        if (event := shipped(life)) and stop.begins <= millis(event.occurred_at) < stop.ends
    }
    assert hit
    assert during == {shop.shop_id for shop in MARKET.all_shops()} - hit


def test_the_stop_makes_its_shops_late_and_no_others(lives: Mapping[str, Life]) -> None:
    stop, hit = MARKET.stop, {shop.shop_id for shop in MARKET.hit()}
    day_before = [
        life
        for life in lives.values()
        if stop.begins - 6 * HOUR <= millis(paid(life).occurred_at) < stop.begins + 6 * HOUR
    ]
    theirs = [late(life) for life in day_before if paid(life).shop_id in hit]
    others = [late(life) for life in day_before if paid(life).shop_id not in hit]
    assert sum(theirs) / len(theirs) > 0.6
    assert sum(others) / len(others) < 0.06


def test_some_shops_report_the_delay_before_the_promise_is_broken(lives: Mapping[str, Life]) -> None:
    reported = [life for life in lives.values() if of(life, PromiseChanged)]
    assert reported
    for life in reported:
        promise, change = paid(life).ship_by, of(life, PromiseChanged)[0]
        assert promise is not None
        assert paid(life).occurred_at < change.occurred_at < promise < change.ship_by


def test_when_the_market_has_closed_only_what_was_under_way_goes_on(lives: Mapping[str, Life]) -> None:
    begun = [
        event for life in lives.values() for event in life if isinstance(event, OrderPaid | RefundRequested)
    ]
    assert max(millis(event.occurred_at) for event in begun) < MARKET.ends
    last = max(millis(event.occurred_at) for life in lives.values() for event in life)
    assert MARKET.ends < last < MARKET.ends + 6 * DAY


@pytest.mark.parametrize(
    ("habits", "kind"),
    [
        (Habits(split=0), "split"),
        (Habits(cancelled=0), "cancelled"),
        (Habits(delay_reports=0), "reported"),
    ],
)
def test_a_habit_that_nobody_has_leaves_no_trace(habits: Habits, kind: str) -> None:
    seen = set()
    for life in told(Market(days=4, habits=habits)).values():
        seen |= {"split"} if len(of(life, PackageShipped)) > 1 else set()
        seen |= {"cancelled"} if of(life, OrderCancelled) else set()
        seen |= {"reported"} if of(life, PromiseChanged) else set()
    assert seen == {"split", "cancelled", "reported"} - {kind}


def test_the_units_of_an_incident_are_the_orders_that_it_made_late() -> None:
    tally = Tally()
    by_order: dict[str, list[InputEvent]] = defaultdict(list)
    for _, events in lives_of(MARKET, Random(1), tally):
        for _, event in events:
            by_order[event.order_id].append(event)
    stop = MARKET.stop
    cleared = range(stop.ends, stop.ends + (stop.ends - stop.begins) // 4)
    late_then: dict[str, int] = defaultdict(int)
    for life in by_order.values():
        ship, promises = shipped(life), [event.ship_by for event in of(life, PromiseChanged)]
        promise = max([*promises, paid(life).ship_by or paid(life).occurred_at])
        if ship and ship.occurred_at > promise and millis(ship.occurred_at) in cleared:
            late_then[ship.shop_id] += 1
    for incident in tally.labels(MARKET).incidents:
        forgotten = late_then[incident.shop_id] - incident.units  # late by chance, and sent with the others
        assert 0 <= forgotten <= 3 + incident.units // 10
        assert incident.units > 5
