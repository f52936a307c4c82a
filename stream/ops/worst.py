"""Which shops are worst?  So many of each metric and window, and who is in does not come and go with every order.

A partition counts its shops level by level, and knows by name only the worst of them.  So a shop whose rate changes costs a few
list entries, however many shops there are.

Who is shown is chosen from all partitions of the worker together.  Let *last* be how bad the last one is if the worst are simply
taken in order.  Shops worse than that by more than `MARGIN` are shown, whoever was before; then those that are shown already stay,
as long as they are no better than that by more than `MARGIN`; then others, the worst first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stream.ops.levels import BEYOND, LEVELS, ONE, ZERO, badness

MARGIN = 4
"""Levels: two points of a rate."""

KEPT, TOO_MANY = 2, 4
"""A partition that knows more than ``TOO_MANY`` times as many by name as are shown lets go all but the ``KEPT`` times as many that
are worst."""


def last_of(shops: Sequence[int], wanted: int, *, good_share: bool) -> int:
    """How bad the last of the ``wanted`` worst is, by the shops in each level; 1 where there are fewer that are bad at all."""
    so_far = 0
    for each in range(ZERO, ONE) if good_share else range(BEYOND, ZERO, -1):
        so_far += shops[each]
        if so_far >= wanted:
            return badness(each, good_share=good_share)
    return 1


@dataclass(slots=True)
class Ranking:
    """One metric and window in one partition; ``wanted`` are shown at most."""

    good_share: bool
    wanted: int
    shops: list[int] = field(default_factory=lambda: [0] * LEVELS)
    """How many are in each level."""
    named: dict[str, int] = field(default_factory=dict)
    """How bad each is of those that are at least as bad as ``floor``."""
    floor: int = 1
    _let_go_at: int = field(init=False)

    def __post_init__(self) -> None:
        self._let_go_at = self.wanted * TOO_MANY

    def move(self, shop: str, before: int, now: int) -> None:
        """It was in one level and is in another."""
        self.shops[before] -= 1
        self.shops[now] += 1
        bad = badness(now, good_share=self.good_share)
        if bad >= self.floor:
            self.named[shop] = bad
            if len(self.named) > self._let_go_at:
                kept = last_of(self.shops, self.wanted * KEPT, good_share=self.good_share)
                self._name(max(self.floor, kept), self.named.items())
        else:
            self.named.pop(shop, None)

    def worse_than(
        self, least: int, all_shops: Callable[[], Iterable[tuple[str, int]]]
    ) -> Iterator[tuple[str, int]]:
        """The shops that are at least as bad as ``least``, and how bad.

        Where those are not known by name they are looked for among all shops and their levels: once, for so many have to get
        better first.
        """
        if self.floor > least:
            every = ((shop, badness(of, good_share=self.good_share)) for shop, of in all_shops())
            self._name(max(1, least - MARGIN), every)
        elif self.floor < least - 3 * MARGIN:
            self._name(least - MARGIN, self.named.items())
        return ((shop, bad) for shop, bad in self.named.items() if bad >= least)

    def _name(self, floor: int, shops: Iterable[tuple[str, int]]) -> None:
        self.floor = floor
        self.named = {shop: bad for shop, bad in shops if bad >= floor}
        # Many that are equally bad cannot be let go, and are not looked through again at the next one.
        self._let_go_at = max(self.wanted * TOO_MANY, 2 * len(self.named))


def choose(worst: Mapping[str, int], shown: Mapping[str, int], last: int, wanted: int) -> Sequence[str]:
    """Who is shown now, at most ``wanted``: of the ``worst`` and of those that are ``shown``, each with how bad it is."""
    chosen = dict.fromkeys(shop for shop, bad in worst.items() if bad > last + MARGIN)
    staying = {shop: bad for shop, bad in shown.items() if bad >= max(1, last - MARGIN)}
    for candidates in (staying, worst):
        for shop in sorted(candidates, key=lambda shop: (-candidates[shop], shop)):
            if len(chosen) >= wanted:
                break
            chosen.setdefault(shop)
    return list(chosen)
