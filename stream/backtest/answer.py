"""What would this change of policy have done?  The whole of a backtest, from two policies and a recording to the answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stream.backtest.accuracy import Accuracy, Labels, accuracy
from stream.backtest.breakdown import Breakdown, breakdown
from stream.backtest.cohorts import matured
from stream.backtest.comparing import Change, Word, compare
from stream.backtest.episodes import Episode, episodes
from stream.backtest.errors import NotInForceError, OutsideError, TimeZonesError
from stream.backtest.incidents import Incident
from stream.backtest.judging import Document, Judged, Judges, Moment
from stream.backtest.known import Known
from stream.backtest.profiles import Profile, Sizes, sizes
from stream.backtest.reasons import Question, Why, questions, seen, why
from stream.backtest.settings import Setting, all_differing
from stream.backtest.span import Span, reach, zone_of
from stream.backtest.summary import Summary, shops_touched, summary, word_counts
from stream.policy.spec import PolicySet
from topics.times import rfc3339


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked."""

    baseline: PolicySet
    candidate: PolicySet
    begin: int | None
    """None: from the first fact on."""
    end: int | None
    """None: to where the later of both judgements ends by itself (SEMANTICS T5)."""
    flap_within: int
    incidents: Sequence[Incident] | None
    """Labels; None: the matured cohorts tell."""

    def __post_init__(self) -> None:
        """Raises TimeZonesError: what is no question is told before anything is read."""
        before, after = (
            sorted({version.time_zone for version in policy.versions})
            for policy in (self.baseline, self.candidate)
        )
        if before != after:
            raise TimeZonesError(" and ".join(before), " and ".join(after))


@dataclass(frozen=True, slots=True)
class Side:
    """What there is to say of one policy."""

    policy: PolicySet
    judged: Judged
    episodes: Sequence[Episode]
    summary: Summary
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Explained:
    """A change with why it came about; of what is unchanged nothing is explained."""

    change: Change
    why: Sequence[Why]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    span: Span
    zone: str
    recording: str
    fingerprint: str
    known: Known
    profiles: Mapping[str, Profile]
    sizes: Sizes
    baseline: Side
    candidate: Side
    settings: Sequence[Setting]
    """In what the policies differ at the end of the range."""
    changes: Sequence[Explained]
    words: Mapping[Word, int]
    touched: int
    breakdown: Breakdown
    labels: str
    """Where they come from: ``given`` or ``cohorts``."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a recording is called, and known by."""

    name: str
    fingerprint: str


def answer(judges: Judges, origin: Origin, asked: Asked) -> Answer:
    """Judge by both policies and compare; raises BacktestError."""
    span = _span(judges, origin, asked)
    judgements = [judges.judged(policy, span) for policy in (asked.baseline, asked.candidate)]
    found = [episodes(judged.alerts) for judged in judgements]
    changes = compare(found[0], found[1], span)
    labels = _labels(judges, asked, span)
    sides = [
        Side(
            policy,
            judged,
            mine,
            summary(mine, span, len(judges.profiles), asked.flap_within),
            accuracy(mine, policy, labels, span),
        )
        for policy, judged, mine in zip((asked.baseline, asked.candidate), judgements, found, strict=True)
    ]
    by_size = sizes([profile.orders for profile in judges.profiles.values()])
    return Answer(
        span=span,
        zone=zone_of(asked.baseline),
        recording=origin.name,
        fingerprint=origin.fingerprint,
        known=judges.known,
        profiles=judges.profiles,
        sizes=by_size,
        baseline=sides[0],
        candidate=sides[1],
        settings=all_differing(asked.baseline, asked.candidate, span.end),
        changes=_explained(judges, asked, changes),
        words=word_counts(changes),
        touched=shops_touched(changes),
        breakdown=breakdown(changes, judges.profiles, by_size),
        labels="cohorts" if asked.incidents is None else "given",
    )


def _span(judges: Judges, origin: Origin, asked: Asked) -> Span:
    known = judges.known
    end = asked.end
    if end is None:
        end = max(judges.end(policy) for policy in (asked.baseline, asked.candidate))
    span = Span(known.first if asked.begin is None else asked.begin, end)
    if span.end < known.first or span.begin > known.latest + _goes_on(judges, asked):
        raise OutsideError(str(span), str(Span(known.first, known.latest)), origin.name)
    for side, policy in (("baseline", asked.baseline), ("candidate", asked.candidate)):
        if policy.versions[0].effective_from > span.end:
            raise NotInForceError(side, rfc3339(policy.versions[0].effective_from), rfc3339(span.end))
    return span


def _goes_on(judges: Judges, asked: Asked) -> int:
    """So long after the last event something may still be decided, or leave a window."""
    policies = asked.baseline, asked.candidate
    return max(judges.end(policy) - judges.known.latest + reach(policy) for policy in policies)


def _labels(judges: Judges, asked: Asked, span: Span) -> Labels:
    if asked.incidents is not None:
        return Labels(asked.incidents, None)
    grown = judges.cohorts(asked.baseline)
    return Labels.of_cohorts(matured(grown, asked.baseline, span, judges.known.latest))


def _explained(judges: Judges, asked: Asked, changes: Sequence[Change]) -> Sequence[Explained]:
    of_each = [(change, questions(change) if change.changed else ()) for change in changes]
    moments = {_moment(change, question) for change, asks in of_each for question in asks}
    before, after = (
        judges.stood(policy, moments) if moments else {} for policy in (asked.baseline, asked.candidate)
    )
    return [Explained(change, list(_whys(asked, change, asks, before, after))) for change, asks in of_each]


def _moment(change: Change, question: Question) -> Moment:
    return Moment(change.tier.shop, question.at)


def _whys(
    asked: Asked,
    change: Change,
    asks: Sequence[Question],
    before: Mapping[Moment, Document],
    after: Mapping[Moment, Document],
) -> Iterator[Why]:
    for question in asks:
        old, new = (
            seen(stood[_moment(change, question)], change.tier.rule, change.tier.severity)
            for stood in (before, after)
        )
        yield why(change, question, asked.baseline, asked.candidate, old, new)
