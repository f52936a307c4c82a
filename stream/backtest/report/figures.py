"""What do the pictures of the report show?  Their numbers, without a colour or a size."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from stream.backtest.answer import Answer, Side
from stream.backtest.comparing import WORDS, Change, Word
from stream.backtest.episodes import Episode
from stream.backtest.sampling import Sample
from stream.backtest.span import Span, date_of, day_ends, version_at
from stream.policy.spec import Rule

MOST_SHOPS = 15

MORE: frozenset[Word] = frozenset({"added", "earlier", "longer"})
"""Of these there is more alarm under the candidate, and less of the others."""

CHANGING: Sequence[Word] = ("added", "earlier", "longer", "removed", "later", "shorter")


def over_time(answer: Answer) -> Mapping[str, object]:
    """For each day, how many alerts change, by the first word that is said of them, and how many fire at its end."""
    days = _days(answer)
    changed = Counter(
        (date_of(max(change.at, answer.span.begin), answer.zone), change.words[0])
        for change in _changed(answer)
    )
    return {
        "days": [date for date, _ in days],
        "words": [
            {"word": word, "more": word in MORE, "counts": [changed[date, word] for date, _ in days]}
            for word in CHANGING
            if any(changed[date, word] for date, _ in days)
        ],
        "firing": {
            "baseline": _firing(answer.baseline, answer.span, days),
            "candidate": _firing(answer.candidate, answer.span, days),
        },
    }


def _days(answer: Answer) -> Sequence[tuple[str, int]]:
    """Each day of the range with its last millisecond in it."""
    ends = [at - 1 for at in day_ends(answer.span, answer.zone)]
    if not ends or ends[-1] < answer.span.end:
        ends.append(answer.span.end)
    return [(date_of(at, answer.zone), at) for at in ends]


def _firing(side: Side, span: Span, days: Sequence[tuple[str, int]]) -> Sequence[int]:
    return [sum(_fires(episode, span, at) for episode in side.episodes) for _, at in days]


def _fires(episode: Episode, span: Span, at: int) -> bool:
    return episode.fired_at <= at < episode.end_in(span)


def _changed(answer: Answer) -> Iterator[Change]:
    return (each.change for each in answer.changes if each.change.changed)


def histograms(answer: Answer) -> Sequence[Mapping[str, object]]:
    """For each rule of either policy how its rates are spread, and where both have their lines."""
    before, after = _rules(answer.baseline, answer.span), _rules(answer.candidate, answer.span)
    return [
        {
            "rule": name,
            "score": any(rules[name].score is not None for rules in (before, after) if name in rules),
            "baseline": _bins(answer.baseline.judged.rates, name),
            "candidate": _bins(answer.candidate.judged.rates, name),
            "lines": [*_lines("baseline", before.get(name)), *_lines("candidate", after.get(name))],
        }
        for name in dict.fromkeys([*before, *after])
    ]


def _rules(side: Side, span: Span) -> Mapping[str, Rule]:
    version = version_at(side.policy, span.end)
    return version.rules if version else {}


def _bins(rates: Sample, rule: str) -> Sequence[tuple[int, int]]:
    return sorted(rates.get(rule, {}).items())


def _lines(side: str, rule: Rule | None) -> Iterator[Mapping[str, object]]:
    for tier in rule.tiers if rule else ():
        line = tier.below or tier.above
        if rule and line is not None:
            yield {
                "side": side,
                "severity": tier.severity,
                "word": "below" if tier.below else "above",
                "text": line.text,
                "at": float(line.value) if rule.score else float(line.value * 100),
            }


def most_affected(answer: Answer) -> Mapping[str, object]:
    """The shops of which most alerts change, and by which words; of equals those whose alarm changes by most time."""
    counts: dict[str, Counter[Word]] = {}
    moved: Counter[str] = Counter()
    for change in _changed(answer):
        counts.setdefault(change.tier.shop, Counter())[change.words[0]] += 1
        moved[change.tier.shop] += _moved(change, answer.span)
    shops = sorted(counts, key=lambda shop: (-counts[shop].total(), -moved[shop], shop))[:MOST_SHOPS]
    return {
        "shops": shops,
        "all": len(counts),
        "words": [
            {"word": word, "counts": [counts[shop][word] for shop in shops]}
            for word in CHANGING
            if any(counts[shop][word] for shop in shops)
        ],
    }


def _moved(change: Change, span: Span) -> int:
    """How much longer or shorter it fires; all of it where there is no match."""
    if change.lasts_longer is not None:
        return abs(change.lasts_longer)
    return sum(episode.lasts_in(span) for episode in (change.baseline, change.candidate) if episode)


def word_counts(answer: Answer) -> Sequence[tuple[str, int]]:
    """Every word with how often it is said; what began before the range only where there is any."""
    return [
        (word, answer.words[word]) for word in WORDS if answer.words[word] or not word.endswith("_before")
    ]
