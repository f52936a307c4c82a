"""Which shops are there, and when do people buy?"""

from collections import Counter
from random import Random

from stream.simulate.market import Market
from stream.simulate.scenarios.flash_sale import FlashSale
from stream.simulate.shops import DAY, HOUR

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


def test_the_day_has_its_rhythm_whenever_the_market_opens() -> None:
    opens_at_noon = Market(begins=MARKET.begins + DAY // 2, days=2)
    hours = Counter((at - MARKET.begins) % DAY // HOUR for at, _ in opens_at_noon.payments(Random(1)))
    assert hours[20] > 8 * hours[3] > 0
    assert sum(hours.values()) == 2 * opens_at_noon.orders_a_day


def test_a_flash_sale_brings_orders_of_days_within_hours() -> None:
    sale = FlashSale(MARKET.begins + DAY, MARKET.begins + DAY + 3 * HOUR, frozenset({5}))
    market = Market(plan=(sale,))
    meanwhile = Counter(
        shop.shop_id for at, shop in market.payments(Random(1)) if sale.begins <= at < sale.ends
    )
    assert meanwhile["shop-05"] > 2.5 * market.orders_of(5)
    assert max(count for shop_id, count in meanwhile.items() if shop_id != "shop-05") < market.orders_of(1)


def test_orders_of_all_shops_make_the_orders_of_a_day() -> None:
    assert round(sum(map(MARKET.orders_of, range(1, MARKET.shops + 1)))) == MARKET.orders_a_day
    enough = MARKET.orders_of(5)
    assert MARKET.shops_with(enough) in {4, 5}  # rounding
    assert MARKET.shops_with(MARKET.orders_a_day) == 0


def test_one_warehouse_stops_where_nothing_else_is_said_and_some_shops_ship_from_it() -> None:
    hit = MARKET.hit()
    assert {shop.warehouse for shop in hit} == {MARKET.stop.warehouse}
    assert 0 < len(hit) < MARKET.shops
    assert MARKET.begins < MARKET.stop.begins < MARKET.stop.ends < MARKET.ends
    assert Market(plan=()).hit() == []
