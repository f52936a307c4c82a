"""How are contents chosen?  By dice of one seed each, so that every share is as it is written.

Hypothesis draws how much there is (shops, orders, rules, exemptions) and the seeds, and can leave out what a failure does not
need; what it would choose of the rest is neither as varied nor as quick.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """A source of choices."""

    def __init__(self, *seed: object) -> None:
        self._random = Random(repr(seed))

    def chance(self, share: int) -> bool:
        """True in so many of a hundred."""
        return self._random.randrange(100) < share

    def whole(self, first: int, last: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(first, last)

    def one(self, words: Sequence[T]) -> T:
        """One of them."""
        return self._random.choice(words)

    def some(self, words: Sequence[str]) -> list[str]:
        """Some of them; the first is among them more often than not."""
        found = self._random.sample(words, self.whole(1, len(words)))
        return sorted({words[0], *found}) if self.chance(60) else found

    def shuffled(self, of: Sequence[T]) -> list[T]:
        """All of them, in any order."""
        return self._random.sample(of, len(of))

    def options(self, entries: Mapping[str, Callable[[], Any]], share: int) -> dict[str, Any]:
        """Each entry in so many of a hundred."""
        return {key: value() for key, value in entries.items() if self.chance(share)}


SEEDS = st.integers(0, 2**40)
DICE = SEEDS.map(Dice)
