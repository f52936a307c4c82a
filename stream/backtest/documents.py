"""What does a program read of a backtest?  One JSON object, and the rows of a CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from stream.backtest.accuracy import Accuracy
from stream.backtest.answer import Answer, Explained, Side
from stream.backtest.breakdown import Class
from stream.backtest.comparing import WORDS
from stream.backtest.episodes import Episode
from stream.backtest.reasons import Seen, Why
from topics.times import rfc3339

Json = Mapping[str, object]

COLUMNS = (
    "words",
    "shop_id",
    "rule",
    "severity",
    "category",
    "region",
    "orders",
    "size",
    "baseline_alert_id",
    "baseline_fired_at",
    "baseline_resolved_at",
    "candidate_alert_id",
    "candidate_fired_at",
    "candidate_resolved_at",
    "fires_later_s",
    "lasts_longer_s",
    "settings",
    "why",
)
"""Of the CSV."""


def whole(answer: Answer) -> Json:
    """All of it: what `--json` prints."""
    known = answer.known
    return {
        "from": rfc3339(answer.span.begin),
        "to": rfc3339(answer.span.end),
        "time_zone": answer.zone,
        "recording": {
            "name": answer.recording,
            "fingerprint": answer.fingerprint,
            "first": rfc3339(known.first),
            "latest": rfc3339(known.latest),
            "events": known.events,
            "refused": known.refused,
            "shops": len(answer.profiles),
        },
        "policies": {"baseline": _policy(answer.baseline), "candidate": _policy(answer.candidate)},
        "settings": [each._asdict() for each in answer.settings],
        "baseline": list(answer.baseline.judged.alerts),
        "candidate": list(answer.candidate.judged.alerts),
        "diff": {
            "counts": dict(answer.words),
            "shops_touched": answer.touched,
            **dict(_by_word(answer)),
        },
        "summary": {"baseline": _summary(answer.baseline), "candidate": _summary(answer.candidate)},
        "accuracy": {
            "labels": answer.labels,
            "baseline": accuracy_json(answer.baseline.accuracy),
            "candidate": accuracy_json(answer.candidate.accuracy),
        },
        "breakdown": {name: [_class(each) for each in classes] for name, classes in answer.breakdown.items()},
        "rates": {
            name: {
                rule: {str(at): count for at, count in bins.items()}
                for rule, bins in side.judged.rates.items()
            }
            for name, side in (("baseline", answer.baseline), ("candidate", answer.candidate))
        },
    }


def _policy(side: Side) -> Json:
    policy = side.policy
    return {
        "name": policy.name,
        "versions": [version.version for version in policy.versions],
        "digest": policy.digest,
    }


def _summary(side: Side) -> Json:
    found = asdict(side.summary)
    return found | {"in_breach_s": _seconds(found.pop("in_breach_ms"))}


def accuracy_json(accuracy: Accuracy) -> Json:
    """Shares to six digits, times in seconds."""
    return {
        "judged": accuracy.judged,
        "right": accuracy.right,
        "precision": _share(accuracy.precision),
        "incidents": accuracy.incidents,
        "found": accuracy.found,
        "recall": _share(accuracy.recall),
        "delay_s": _seconds(accuracy.delay_ms),
        "lead_s": _seconds(accuracy.lead_ms),
    }


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _class(each: Class) -> Json:
    return {
        "name": each.name,
        "shops": each.shops,
        "shops_touched": each.touched,
        "baseline": each.baseline,
        "candidate": each.candidate,
        "changed": each.changed,
        "words": dict(each.words),
    }


def _by_word(answer: Answer) -> Iterator[tuple[str, object]]:
    for word in WORDS:
        yield word, [change_json(each) for each in answer.changes if word in each.change.words]


def change_json(explained: Explained) -> Json:
    """One alert, or two that match."""
    change = explained.change
    return {
        "shop_id": change.tier.shop,
        "rule": change.tier.rule,
        "severity": change.tier.severity,
        "words": list(change.words),
        "baseline": _episode(change.baseline),
        "candidate": _episode(change.candidate),
        "fires_later_s": _seconds(change.fires_later),
        "lasts_longer_s": _seconds(change.lasts_longer),
        "beside": change.beside,
        "why": [_why(each) for each in explained.why],
    }


def _episode(episode: Episode | None) -> Json | None:
    if episode is None:
        return None
    return {
        "alert_id": episode.alert_id,
        "fired_at": rfc3339(episode.fired_at),
        "resolved_at": _time(episode.resolved_at),
    }


def _why(why: Why) -> Json:
    return {
        "at": rfc3339(why.question.at),
        "what": why.question.what,
        "by": "candidate" if why.question.by_candidate else "baseline",
        "baseline": _seen(why.baseline),
        "candidate": _seen(why.candidate),
        "settings": [each._asdict() for each in why.settings],
        "sentence": why.sentence,
    }


def _seen(seen: Seen | None) -> Json | None:
    return None if seen is None else seen._asdict()


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def rows(answer: Answer) -> Iterator[Sequence[object]]:
    """Of the CSV, a row for each alert or pair, also for those that are unchanged; in the order of time."""
    for explained in answer.changes:
        change = explained.change
        profile = answer.profiles[change.tier.shop]
        yield (
            " ".join(change.words),
            *change.tier,
            profile.category,
            profile.region,
            profile.orders,
            answer.sizes.of(profile.orders),
            *_cells(change.baseline),
            *_cells(change.candidate),
            _seconds(change.fires_later),
            _seconds(change.lasts_longer),
            " ".join(dict.fromkeys(setting.name for each in explained.why for setting in each.settings)),
            " / ".join(each.sentence for each in explained.why),
        )


def _cells(episode: Episode | None) -> tuple[str, str, str]:
    if episode is None:
        return "", "", ""
    return episode.alert_id, rfc3339(episode.fired_at), _time(episode.resolved_at) or ""
