"""What is said of an alert, in a merchant's words: a title and lines for people, a document for programs?

A document is the payload of Standard Webhooks 1.0.0: ``type``, ``timestamp``, ``data``, below 20 kB.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from msgspec.structs import replace

from stream.merchant.notify.reasons import in_zone, why_in
from stream.merchant.notify.subscriptions import Language, Merchant
from stream.policy.instants import moment_of
from topics.alerts import Alert, Evidence
from topics.notifications import News

MAX_BODY_BYTES = 20_000
"""Standard Webhooks asks for less than 20 kB."""

MAX_TEXT = 2_000
"""Characters of a chat's text: group bots cut or refuse what is longer than some 2,000 to 4,000 bytes."""

ORDERS_SHOWN = 5

_CHINESE = re.compile("[\u2e80-\u9fff]")


@dataclass(frozen=True, slots=True)
class Words:
    """What one language calls things."""

    head: Mapping[str, str]
    """By the news; ``corrected`` is a resolution that says that the alert was a mistake."""
    since: str
    until: str
    order: str
    more: str
    digest: str
    held: str
    waiting: str
    gone: str


_WORDS: Mapping[Language, Words] = {
    "en": Words(
        head={
            "firing": "{shop}: {rule} is {severity}",
            "still_firing": "{shop}: {rule} is still {severity}",
            "resolved": "{shop}: {rule} is no longer {severity}",
            "corrected": "{shop}: corrected, {rule} was not {severity}",
        },
        since="since {at}",
        until="from {at} to {end}",
        order="order {order}: {why}",
        more="and {count} more",
        digest="{count} messages on your shops",
        held="Messages to merchants are held: {why}. Look, then `shopwatch notify release`, or `drop`.",
        waiting="held: {reason}",
        gone="Endpoint {name} has said that it is gone (410); nothing more is sent to it until it is given another address.",
    ),
    "zh": Words(
        head={
            "firing": "{shop}：{rule} 触发 {severity}",
            "still_firing": "{shop}：{rule} 仍为 {severity}",
            "resolved": "{shop}：{rule} 解除 {severity}",
            "corrected": "{shop}：更正，{rule} 的 {severity} 不成立",
        },
        since="自 {at}",
        until="{at} 至 {end}",
        order="订单 {order}：{why}",
        more="另有 {count} 条",
        digest="您的店铺有 {count} 条消息",
        held="商家消息已暂停发送：{why}。请核查后执行 `shopwatch notify release` 或 `drop`。",
        waiting="暂停：{reason}",
        gone="接收端 {name} 已失效（410），更换地址之前不再发送。",
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What is told: to people, and to programs."""

    title: str
    text: str
    body: str


def of_alert(alert: Alert, news: News, repeats: int, merchant: Merchant, now: int) -> Said:
    """What ``merchant`` is told of ``alert``; ``now`` is the time of a repetition."""
    title = _title(alert, news, merchant.language)
    return Said(title, _text(alert, news, merchant), _document(alert, title, news, repeats, merchant, now))


def of_hold(reason: str, why: str, merchant: Merchant, now: int) -> Said:
    """What operators are told when messages are held."""
    words = _WORDS[merchant.language]
    data = {"reason": reason, "why": why}
    return _notice(
        "hold.began", words.waiting.format(reason=reason), words.held.format(why=why), data, merchant, now
    )


def of_gone(endpoint: str, merchant: Merchant, now: int) -> Said:
    """What operators are told of an endpoint that is gone."""
    text = _WORDS[merchant.language].gone.format(name=endpoint)
    return _notice("endpoint.disabled", endpoint, text, {"endpoint": endpoint}, merchant, now)


def digest(titles: Sequence[str], language: Language) -> tuple[str, str]:
    """Title and text of many messages told in one; those that find no room are counted."""
    words, text = _WORDS[language], ""
    for number, title in enumerate(titles):
        if len(text) + len(title) > MAX_TEXT:
            return words.digest.format(count=len(titles)), text + words.more.format(
                count=len(titles) - number
            )
        text += f"{title}\n"
    return words.digest.format(count=len(titles)), text.rstrip("\n")


def line_in(message: str, language: Language) -> str:
    """The line of an alert's message that is in ``language``; the first where none is.

    An alert does not say in which languages its lines are: a line with Chinese signs is Chinese.
    """
    lines = message.split("\n")
    return next((line for line in lines if (language == "zh") == bool(_CHINESE.search(line))), lines[0])


def _title(alert: Alert, news: News, language: Language) -> str:
    kind = "corrected" if news == "resolved" and alert.resolved_because == "corrected" else news
    return (
        _WORDS[language]
        .head[kind]
        .format(shop=_short(alert.shop_id), rule=_short(alert.rule), severity=_short(alert.severity))
    )


def _text(alert: Alert, news: News, merchant: Merchant) -> str:
    """What stands below the title."""
    words = _WORDS[merchant.language]
    when = words.since.format(at=_clock(alert.fired_at, merchant.zone))
    if alert.resolved_at is not None:
        end = _clock(alert.resolved_at, merchant.zone)
        when = words.until.format(at=_clock(alert.fired_at, merchant.zone), end=end)
    lines = [line_in(alert.message, merchant.language), when]
    if news != "resolved":
        lines += [
            words.order.format(order=_short(each.order_id), why=why_in(merchant.language, each.why))
            for each in alert.evidence[:ORDERS_SHOWN]
        ]
        if len(alert.evidence) > ORDERS_SHOWN:
            lines.append(words.more.format(count=len(alert.evidence) - ORDERS_SHOWN))
    return in_zone("\n".join(lines), merchant.zone)[:MAX_TEXT]


def _document(  # noqa: PLR0913, PLR0917 - what a document is made of
    alert: Alert, title: str, news: News, repeats: int, merchant: Merchant, now: int
) -> str:
    zone = merchant.zone
    when = {
        "firing": _iso(alert.fired_at, zone),
        "resolved": _iso(alert.resolved_at or alert.fired_at, zone),
    }.get(news, _iso(moment_of(now), zone))
    data = {
        **msgspec.to_builtins(alert),
        "fired_at": _iso(alert.fired_at, zone),
        "resolved_at": None if alert.resolved_at is None else _iso(alert.resolved_at, zone),
        "message": in_zone(line_in(alert.message, merchant.language), zone, exact=True),
        "title": title,
        "corrected": alert.resolved_because == "corrected",
        "repeats": repeats,
        "evidence_left_out": 0,
    }
    evidence = [replace(each, why=_why(each, merchant)) for each in alert.evidence]
    return _fitting({"type": f"alert.{news}", "timestamp": when, "data": data}, evidence)


def _why(one: Evidence, merchant: Merchant) -> str:
    return in_zone(why_in(merchant.language, one.why), merchant.zone, exact=True)


def _fitting(document: dict[str, Any], evidence: Sequence[Evidence]) -> str:
    """With as much of the evidence, from its beginning, as there is room for."""
    data = document["data"]
    for kept in range(len(evidence), -1, -1):
        data["evidence"] = [msgspec.to_builtins(each) for each in evidence[:kept]]
        data["evidence_left_out"] = len(evidence) - kept
        body = msgspec.json.encode(document)
        if len(body) < MAX_BODY_BYTES:
            return body.decode()
    # Only names of a policy that are thousands of letters long come here.
    for name, value in data.items():
        data[name] = _short(value, 500) if isinstance(value, str) else value
    return msgspec.json.encode(document).decode()


def _notice(  # noqa: PLR0913, PLR0917 - what a document is made of
    kind: str, title: str, text: str, data: Mapping[str, str], merchant: Merchant, now: int
) -> Said:
    when = _iso(moment_of(now), merchant.zone)
    document = {"type": kind, "timestamp": when, "data": {**data, "message": text}}
    return Said(title, text[:MAX_TEXT], msgspec.json.encode(document).decode())


def _iso(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="milliseconds")


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"


def _short(text: str, most: int = 80) -> str:
    """An id may be 256 bytes long; a person knows it by its beginning.  Its line breaks would be lines of ours."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
