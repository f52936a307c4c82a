"""What is on a terminal of so many columns and lines?  Whole screens, as text.

After a change that is meant: ``python -m tests.view.test_screen`` writes them anew; look at what it has written.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from stream.view.heading import Now
from stream.view.model import View
from stream.view.screen import draw
from stream.view.shops import Shop
from tests.view.story import BEGINS, CHINESE, WRITTEN_AT, alert, late, rates, returns, score, view
from topics.rates import RuleRates, TierRates
from topics.times import millis

SCREENS = Path(__file__).parent / "screens"
SIZES = [(120, 40), (80, 24), (40, 15), (20, 10), (60, 12), (200, 20)]
NOW = Now(15.0, WRITTEN_AT)


def screen(shown: View, width: int, height: int, now: Now = NOW) -> list[str]:
    return [line.plain for line in draw(shown, width, height, now)]


def away() -> View:
    made = view()
    made.lost(12.0, "127.0.0.1:9092 does not answer")
    return made


STORIES: dict[str, Callable[[], View]] = {"": view, "-away": away, "-empty": lambda: View("shopwatch demo")}
CASES = [
    *((f"{width}x{height}", width, height) for width, height in SIZES),
    ("80x24-away", 80, 24),
    ("20x10-away", 20, 10),
    ("80x24-empty", 80, 24),
]


def drawn(name: str, width: int, height: int) -> str:
    _, dash, story = name.partition("-")
    lines = screen(STORIES[dash + story](), width, height)
    return "".join(f"{line.rstrip()}\n" for line in lines)


@pytest.mark.parametrize(("name", "width", "height"), CASES)
def test_a_screen_looks_as_it_did_when_somebody_looked_at_it(name: str, width: int, height: int) -> None:
    assert drawn(name, width, height) == (SCREENS / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("width", [1, 7, 19, 20, 21, 33, 47, 59, 60, 79, 99, 100, 133, 250])
@pytest.mark.parametrize("height", [1, 5, 6, 7, 19, 20, 60])
def test_every_size_is_filled_exactly(width: int, height: int) -> None:
    for story in STORIES.values():
        assert [cell_len(line) for line in screen(story(), width, height)] == [width] * height


@pytest.mark.parametrize(("width", "height"), [(19, 40), (80, 5), (1, 1)])
def test_a_terminal_that_is_too_small_gets_one_line_that_says_so(width: int, height: int) -> None:
    first, *rest = screen(view(), width, height)
    assert first.strip() == "20x6 at least"[:width] if width > 1 else first == "…"
    assert not any(line.strip() for line in rest)


def test_twenty_columns_show_who_is_in_trouble_and_which_alerts_came() -> None:
    shown = "\n".join(screen(view(), 20, 10))
    assert "!! 74.0" in shown
    assert "! shop-01" in shown
    assert "2/13 in trouble" in shown


def test_the_worst_shop_stands_first_and_one_that_waits_to_fire_before_the_calm() -> None:
    names = [line.split()[0] for line in screen(view(), 120, 40)[5:8]]
    assert names == [CHINESE, "shop-01", "shop-02"]


def test_what_a_terminal_would_obey_is_not_sent_to_it() -> None:
    evil = "\x1b[2Jshop\r\n\u202eno"
    shown = View("t")
    shown.shops.take(rates(evil, late(1, 9), returns(1), score(None)))
    shown.happenings.take(alert(1, evil, 0, orders=1))
    for width in (20, 80, 120):
        text = "".join(screen(shown, width, 20))
        assert text.isprintable()
        assert "[2Jshop" in text


def test_rules_without_room_side_by_side_leave_each_shop_its_worst_rate() -> None:
    shown = View("t")
    many = [returns(5) for _ in range(30)]
    rules = [
        type(rule)(rule=f"rule_{n}", metric="m", window="1d", tiers=rule.tiers) for n, rule in enumerate(many)
    ]
    shown.shops.take(rates("shop-01", *rules, late(1, 9)))
    assert "shop-01 !! 10.0" in "\n".join(screen(shown, 120, 20))
    assert "late_shipping <85/80 % 3d" in "\n".join(screen(shown, 120, 20))


def test_a_worker_that_says_nothing_and_one_that_never_began_are_told() -> None:
    assert "NO WORD from a worker for 40 s" in "\n".join(screen(view(), 80, 24, Now(54.0, WRITTEN_AT)))
    shown = View("t")
    shown.flow.take_ends(0.0, {("orders", 0): 0})
    assert "no worker has begun yet" in "\n".join(screen(shown, 80, 24, Now(20.0, 0)))
    assert "no worker" not in "\n".join(screen(shown, 80, 24, Now(14.0, 0)))


def test_event_times_are_written_as_the_view_is_told() -> None:
    shown = view()
    shown.stamp = lambda at: f"hour {(at - millis(BEGINS)) // 3_600_000:02}:00"
    text = "\n".join(screen(shown, 120, 40))
    assert "hour 28:00" in text.splitlines()[0]
    assert " hour 20:00       FIRES    杭州丝绸旗舰店" in text


def test_ten_thousand_shops_are_drawn_without_looking_at_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = View("t")
    for number in range(10_000):
        shown.shops.take(rates(f"shop-{number:05}", late(99 - number % 9, 1), returns(number % 8), score(90)))
    looked_at: set[str] = set()
    rules = Shop.rules

    def seen(shop: Shop) -> Iterator[tuple[RuleRates, TierRates]]:
        looked_at.add(shop.rates.shop_id)
        return rules(shop)

    monkeypatch.setattr(Shop, "rules", seen)
    assert "10,000 shops" in screen(shown, 120, 40)[0]
    assert 10 < len(looked_at) <= 40


if __name__ == "__main__":
    for name, width, height in CASES:
        (SCREENS / f"{name}.txt").write_text(drawn(name, width, height), "utf-8")
