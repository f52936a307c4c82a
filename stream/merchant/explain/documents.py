"""How does a program read a story?  One JSON object each; times are RFC 3339 in UTC with milliseconds."""

from collections.abc import Iterable, Mapping
from typing import Any

from stream.engine.explaining import Account, Move
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
from stream.engine.findings import Unit
from stream.engine.view import BY_CANCELLATION
from stream.merchant.explain.alert import AlertStory, Piece
from stream.merchant.explain.known import Known
from stream.merchant.explain.order import OrderStory, Standing
from stream.merchant.explain.shop import ShopStory
from stream.merchant.explain.steps import Change, Step
from stream.merchant.explain.windows import Stay
from stream.policy.durations import duration_text
from topics.times import rfc3339

Document = Mapping[str, Any]

TYPES: Mapping[type, str] = {
    Paid: "order_paid",
    Changed: "promise_changed",
    Cancelled: "order_cancelled",
    Shipped: "package_shipped",
    PickedUp: "package_picked_up",
    Requested: "refund_requested",
    Withdrawn: "refund_withdrawn",
    Resolved: "refund_resolved",
}
"""What the contract calls the event that a fact came from."""


def order_document(story: OrderStory) -> Document:
    """Of an order."""
    return {
        "story": "order",
        **_head(story.known),
        "order_id": story.order_id,
        "paid_under": None if story.version is None else story.version.version,
        "steps": [_step(step) for step in story.steps],
        "ahead": list(map(_fact, story.ahead)),
        "too_late": list(map(_fact, story.too_late)),
        "duties": [_standing(standing) for standing in story.standings],
        "left_out": list(story.left_out),
        "alerts": [alert.alert_id for alert in story.alerts],
    }


def alert_document(story: AlertStory) -> Document:
    """Of an alert."""
    return {
        "story": "alert",
        **_head(story.known),
        "alert": story.known.alert_documents[story.alert.alert_id],
        "evidence": list(map(_piece, story.pieces)),
        "as_of": None if story.known.rates is None else story.known.rates_document.get("as_of"),
        "tier": _tier(story),
    }


def shop_document(story: ShopStory) -> Document:
    """Of a shop."""
    known = story.known
    return {
        "story": "shop",
        **_head(known),
        "orders": known.known_orders,
        "rates": known.rates_document if known.rates else None,
        "waiting": [
            {"rule": rule, "severity": severity, "since": _time(waiting.since), "until": _time(waiting.until)}
            for (rule, severity), waiting in story.waiting.items()
        ],
        "alerts": [known.alert_documents[alert.alert_id] for alert in known.alerts],
    }


def _head(known: Known) -> Document:
    return {
        "shop_id": known.shop,
        "policy": known.policy.name,
        "policy_version": None if known.version is None else known.version.version,
        "decided": _time(known.clock),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _tier(story: AlertStory) -> Document | None:
    """As the topic has it."""
    alert = story.alert
    tiers = (
        tier
        for rule in story.known.rates_document.get("rules", ())
        if rule["rule"] == alert.rule
        for tier in rule["tiers"]
        if tier["severity"] == alert.severity
    )
    return next(tiers, None)


def _fact(fact: Fact) -> Document:
    told = fact.told()
    told["occurred_at"] = rfc3339(told.pop("at"))
    if told.get("ship_by") is not None:
        told["ship_by"] = rfc3339(told["ship_by"])
    return {"type": TYPES[type(fact)], **told}


def _step(step: Step) -> Document:
    return {
        "at": rfc3339(step.at),
        "facts": list(map(_fact, step.facts)),
        "promise": [_move(metric, move) for metric, move in step.moves.items()],
        "changes": list(map(_change, step.changes)),
    }


def _move(metric: str, move: Move) -> Document:
    return {"metric": metric, "counts": move.objection is None, "objection": move.objection}


def _change(change: Change) -> Document:
    some = change.some
    return {
        **({} if some is None else _thing(some)),
        "before": None if change.before is None else change.before.state,
        "after": None if change.after is None else change.after.state,
        "deadline": None if change.after is None else _time(change.after.duty.deadline),
    }


def _thing(account: Account) -> Document:
    thing, is_package = account.duty.thing, account.metric.kind == "pickup_anomaly"
    return {
        "metric": account.metric.name,
        "package_id": thing if thing and is_package else None,
        "refund_id": thing if thing and not is_package else None,
    }


def _account(account: Account) -> Document:
    duty = account.duty
    return {
        **_thing(account),
        "state": account.state,
        "verdict": account.verdict or None,
        "why": account.why or None,
        "promised": _time(duty.promised),
        "deadline": _time(duty.deadline),
        "done": _time(duty.done),
        "cancelled": duty.aside == BY_CANCELLATION,
        "aside_by": duty.aside or None,
        "exemptions": [{"id": each.id, "effect": each.effect} for each in duty.held],
        "exempted_by": list(account.exempted_by),
        "spared_by": list(account.spared_by),
        "units": list(map(_unit, account.units)),
    }


def _unit(unit: Unit) -> Document:
    counts = {"good": unit.good, "bad": unit.bad, "counted": unit.counted}
    return {"placed_at": rfc3339(unit.place), "decided_at": rfc3339(unit.decided), **counts}


def _standing(standing: Standing) -> Document:
    return {**_account(standing.account), "windows": _stays(standing.stays)}


def _stays(stays: Iterable[Stay]) -> list[Document]:
    return [
        {
            "rule": stay.rule,
            "severities": list(stay.severities),
            "window": duration_text(stay.length),
            "pane": duration_text(stay.pane),
            "enters": rfc3339(stay.enters),
            "leaves": rfc3339(stay.leaves),
            "counted": stay.now,
            "spared": stay.spared,
        }
        for stay in stays
    ]


def _piece(piece: Piece) -> Document:
    return {
        "order_id": piece.evidence.order_id,
        "taken_back": piece.taken_back,
        "now": None if piece.now is None else _account(piece.now),
    }
