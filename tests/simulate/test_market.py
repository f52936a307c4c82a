"""Which shops are there, and when do people buy?"""

from collections import Counter
from random import Random

from stream.simulate.market import DAY, HOUR, Market

MARKET = Market()


def test_sizes_of_shops_fall_by_zipf() -> None:
    sizes = Counter(shop.shop_id for _, shop in MARKET.payments(Random(1)))
    assert len(sizes) == MARKET.shops
    assert [shop.shop_id for shop in MARKET.all_shops()][:2] == ["shop-01", "shop-02"]
    assert 8 < sizes["shop-01"] / sizes["shop-20"] < 16  # 20 ** 0.8 is 11


def test_people_buy_in_the_evening_and_sleep_at_night() -> None:
    hours = Counter((at - MARKET.begins) % DAY // HOUR for at, _ in MARKET.payments(Random(1)))
    assert hours[20] > 8 * hours[3] > 0


def test_payments_come_in_the_order_of_time_within_the_days_of_the_market() -> None:
    times = [at for at, _ in MARKET.payments(Random(1))]
    assert times == sorted(times)
    assert MARKET.begins <= times[0]
    assert times[-1] < MARKET.ends
    assert len(times) == MARKET.days * MARKET.orders_a_day


def test_one_warehouse_stops_and_some_shops_ship_from_it() -> None:
    hit = MARKET.hit()
    assert {shop.warehouse for shop in hit} == {MARKET.stop.warehouse}
    assert 0 < len(hit) < MARKET.shops
    assert MARKET.begins < MARKET.stop.begins < MARKET.stop.ends < MARKET.ends
