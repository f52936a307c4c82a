"""How does a merchant read what the engine has written: in their zone, and why a piece of evidence counts in their language?

The engine writes times with their offset, so that they can be put into any zone, and why an order counts in English, in few
sentences (`stream.engine.kinds`): each has its Chinese here, and one that is not known stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from stream.merchant.notify.subscriptions import Language

_AT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?(?:[+-]\d\d:\d\d(?::\d\d)?)?"
_TIME = re.compile(_AT)

_WORDS: Mapping[str, str] = {
    "return": "退货",
    "refund_only": "仅退款",
    "merchant": "商家",
    "buyer": "买家",
    "carrier": "承运商",
    "unknown": "未知",
}

Phrases = Sequence[tuple["re.Pattern[str]", str]]


def _phrases(*pairs: tuple[str, str]) -> Phrases:
    """English, in which AT is a time and KIND what is asked for, and Chinese with what stood there."""
    marks = (("AT", f"({_AT})"), ("KIND", "(return|refund_only)"))
    found = []
    for english, chinese in pairs:
        for mark, pattern in marks:
            english = english.replace(mark, pattern)  # noqa: PLW2901 - both marks, one after the other
        found.append((re.compile(english), chinese))
    return found


_HEADS = _phrases(
    (
        r"^paid at AT, KIND requested at AT: (.*) \(fault: (\w+)\)$",
        "{0} 付款，{2} 申请{1}：{3}（责任方：{4}）",
    ),
    (r"^scanned at AT, before the order was paid at AT$", "{0} 揽收，早于付款时间 {1}"),
    (r"^shipped at AT, to be scanned by AT", "{0} 发货，应于 {1} 前揽收"),
    (r"^KIND requested at AT, to be resolved by AT", "{1} 申请{0}，应于 {2} 前处理"),
    (r"^to be shipped by AT", "应于 {0} 前发货"),
)
_TAILS = _phrases(
    (r" \(at payment promised for AT\)", "（付款时承诺 {0}）"),
    (
        r" \(extended from AT by (.+)\)(?=, (?:not )?(?:shipped|scanned|resolved) )",
        "（原为 {0}，由 {1} 延长）",
    ),
    (r", not shipped yet$", "，尚未发货"),
    (r", not scanned yet$", "，尚未揽收"),
    (r", not resolved yet$", "，尚未处理"),
    (r", shipped at AT$", "，{0} 发货"),
    (r", scanned at AT$", "，{0} 揽收"),
    (r", resolved at AT$", "，{0} 处理"),
)


def in_zone(text: str, zone: tzinfo, *, exact: bool = False) -> str:
    """``text`` with the times in it as they are read in ``zone``; ``exact``: to the millisecond, and with the offset.

    A time without an offset, as older workers have written some, stays: nobody knows of which zone it is.
    """

    def placed(found: "re.Match[str]") -> str:
        try:
            at = datetime.fromisoformat(found[0])
            local = None if at.tzinfo is None else at.astimezone(zone)
        except (ValueError, OverflowError):  # a buyer's reason may hold what only looks like a time
            local = None
        return found[0] if local is None else _written(local, exact=exact)

    return _TIME.sub(placed, text)


def _written(local: datetime, *, exact: bool) -> str:
    if exact:
        return local.isoformat(" ", "milliseconds" if local.microsecond else "seconds")
    return f"{local:%Y-%m-%d %H:%M:%S}"


def why_in(language: Language, why: str) -> str:
    """Why a piece of evidence counts, in ``language``."""
    if language == "zh":
        begun = _with(_HEADS, why)
        return why if begun == why else _with(_TAILS, begun)
    return why


def _with(phrases: Phrases, text: str) -> str:
    for english, chinese in phrases:
        if (found := english.search(text)) is not None:
            said = chinese.format(*(_WORDS.get(part, part) for part in found.groups()))
            text = text[: found.start()] + said + text[found.end() :]
    return text
