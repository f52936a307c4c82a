"""How are a fact, a duty and a count said in plain words?"""

from collections.abc import Iterable, Mapping
from functools import singledispatch

from stream.engine.explaining import Account, Move, Objection, State
from stream.engine.facts import (
    Cancelled,
    Changed,
    Fact,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)
from stream.engine.findings import Says
from stream.engine.view import BY_CANCELLATION
from stream.merchant.explain.known import Known
from topics.alerts import Alert, Counts
from topics.rates import TierRates

STATES: Mapping[State, str] = {
    "good": "good",
    "bad": "bad",
    "open": "open",
    "set_aside": "on neither side",
    "not_placed": "late, and counted nowhere until it is shipped",
    "exempt": "on neither side",
}
OBJECTIONS: Mapping[Objection, str] = {
    "reason": "its reason is none of those that the metric lists",
    "after_promise": "the promise before it had passed",
    "after_shipping": "the order was shipped before it",
}


# -- facts


@singledispatch
def fact_in_words(fact: Fact, says: Says) -> str:  # noqa: ARG001 - as all of them
    """What has happened; times as ``says`` writes them."""
    raise TypeError(f"{type(fact).__name__} is no fact")


@fact_in_words.register
def _(fact: Paid, says: Says) -> str:
    promise = "nothing promised" if fact.ship_by is None else f"to be shipped by {says(fact.ship_by)}"
    category = "" if fact.category is None else f", category {fact.category}"
    return f"paid: {promise}; {fact.goods} goods from {fact.ship_from} to {fact.ship_to}{category}"


@fact_in_words.register
def _(fact: Changed, says: Says) -> str:
    return f"promise changed to {says(fact.ship_by)} ({fact.reason})"


@fact_in_words.register
def _(fact: Cancelled, says: Says) -> str:  # noqa: ARG001 - as all of them
    return f"cancelled by the {fact.by}: {fact.reason}"


@fact_in_words.register
def _(fact: Shipped, says: Says) -> str:  # noqa: ARG001 - as all of them
    rest = ", with more of the order to come" if fact.completes_order is False else ""
    return f"package {fact.package_id} shipped by {fact.carrier}{rest}"


@fact_in_words.register
def _(fact: PickedUp, says: Says) -> str:  # noqa: ARG001 - as all of them
    return f"package {fact.package_id} scanned by {fact.carrier}"


@fact_in_words.register
def _(fact: Requested, says: Says) -> str:  # noqa: ARG001 - as all of them
    return f"refund {fact.refund_id} requested: {fact.kind}, {fact.reason} (fault: {fact.fault})"


@fact_in_words.register
def _(fact: Withdrawn, says: Says) -> str:  # noqa: ARG001 - as all of them
    return f"refund {fact.refund_id} withdrawn"


@fact_in_words.register
def _(fact: Resolved, says: Says) -> str:  # noqa: ARG001 - as all of them
    return f"refund {fact.refund_id} resolved: {fact.outcome}"


def move_in_words(metric: str, move: Move) -> str:
    """What a metric makes of a change of the promise."""
    if move.objection is None:
        return f"{metric}: the change counts"
    return f"{metric}: the change does not count: {OBJECTIONS[move.objection]}"


# -- duties


def name_of(account: Account) -> str:
    """The metric, and the package or request where the duty is one's."""
    thing, kind = account.duty.thing, account.metric.kind
    if not thing or kind == "return":
        return account.metric.name
    return f"{account.metric.name}, {'package' if kind == 'pickup_anomaly' else 'refund'} {thing}"


def duty_in_words(account: Account, says: Says) -> str:
    """Where a duty stands."""
    if account.state == "bad":
        said = f"bad: {account.why}"
    elif account.state == "open" and account.duty.deadline is not None:
        extension = account.duty.extension(says)
        said = f"open until {says(account.duty.deadline)}{f' ({extension})' if extension else ''}"
    else:
        said = f"{STATES[account.state]}{_because(account)}"
    spared = account.spared_by
    return f"{said}; in no penalty, by {_listed(spared)}" if spared else said


def _because(account: Account) -> str:
    duty = account.duty
    if account.exempted_by:
        return f": exempt by {_listed(account.exempted_by)}"
    if account.state != "set_aside":
        return ""
    if duty.aside == BY_CANCELLATION:
        return ": cancelled before it was due or done"
    if account.metric.kind == "after_sales":
        return ": withdrawn"
    return f": refund {duty.aside} was requested before it was due or done"


# -- alerts and counts


def alert_in_words(known: Known, alert: Alert) -> str:
    """Which tier, and from when until when."""
    fired = f"{alert.rule} {alert.severity}, fired {known.reads(alert.fired_at)}"
    if alert.resolved_at is None:
        return fired
    return f"{fired}, resolved {known.reads(alert.resolved_at)} ({alert.resolved_because})"


def decided_in_words(known: Known) -> str:
    """Up to where all is decided."""
    if known.clock is None:
        return f"nothing is decided yet (times of {known.time_zone})"
    return f"all up to {known.says(known.clock)} is decided (times of {known.time_zone})"


def ahead_in_words(known: Known, tier: TierRates) -> str:
    """What would be if nothing more came (SEMANTICS P1, P2), to be put behind; empty where it is no breach."""
    if tier.breach_at is None:
        return ""
    saved = "whatever is shipped" if tier.to_save is None else f"unless {tier.to_save} orders are shipped"
    return f"; in breach from {known.reads(tier.breach_at)} on {saved}"


def counts_in_words(counts: Counts | TierRates) -> str:
    """What a tier sees, and how far that is from its line."""
    line = "" if counts.threshold is None else f" against the line {counts.threshold:g}"
    if counts.counted is None:
        score = "no score" if counts.score is None else f"score {counts.score:g}"
        return f"{score}{line}"
    rate = "no rate" if counts.rate is None else f"rate {counts.rate:g}"
    counted = f"{counts.good} good and {counts.bad} bad, {counts.counted} counted"
    return f"{counted}; {rate}{line}; {headroom_in_words(counts.headroom)}"


def headroom_in_words(headroom: int | None) -> str:
    """SEMANTICS R8."""
    if headroom is None:
        return "no number of orders changes that"
    if headroom < 0:
        return f"{-headroom} more good would end the breach"
    return f"up to {headroom} more bad would be no breach" if headroom else "one more bad would be a breach"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
