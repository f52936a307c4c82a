"""How is it told how a shop stands?  Lines of plain text."""

from collections.abc import Iterator

from stream.merchant.explain.known import Known
from stream.merchant.explain.shop import ShopStory
from stream.merchant.explain.words import ahead_in_words, alert_in_words, counts_in_words, decided_in_words
from topics.rates import AtRisk, TierRates

MOST_ALERTS = 20
"""So many alerts of a shop are told; the others are counted."""

MOST_DUE = 10
"""So many of the orders due next are told."""


def shop_lines(story: ShopStory) -> Iterator[str]:
    """Its rates against their lines, then its alerts."""
    known = story.known
    orders = f"{known.known_orders} order{'' if known.known_orders == 1 else 's'}"
    yield f"shop {known.shop}: {orders} known, {len(known.alerts)} alert{'' if len(known.alerts) == 1 else 's'}"
    yield f"policy {known.policy.name}, {_version(known)}; {decided_in_words(known)}"
    yield from _rates(story)
    if known.alerts:
        yield ""
        yield "alerts, the newest first:"
        yield from (
            f"  {alert.alert_id}: {alert_in_words(known, alert)}" for alert in known.alerts[:MOST_ALERTS]
        )
        if len(known.alerts) > MOST_ALERTS:
            yield f"  and {len(known.alerts) - MOST_ALERTS} older ones"


def _version(known: Known) -> str:
    return (
        "before its first version" if known.version is None else f"version {known.version.version} in force"
    )


def _rates(story: ShopStory) -> Iterator[str]:
    known, rates = story.known, story.known.rates
    yield ""
    if rates is None:
        yield "no rates of it have been written"
        return
    yield f"rates as of {known.reads(rates.as_of)}:"
    for rule in rates.rules:
        yield f"  {rule.rule}: {'a score' if rule.metric is None else f'{rule.metric} over {rule.window}'}"
        for tier in rule.tiers:
            yield f"    {tier.severity} {tier.state}: {counts_in_words(tier)}{ahead_in_words(known, tier)}"
            yield from _waits(story, rule.rule, tier)
    for risk in (each for each in rates.at_risk if each.open):
        yield from _at_risk(known, risk)


def _waits(story: ShopStory, rule: str, tier: TierRates) -> Iterator[str]:
    waiting = story.waiting.get((rule, tier.severity))
    if waiting is None:
        return
    what, then = ("clear", "resolves") if tier.state == "firing" else ("in breach", "fires")
    until = "" if waiting.until is None else f"; it {then} at {story.known.says(waiting.until)} if that lasts"
    yield f"      {what} since {story.known.says(waiting.since)}{until}"


def _at_risk(known: Known, risk: AtRisk) -> Iterator[str]:
    yield (
        f"  to be shipped ({risk.metric}): {risk.open} open, {risk.within_1h} of them due within 1 hour, "
        f"{risk.within_6h} within 6 hours, {risk.within_24h} within 24 hours"
    )
    yield from (f"    {each.order_id} by {known.reads(each.due)}" for each in risk.due_next[:MOST_DUE])
