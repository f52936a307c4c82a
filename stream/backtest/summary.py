"""What does a policy's watching come to, in a few numbers?  Alerts, shops, flaps, time in breach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stream.backtest.comparing import WORDS, Change, Word
from stream.backtest.episodes import Episode, TierOf
from stream.backtest.span import Span


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one policy, within the range."""

    alerts: int
    """Fired within it."""
    firing_before: int
    """Fired before it, and fire in it."""
    firing_at_end: int
    shops: int
    """With an alert that fires in it."""
    alerts_a_shop_day: float
    """Those fired within it, by all shops and all days."""
    flaps: int
    """Fired within the set time after an alert of the same tier had resolved."""
    in_breach_ms: int
    """How long alerts fired within the range, each shop and tier by itself."""


def summary(episodes: Sequence[Episode], span: Span, shops: int, flap_within: int) -> Summary:
    """Of ``episodes`` of ``shops`` shops."""
    fired = [episode for episode in episodes if episode.fired_at >= span.begin]
    return Summary(
        alerts=len(fired),
        firing_before=len(episodes) - len(fired),
        firing_at_end=sum(episode.resolved_at is None for episode in episodes),
        shops=len({episode.tier.shop for episode in episodes}),
        alerts_a_shop_day=round(len(fired) / (shops * span.days), 6) if shops else 0.0,
        flaps=_flaps(episodes, span, flap_within),
        in_breach_ms=sum(episode.lasts_in(span) for episode in episodes),
    )


def _flaps(episodes: Iterable[Episode], span: Span, within: int) -> int:
    resolved: dict[TierOf, int] = {}
    count = 0
    for episode in sorted(episodes):
        before = resolved.get(episode.tier)
        count += before is not None and episode.fired_at >= span.begin and episode.fired_at - before <= within
        if episode.resolved_at is not None:
            resolved[episode.tier] = episode.resolved_at
    return count


def word_counts(changes: Iterable[Change]) -> Mapping[Word, int]:
    """How many alerts, or pairs that match, each word is said of: of one, two may be said."""
    found = dict.fromkeys(WORDS, 0)
    for change in changes:
        for word in change.words:
            found[word] += 1
    return found


def shops_touched(changes: Iterable[Change]) -> int:
    """For so many shops something changes."""
    return len({change.tier.shop for change in changes if change.changed})
