"""How is the story of an alert told?  Lines of plain text."""

from collections.abc import Iterator, Mapping

from stream.merchant.explain.alert import AlertStory, Piece
from stream.merchant.explain.known import Known
from stream.merchant.explain.words import ahead_in_words, counts_in_words, duty_in_words
from stream.policy.durations import duration_words
from topics.alerts import Alert, Evidence, ResolvedBecause
from topics.times import millis

BECAUSE: Mapping[ResolvedBecause, str] = {
    "recovered": "what it counts was clear of the line again",
    "corrected": "what had been counted was taken back by a later fact or an exemption",
    "no_data": "too little was left to judge by",
    "rule_changed": "the version in force from then on has no such tier",
}


AHEAD = (
    "the danger had passed: shipped, set aside or exempt, the orders that were open made no breach any more"
)
"""How one that had fired ahead of its breach recovers."""


def alert_lines(story: AlertStory) -> Iterator[str]:
    """What was counted at firing and at resolving, the evidence, and how the shop stands now."""
    known, alert = story.known, story.alert
    yield f"alert {alert.alert_id} of shop {alert.shop_id}: {alert.rule} {alert.severity}, {alert.state}"
    what = "on a score" if alert.metric is None else f"on {alert.metric} over {alert.window}"
    yield (
        f"{what}, by version {alert.policy_version} of policy {alert.policy}, in force when it fired "
        f"(times of {known.time_zone})"
    )
    yield ""
    fired = "fired ahead of a breach that was to come" if story.ahead else "fired"
    yield f"{known.reads(alert.fired_at)}  {fired}: {counts_in_words(alert.at_fire)}"
    yield from _end(story)
    yield from (f"{' ' * 4}{line}" for line in alert.message.splitlines())
    yield ""
    yield f"evidence, as it was when it fired ({_which(story)}):"
    for piece in story.pieces:
        yield from _piece(known, alert, piece)
    yield ""
    yield _now(story)


def _end(story: AlertStory) -> Iterator[str]:
    alert, known = story.alert, story.known
    if alert.resolved_at is None or alert.resolved_because is None:
        return
    lasted = duration_words((millis(alert.resolved_at) - millis(alert.fired_at)) // 1000 * 1000)
    yield (
        f"{known.reads(alert.resolved_at)}  resolved after {lasted} ({alert.resolved_because}): "
        f"{AHEAD if story.ahead and alert.resolved_because == 'recovered' else BECAUSE[alert.resolved_because]}"
    )
    yield f"{' ' * len(known.reads(alert.resolved_at))}  then: {counts_in_words(alert.latest)}"
    if alert.resolved_because == "corrected" and not story.ahead:
        back = [piece.evidence.order_id for piece in story.pieces if piece.taken_back]
        yield (
            f"of its evidence these had been taken back by then: {', '.join(back)}"
            if back
            else "none of its evidence is known to have been taken back by then: it was another order"
        )


def _which(story: AlertStory) -> str:
    alert, count = story.alert, len(story.alert.evidence)
    if story.ahead:
        return f"{count} order{'' if count == 1 else 's'} to be shipped, the first to fall due"
    bad = "the bad ones" if alert.at_fire.bad is None else f"{alert.at_fire.bad} bad"
    return f"{count} of {bad}, the newest first"


def _piece(known: Known, alert: Alert, piece: Piece) -> Iterator[str]:
    one = piece.evidence
    yield f"  {one.order_id}{_thing(one)}: {one.why}"
    told = []
    if one.policy_version is not None:
        told.append(f"paid under version {one.policy_version}")
    if one.exemptions is not None:
        told.append(f"exemptions that held: {', '.join(one.exemptions) or 'none'}")
    if told:
        yield f"    {'; '.join(told)}"
    yield f"    {_since(known, alert, piece)}"


def _thing(one: Evidence) -> str:
    if one.package_id is not None:
        return f", package {one.package_id}"
    return "" if one.refund_id is None else f", refund {one.refund_id}"


def _since(known: Known, alert: Alert, piece: Piece) -> str:
    """What has become of it, if that is another story by now."""
    if piece.now is None:
        return "now: not known any more, nothing of it can count"
    taken = " (taken back by then)" if alert.resolved_because == "corrected" and piece.taken_back else ""
    return f"now: {duty_in_words(piece.now, known.says)}{taken}"


def _now(story: AlertStory) -> str:
    rates, tier = story.known.rates, story.tier
    if rates is None:
        return "how the shop stands now is not known: no rates of it have been written"
    as_of = f"as of {story.known.reads(rates.as_of)}"
    if tier is None:
        return f"{as_of} no such tier is in force"
    return f"{as_of} it is {tier.state}: {counts_in_words(tier)}{ahead_in_words(story.known, tier)}"
