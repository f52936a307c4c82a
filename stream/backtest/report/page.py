"""How is an answer made into one page that stands by itself?  Same answer, same bytes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from zoneinfo import ZoneInfo

from stream.backtest.answer import Answer, Explained, Side
from stream.backtest.documents import accuracy_json
from stream.backtest.episodes import Episode
from stream.backtest.reasons import Seen, Why
from stream.backtest.report.figures import histograms, most_affected, over_time, word_counts
from stream.policy.durations import duration_text
from stream.policy.instants import local_text

_MINUTE = 60_000


def page(answer: Answer) -> bytes:
    """The page, in UTF-8; raises ModuleNotFoundError where there is no Plotly."""
    parts = {
        "TITLE": escape(f"{_named(answer.candidate)} against {_named(answer.baseline)}"),
        "STYLE": _text("page.css"),
        "PLOTLY": (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8"),
        "DATA": _inert(_data(answer)),
        "SCRIPT": _text("page.js"),
    }
    text = _text("page.html")
    for name, part in parts.items():
        before, _, after = text.partition(f"@{name}@")
        text = before + part + after
    return text.encode()


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


DIGITS = 7
"""Of a digest; enough to tell the policies of one page apart."""


def _inert(data: object) -> str:
    """JSON that no name in it can end, for ``<`` is written by its number."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _named(side: Side) -> str:
    """With the first digits of its digest, for both sides often have one name and version."""
    versions = ", ".join(version.version for version in side.policy.versions)
    return f"{side.policy.name} {versions} ({side.policy.digest[:DIGITS]})"


def _data(answer: Answer) -> Mapping[str, object]:
    zone = ZoneInfo(answer.zone)
    return {
        "baseline": _named(answer.baseline),
        "candidate": _named(answer.candidate),
        "recording": answer.recording,
        "events": answer.known.events,
        "shops": len(answer.profiles),
        "touched": answer.touched,
        "begin": local_text(answer.span.begin, zone),
        "end": local_text(answer.span.end, zone),
        "zone": answer.zone,
        "settings": [list(setting) for setting in answer.settings],
        "words": word_counts(answer),
        "time": over_time(answer),
        "rates": histograms(answer),
        "affected": most_affected(answer),
        "numbers": list(_numbers(answer)),
        "labels": answer.labels,
        "breakdown": {
            name: [
                (
                    each.name,
                    each.shops,
                    each.touched,
                    each.baseline,
                    each.candidate,
                    each.words["added"],
                    each.words["removed"],
                    each.changed - each.words["added"] - each.words["removed"],
                )
                for each in classes
            ]
            for name, classes in answer.breakdown.items()
        },
        "changes": [_change(answer, each, zone) for each in answer.changes if each.change.changed],
    }


def _numbers(answer: Answer) -> Iterator[tuple[str, str, str]]:
    """The rows of the table of numbers."""
    sides = answer.baseline, answer.candidate
    old, new = (side.summary for side in sides)
    yield "alerts fired", str(old.alerts), str(new.alerts)
    yield "firing before the range", str(old.firing_before), str(new.firing_before)
    yield "firing at its end", str(old.firing_at_end), str(new.firing_at_end)
    yield "shops alerted", str(old.shops), str(new.shops)
    yield "alerts a shop-day", f"{old.alerts_a_shop_day:.6f}", f"{new.alerts_a_shop_day:.6f}"
    yield "flaps", str(old.flaps), str(new.flaps)
    yield "time in breach", _length(old.in_breach_ms), _length(new.in_breach_ms)
    before, after = (accuracy_json(side.accuracy) for side in sides)
    for name, part, of in (("precision", "right", "judged"), ("recall", "found", "incidents")):
        yield name, _share(before, name, part, of), _share(after, name, part, of)
    one, other = (side.accuracy for side in sides)
    yield "delay (median)", _length(one.delay_ms), _length(other.delay_ms)
    yield "lead time (median)", _length(one.lead_ms), _length(other.lead_ms)


def _share(told: Mapping[str, object], name: str, part: str, of: str) -> str:
    share = told[name]
    return f"{share:.1%} ({told[part]} of {told[of]})" if isinstance(share, float) else "none"


def _change(answer: Answer, explained: Explained, zone: ZoneInfo) -> Mapping[str, object]:
    change, profile = explained.change, answer.profiles[explained.change.tier.shop]
    return {
        "words": change.words,
        "shop": change.tier.shop,
        "rule": change.tier.rule,
        "severity": change.tier.severity,
        "about": f"{profile.category} · {profile.region} · {profile.orders} orders",
        "baseline": _episode(change.baseline, zone),
        "candidate": _episode(change.candidate, zone),
        "moved": _moved(explained),
        "at": local_text(change.at - change.at % _MINUTE, zone)[:16],
        "why": [_why(each, zone) for each in explained.why],
    }


def _moved(explained: Explained) -> str:
    change, said = explained.change, []
    for milliseconds, words in (
        (change.fires_later, ("later", "earlier")),
        (change.lasts_longer, ("longer", "shorter")),
    ):
        if milliseconds:
            said.append(f"{_length(abs(milliseconds))} {words[milliseconds < 0]}")
    return ", ".join(said)


def _episode(episode: Episode | None, zone: ZoneInfo) -> Sequence[str] | None:
    if episode is None:
        return None
    resolved = (
        "fires at the end" if episode.resolved_at is None else local_text(_cut(episode.resolved_at), zone)
    )
    return local_text(_cut(episode.fired_at), zone), resolved, episode.alert_id


def _why(why: Why, zone: ZoneInfo) -> Mapping[str, object]:
    return {
        "at": local_text(_cut(why.question.at), zone),
        "what": why.question.what,
        "sentence": why.sentence,
        "settings": [list(setting) for setting in why.settings],
        "seen": [
            (name, _said(getattr(why.baseline, name, None)), _said(getattr(why.candidate, name, None)))
            for name in Seen._fields
            if _said(getattr(why.baseline, name, None)) or _said(getattr(why.candidate, name, None))
        ],
    }


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _cut(at: int) -> int:
    """To the second."""
    return at - at % 1000


def _length(milliseconds: int | None) -> str:
    """To the minute; of one below a minute all of it."""
    if milliseconds is None:
        return "none"
    length = abs(milliseconds)
    text = duration_text(length if length < _MINUTE else length - length % _MINUTE)
    return f"-{text}" if milliseconds < 0 else text
