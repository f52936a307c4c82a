"""Which streams are tried?  Few orders of few shops, with all that can befall an order, in any order of arrival."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.properties.dice import SEEDS, Dice
from tests.properties.policies import BEGINS, GOODS, REASONS, REGIONS, STEPS, instants

Event = Mapping[str, Any]

_IDS = ("a", "b", "é", "\uffff", "\U0001f600")
_CARRIED_TO = BEGINS + timedelta(hours=100)


def time_text(moment: datetime) -> str:
    """RFC 3339, with the milliseconds."""
    return moment.isoformat(timespec="milliseconds")


class _Story:
    """One order as it is being told: every event on the grid around its payment."""

    def __init__(self, dice: Dice, shop: str, order: str) -> None:
        self._dice = dice
        self._who = {"shop_id": shop, "order_id": order}
        self.events: list[dict[str, Any]] = []
        self.begins = dice.whole(0, STEPS // 5)

    def tell(self, event: str, first: int, last: int, /, **fields: Any) -> None:
        """An event between two steps from the beginning on."""
        event_id = f"{self._who['order_id']}-{len(self.events)}"
        if self._dice.chance(8):
            event_id = self._dice.one(_IDS)
        at = instants(self._dice, self.begins + first, self.begins + last)
        self.events.append(
            {"type": event, "event_id": event_id, **self._who, "occurred_at": time_text(at), **fields}
        )

    def promise(self, first: int, last: int) -> str:
        """A time to ship by."""
        return time_text(instants(self._dice, self.begins + first, self.begins + last))

    def chance(self, share: int) -> bool:
        """Whether something befalls it."""
        return self._dice.chance(share)

    def one(self, words: Sequence[Any]) -> Any:
        """One of them."""
        return self._dice.one(words)


def _pay(story: _Story) -> None:
    goods = story.one(("physical",) * 8 + GOODS)
    fields = {
        "goods": goods,
        "ship_from": story.one(REGIONS),
        "ship_to": story.one(REGIONS),
        "items": 1,
        "amount": 1000,
        "currency": "CNY",
    }
    if goods != "virtual" or story.chance(60):
        fields["ship_by"] = story.promise(-1 if story.chance(10) else 2, story.one((8, 16)))
    if story.chance(30):
        fields["category"] = story.one(("fresh", "toys"))
    story.tell("order_paid", 0, 6 if story.chance(20) else 0, **fields)


def _ship(story: _Story) -> None:
    packages = ("p1", "p2", "p3")[: story.one((1, 1, 1, 2, 3))]
    for package in packages:
        completes = {"completes_order": False} if package != packages[-1] else {}
        if story.chance(90):
            story.tell("package_shipped", 0, 20, package_id=package, carrier="c", **completes)
        if story.chance(70):
            story.tell("package_picked_up", 0, 26, package_id=package, carrier="c")


def _refund(story: _Story, refund: str) -> None:
    asked = {"kind": story.one(("return", "return", "refund_only")), "reason": story.one(("broken", "size"))}
    asked["fault"] = story.one(("merchant", "merchant", "buyer", "carrier", "unknown"))
    if story.chance(95):
        story.tell("refund_requested", -1, 20, refund_id=refund, **asked)
    if story.chance(30):
        story.tell("refund_withdrawn", 0, 26, refund_id=refund)
    if story.chance(45):
        story.tell("refund_resolved", 0, 26, refund_id=refund, outcome=story.one(("approved", "rejected")))


def _repeat(story: _Story) -> None:
    """One of its events again, at another time, under another name, with other content, or just the same."""
    repeated = dict(story.one(story.events))
    if story.chance(50):
        repeated["occurred_at"] = story.promise(0, 26)
    if story.chance(50):
        repeated["event_id"] = story.one(_IDS)
    changes: dict[str, Callable[[], Any]] = {
        "ship_by": lambda: story.promise(2, 16),
        "completes_order": lambda: story.chance(50),
        "reason": lambda: story.one(REASONS if repeated["type"] == "promise_changed" else ("broken", "size")),
        "category": lambda: story.one(("fresh", "toys")),
        "kind": lambda: story.one(("return", "refund_only")),
    }
    story.events.append(
        {
            key: changes[key]() if key in changes and story.chance(50) else value
            for key, value in repeated.items()
        }
    )


def order(dice: Dice, shop: str, name: str) -> list[Event]:
    """All events of an order, as told."""
    story = _Story(dice, shop, name)
    if story.chance(94):
        _pay(story)
    if story.chance(75):
        _ship(story)
    if story.chance(12):
        story.tell("order_cancelled", -1, 20, by=story.one(("buyer", "merchant", "platform")), reason="r")
    for refund in ("f1", "f2")[: story.one((0, 1, 1, 2))]:
        _refund(story, refund)
    for _ in range(story.one((0, 0, 0, 1, 2))):
        story.tell(
            "promise_changed",
            -1,
            16,
            ship_by=story.promise(2, story.one((24, 24, 72))),
            reason=story.one(REASONS),
        )
    for _ in range(story.one((0, 0, 0, 1, 2)) if story.events else 0):
        _repeat(story)
    return list(story.events)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Events of one to three shops; most often one that only carries the time on (T5)."""
    shops = draw(st.lists(st.lists(SEEDS, min_size=1, max_size=9), min_size=1, max_size=3))
    told = [
        event
        for shop, seeds in zip("STU", shops, strict=False)
        for number, seed in enumerate(seeds)
        for event in order(Dice(seed, shop, number), shop, f"o{number}")
    ]
    if draw(st.integers(0, 3)) < 3:
        who = {"event_id": "z", "shop_id": "S", "order_id": "zz", "occurred_at": time_text(_CARRIED_TO)}
        told.append({"type": "order_cancelled", **who, "by": "buyer", "reason": "r"})
    return told
