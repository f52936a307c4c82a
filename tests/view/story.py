"""A marketplace of some shops, as Kafka's topics tell of it: one falls, one is about to, one has Chinese letters."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from stream.view.model import View
from topics.alerts import Alert, AlertState, Counts, Evidence, ResolvedBecause
from topics.ledger import Clock
from topics.rates import Rates, RuleRates, TierRates, TierState
from topics.times import millis

BEGINS = datetime(2025, 3, 6, 1, tzinfo=UTC)
WRITTEN_AT = 1_795_000_000_000
"""By a wall clock that is far from the events' times."""

STEPS = 14


def tier(severity: str, line: float, good: int, bad: int, state: TierState, *, below: bool) -> TierRates:
    """One of a share of the good (``below``), or of the bad."""
    counted = good + bad
    rate = round((good if below else bad) / counted, 6) if counted else None
    headroom = round(counted * (rate - line) * (1 if below else -1)) if rate is not None else None
    return TierRates(
        severity=severity,
        threshold=line,
        state=state,
        good=good,
        bad=bad,
        counted=counted,
        rate=rate,
        headroom=headroom,
    )


def late(good: int, bad: int) -> RuleRates:
    """Two tiers, which fire by their lines."""
    share = good / (good + bad)
    tiers = [
        tier(severity, line, good, bad, "firing" if share < line else "inactive", below=True)
        for severity, line in (("warning", 0.85), ("demotion", 0.8))
    ]
    return RuleRates(rule="late_shipping", metric="on_time", window="3d", tiers=tiers)


def returns(bad: int, state: TierState = "inactive") -> RuleRates:
    """One tier, on a share of the bad, out of a hundred."""
    one = tier("deduction", 0.1, 100 - bad, bad, state, below=False)
    return RuleRates(rule="returns", metric="return", window="7d", tiers=[one])


def score(points: float | None) -> RuleRates:
    """On a score."""
    one = TierRates(
        severity="warning",
        threshold=80,
        state="inactive",
        good=None,
        bad=None,
        counted=None,
        rate=None,
        headroom=None,
        score=points,
    )
    return RuleRates(rule="poor_service", metric=None, window=None, tiers=[one])


def rates(shop: str, *rules: RuleRates, hours: float = 0) -> Rates:
    """So many hours after the beginning."""
    return Rates(shop_id=shop, as_of=BEGINS + timedelta(hours=hours), policy_version="1", rules=rules)


def alert(
    number: int, shop: str, hours: float, orders: int = 0, because: ResolvedBecause | None = None
) -> Alert:
    """One that fires ``hours`` after the beginning or, with ``because``, resolves an hour later."""
    fires = because is None
    counts = Counts(good=44, bad=12, counted=56, rate=0.785714, threshold=0.8, headroom=-4)
    fired_at = BEGINS + timedelta(hours=hours)
    state: AlertState = "firing" if fires else "resolved"
    return Alert(
        alert_id=f"a{number}",
        shop_id=shop,
        policy="seed",
        policy_version="1",
        rule="late_shipping",
        severity="demotion",
        metric="on_time",
        window="3d",
        state=state,
        fired_at=fired_at,
        resolved_at=None if fires else fired_at + timedelta(hours=1),
        resolved_because=because,
        at_fire=counts,
        latest=counts,
        evidence=[
            Evidence(order_id=f"o{order}", verdict="late", why="to be shipped by noon, not shipped yet")
            for order in range(orders)
        ],
        message="",
    )


def clock(read: int, hours: float, decided_hours: float | None, drained: int | None = None) -> Clock:
    """Of a partition that has read so many orders."""
    decided = None if decided_hours is None else millis(BEGINS + timedelta(hours=decided_hours))
    return Clock(
        format=1,
        group="g",
        policy="p",
        next={"orders": read},
        newest={"orders": millis(BEGINS + timedelta(hours=hours))},
        decided=decided,
        drained_until=drained,
    )


CHINESE = "杭州丝绸旗舰店"
CALM = [f"shop-{number:02}" for number in range(3, 13)]


def view() -> View:
    """After fourteen steps of two hours each."""
    made = View("shopwatch demo")
    made.flow.take_ends(0.0, {("orders", 0): 0})
    for step in range(STEPS):
        made.flow.take_ends(step + 1.0, {("orders", 0): 400 * (step + 1) + 90 * (step % 4)})
        for document in _documents(step):
            made.shops.take(document)
    made.flow.take_clock(14.0, 0, clock(5_300, 28, 27.5), WRITTEN_AT)
    for number, shop in enumerate((CHINESE, "shop-01")):
        made.happenings.take(alert(number, shop, hours=20 + number, orders=5))
    made.happenings.tell(
        millis(BEGINS + timedelta(hours=22)), "warehouse east stops; from there ship shop-02"
    )
    made.happenings.take(alert(1, "shop-01", hours=21, because="no_data"))
    return made


def _documents(step: int) -> Sequence[Rates]:
    hours = 2 * step
    return [
        rates(CHINESE, late(100 - 2 * step, 2 * step), returns(3), score(95 - step), hours=hours),
        rates(
            "shop-01", late(90 - step // 2, 10 + step // 2), returns(2 + step % 2), score(None), hours=hours
        ),
        rates("shop-02", late(97, 3), returns(4 + step // 2, "pending"), score(91.25), hours=hours),
        *(rates(shop, late(98, 2), returns(4), score(96.5), hours=hours) for shop in CALM),
    ]
