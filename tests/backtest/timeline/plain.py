"""Which streams have mostly ordinary orders in them?  Whatever can befall one at most once, at any time of the grid."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.properties.dice import SEEDS, Dice
from tests.properties.policies import BEGINS, GOODS, REASONS, REGIONS, STEPS
from tests.properties.streams import Event, time_text

_ORDERS = 8
"""Of one seed."""


class _Telling:
    """One order; a kind of event is told at most once."""

    def __init__(self, dice: Dice, shop: str, order: str) -> None:
        self._dice, self._who = dice, {"shop_id": shop, "order_id": order}
        self._begins = dice.whole(0, STEPS // 5)
        self.events: list[Event] = []

    def _time(self, first: int, last: int) -> str:
        moment = BEGINS + timedelta(minutes=30 * (self._begins + self._dice.whole(first, last)))
        return time_text(moment + timedelta(milliseconds=self._dice.one((0, 0, 0, 0, 1, -1))))

    def tell(self, share: int, event: str, first: int, last: int, /, **fields: Any) -> bool:
        """In so many of a hundred."""
        told = self._dice.chance(share)
        if told:
            name = f"{self._who['order_id']}-{event}"
            at = self._time(first, last)
            self.events.append({"type": event, "event_id": name, **self._who, "occurred_at": at, **fields})
        return told

    def pay(self) -> None:
        """Most often at the very beginning."""
        one = self._dice.one
        goods = one(("physical",) * 8 + GOODS)
        fields: dict[str, Any] = {} if goods == "virtual" else {"ship_by": self._time(-1, 16)}
        fields |= {"goods": goods, "ship_from": one(REGIONS), "ship_to": one(REGIONS)}
        self.tell(95, "order_paid", 0, one((0, 0, 6)), **fields, items=1, amount=1, currency="CNY")

    def follow(self) -> None:
        """All else."""
        one, chance = self._dice.one, self._dice.chance
        package = {"package_id": "p", "carrier": "c"}
        self.tell(85, "package_shipped", -1, 20, **package)
        scanned = package | ({"package_id": "q"} if chance(3) else {})
        self.tell(70, "package_picked_up", -1, 26, **scanned)
        self.tell(15, "order_cancelled", -1, 20, by="buyer", reason="r")
        self.tell(25, "promise_changed", -1, 16, ship_by=self._time(-1, 24), reason=one(REASONS))
        asked = {"kind": one(("return", "refund_only")), "reason": one(("broken", "size"))}
        self.tell(35, "refund_requested", -1, 20, refund_id="f", **asked, fault=one(("merchant", "buyer")))
        self.tell(25, "refund_resolved", -1, 26, refund_id="f" if chance(97) else "g", outcome="approved")
        self.tell(4, "refund_withdrawn", 0, 26, refund_id="f")


@st.composite
def plain_streams(draw: st.DrawFn) -> list[Event]:
    """Events of one or two shops; each seed is some orders, for what is rare has to coincide with what is rare."""
    shops = draw(st.lists(st.lists(SEEDS, min_size=1, max_size=5), min_size=1, max_size=2))
    told: list[Event] = []
    for shop, seeds in zip("ST", shops, strict=False):
        for number, seed in enumerate(seeds):
            for order in range(_ORDERS):
                telling = _Telling(Dice(seed, shop, number, order), shop, f"o{number}-{order}")
                telling.pay()
                telling.follow()
                told += telling.events
    return told


def without_exemptions(texts: Sequence[str]) -> list[str]:
    """The same policy, with nothing that spares anybody."""
    return [
        "\n\n".join(block for block in text.split("\n\n") if not block.startswith("[[exemptions]]"))
        for text in texts
    ]
