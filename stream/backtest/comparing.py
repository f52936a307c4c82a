"""Which alerts are added, removed, earlier, later, longer or shorter under another policy?

Alerts are matched by shop, rule and severity.  Of one of these, each policy's episodes follow one another; both rows are walked
together in time.  Two that overlap within the range are a match, and the walk goes on behind both; else the one that ends
first has none.  So each has one match at most, the first that there is, and exchanging the policies exchanges the words.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stream.backtest.episodes import Episode, TierOf
from stream.backtest.span import Span

Word = Literal[
    "added",
    "removed",
    "earlier",
    "later",
    "longer",
    "shorter",
    "unchanged",
    "added_before",
    "removed_before",
]

WORDS: Sequence[Word] = (
    "added",
    "removed",
    "earlier",
    "later",
    "longer",
    "shorter",
    "unchanged",
    "added_before",
    "removed_before",
)
"""All there are, in the order in which they are told."""

STANDING: frozenset[Word] = frozenset({"unchanged", "added_before", "removed_before"})
"""Of these nothing happened within the range."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one alert, or of two that match."""

    tier: TierOf
    words: tuple[Word, ...]
    baseline: Episode | None
    candidate: Episode | None
    fires_later: int | None = None
    """How much later the candidate's fires, in milliseconds; less than 0: earlier.  None: there is no match."""
    lasts_longer: int | None = None
    """How much longer it fires within the range; less than 0: shorter.  None: there is no match."""
    beside: str | None = None
    """Of one without a match: the other policy's alert that it overlaps all the same, which matches another."""

    @property
    def at(self) -> int:
        """When it first shows."""
        return min(episode.fired_at for episode in (self.baseline, self.candidate) if episode)

    @property
    def changed(self) -> bool:
        """Whether anything is other than it was, within the range."""
        return not STANDING.issuperset(self.words)


def compare(baseline: Sequence[Episode], candidate: Sequence[Episode], span: Span) -> Sequence[Change]:
    """What became of every alert of both, in the order of time."""
    before, after = _by_tier(baseline), _by_tier(candidate)
    found = [
        change
        for tier in sorted(before.keys() | after.keys())
        for change in _walk(tier, before.get(tier, ()), after.get(tier, ()), span)
    ]
    return sorted(found, key=lambda change: (change.at, change.tier))


def _by_tier(episodes: Iterable[Episode]) -> dict[TierOf, list[Episode]]:
    found: dict[TierOf, list[Episode]] = {}
    for episode in sorted(episodes):
        found.setdefault(episode.tier, []).append(episode)
    return found


def _walk(tier: TierOf, before: Sequence[Episode], after: Sequence[Episode], span: Span) -> Iterator[Change]:
    left, right = 0, 0
    while left < len(before) or right < len(after):
        old = before[left] if left < len(before) else None
        new = after[right] if right < len(after) else None
        if old and new and _overlap(old, new, span):
            yield _matched(tier, old, new, span)
            left, right = left + 1, right + 1
        elif new is None or (old and old.end_in(span) <= new.begin_in(span)):
            if old:
                yield _alone(tier, old, None, after, span)
            left += 1
        else:
            yield _alone(tier, None, new, before, span)
            right += 1


def _overlap(one: Episode, other: Episode, span: Span) -> bool:
    return max(one.begin_in(span), other.begin_in(span)) < min(one.end_in(span), other.end_in(span))


def _matched(tier: TierOf, old: Episode, new: Episode, span: Span) -> Change:
    fires_later = new.begin_in(span) - old.begin_in(span)
    lasts_longer = new.lasts_in(span) - old.lasts_in(span)
    words: list[Word] = []
    if fires_later:
        words.append("later" if fires_later > 0 else "earlier")
    if lasts_longer:
        words.append("longer" if lasts_longer > 0 else "shorter")
    return Change(tier, tuple(words or ["unchanged"]), old, new, fires_later, lasts_longer)


def _alone(
    tier: TierOf, old: Episode | None, new: Episode | None, others: Sequence[Episode], span: Span
) -> Change:
    mine = old or new
    if mine is None:
        raise ValueError("an alert without a match is of one policy or the other")
    word: Word = "removed" if old else "added"
    if mine.fired_at < span.begin:
        word = "removed_before" if old else "added_before"
    beside = next((other.alert_id for other in others if _overlap(mine, other, span)), None)
    return Change(tier, (word,), old, new, beside=beside)
