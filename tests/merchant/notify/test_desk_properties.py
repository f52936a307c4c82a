"""Whatever happens in whatever order: nothing is lost, nothing is said in two ways, and what is gone is left alone."""

from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from stream.merchant.notify.outbox import Parcel
from stream.merchant.notify.outcome import Outcome
from tests.merchant.notify.desks import DELIVERED, FAILED, GONE, REFUSED, Office
from tests.merchant.notify.stories import HOUR, alert, book, channel, merchant, over, webhook
from topics.alerts import Alert
from topics.notifications import Command

SEVERITIES = ("warning", "demotion")
BOOK = book(
    merchant("one", "s0", "s1", repeat_ms=6 * HOUR),
    merchant("two", "s1", endpoints=(webhook("two/a"), webhook("two/b"), channel("two/c"))),
)
STEPS = st.one_of(
    st.tuples(st.just("fire"), st.integers(0, 7)),
    st.tuples(st.just("end"), st.integers(0, 7), st.sampled_from(["recovered", "corrected"])),
    st.tuples(st.just("pick"), st.sampled_from([0, 1_000, HOUR, 30 * HOUR])),
    st.tuples(
        st.just("answer"), st.integers(0, 5), st.sampled_from([DELIVERED, DELIVERED, REFUSED, FAILED, GONE])
    ),
    st.tuples(st.just("crash")),
    st.tuples(st.just("order"), st.sampled_from(["hold", "release", "drop"])),
)


@dataclass
class World:
    """An office, its alerts, what is under way, and what was said to whom."""

    office: Office = field(default_factory=lambda: Office(BOOK))
    firing: dict[int, Alert] = field(default_factory=dict)
    episodes: int = 0
    under_way: list[Parcel] = field(default_factory=list)
    bodies: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    delivered: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    gone: set[str] = field(default_factory=set)
    orders: int = 0
    shops: dict[str, str] = field(default_factory=dict)
    """Of every alert there was."""

    def do(self, what: str, *how: object) -> None:
        """One step."""
        getattr(self, f"_{what}")(*how)

    def _fire(self, which: int) -> None:
        if which not in self.firing:
            self.episodes += 1
            self.firing[which] = alert(
                f"a{self.episodes}",
                f"s{which % 2}",
                rule=f"r{which // 4}",
                severity=SEVERITIES[which // 2 % 2],
            )
            self.shops[f"a{self.episodes}"] = f"s{which % 2}"
            self.office.take(self.firing[which])

    def _end(self, which: int, because: str) -> None:
        if which in self.firing:
            self.office.take(over(self.firing.pop(which), because))

    def _pick(self, later_ms: int) -> None:
        for parcel in self.office.pick(later_ms):
            assert parcel.endpoint not in self.gone
            self.under_way.append(parcel)
            for message in parcel.messages:
                self.bodies[parcel.endpoint, message.id].add(message.body)

    def _answer(self, which: int, outcome: Outcome) -> None:
        if which >= len(self.under_way):
            return
        parcel = self.under_way.pop(which)
        self.office.done(parcel, outcome)
        if outcome is GONE:
            self.gone.add(parcel.endpoint)
        if outcome is DELIVERED:
            for message in parcel.messages:
                self.delivered[parcel.endpoint, message.id] += 1

    def _crash(self) -> None:
        """What was taken and not kept is read again, as Kafka has it; what was kept is all that is known."""
        self.office.keep()
        self.under_way.clear()
        self.office.start()

    def _order(self, action: str) -> None:
        self.orders += 1
        self.office.follow(Command(action=action, at=self.orders))  # type: ignore[arg-type]

    def settle(self) -> None:
        """Everything is well again; what was under way has been delivered."""
        while self.under_way:
            self._answer(0, DELIVERED)
        self._order("release")
        for _ in range(50):
            self._pick(25 * HOUR)
            if not self.under_way and not len(self.office.desk.outbox):
                return
            while self.under_way:
                self._answer(0, DELIVERED)


@given(st.lists(STEPS, max_size=40))
@settings(max_examples=120, deadline=None)
def test_nothing_is_lost_said_in_two_ways_or_sent_to_who_is_gone(steps: list[tuple[str, object]]) -> None:
    world = World()
    for what, *how in steps:
        world.do(what, *how)
    for which in list(world.firing):
        world.do("end", which, "recovered")
    world.settle()
    assert len(world.office.desk.outbox) == 0
    assert all(len(said) == 1 for said in world.bodies.values()), "one id has one body"
    assert [key for key in world.office.kept if key[:1] in b"ma"] == [], "nothing is kept of what is over"
    for (endpoint, id_), count in world.delivered.items():
        name, state, _ = id_.split(".")
        if state == "firing" and endpoint not in world.gone:
            assert count >= 1
            assert world.delivered.get((endpoint, f"{name}.resolved.0")), (
                "whoever hears of a beginning hears of the end"
            )


GRAVE = st.one_of(
    st.tuples(st.just("fire"), st.sampled_from([2, 3, 6, 7])),
    st.tuples(st.just("end"), st.sampled_from([2, 3, 6, 7]), st.just("recovered")),
    st.tuples(st.just("pick"), st.sampled_from([0, 1_000, HOUR])),
    st.tuples(st.just("answer"), st.integers(0, 5), st.sampled_from([DELIVERED, REFUSED, FAILED])),
    st.tuples(st.just("crash")),
    st.tuples(st.just("order"), st.sampled_from(["hold", "release"])),
)
"""Nothing here mutes, drops or corrects, or takes so long that it is given up."""


@given(st.lists(GRAVE, max_size=30))
@settings(max_examples=100, deadline=None)
def test_every_alert_that_nothing_mutes_drops_or_corrects_is_told_to_each_endpoint(
    steps: list[tuple[str, object]],
) -> None:
    world = World()
    for what, *how in steps:
        world.do(what, *how)
    for which in list(world.firing):
        world.do("end", which, "recovered")
    world.settle()
    wanted = {
        (endpoint.name, f"{name}.{state}.0")
        for name, shop in world.shops.items()
        for who in BOOK.of_shop(shop)
        for endpoint in who.endpoints
        for state in ("firing", "resolved")
    }
    assert wanted <= set(world.delivered)
