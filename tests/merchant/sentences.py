"""What the engine says of evidence, one sentence of each form, and what that is in Chinese: notifier and page have to know all."""

import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from stream.engine.reading import Event
from stream.policy.instants import local_text
from tests.engine.story import ON_TIME, changed, engine, hours, paid, picked_up, requested, resolved, shipped
from tests.engine.test_evidence import AFTER_SALES, PICKUP, RETURN, extend

ZONE = ZoneInfo("Asia/Shanghai")
"""Of the merchant; the policies' is UTC."""

SOON = ON_TIME.replace("below = 0.8", 'below = 0.8, forecast = "3h"')
TWO_UNSCANNED = PICKUP.replace("above = 0.1", "above = 0.1, min_bad = 2")
TWO_UNRESOLVED = AFTER_SALES.replace("below = 0.8", "below = 0.8, min_bad = 2")
ORDER, OTHER = paid("o", 0, 5), paid("p", 0, 5)

CASES: Sequence[tuple[str, Sequence[Event], float, str]] = (
    (SOON, [ORDER], 3, "应于 [5] 前发货，尚未发货"),
    (ON_TIME, [ORDER], 5, "应于 [5] 前发货，尚未发货"),
    (ON_TIME + extend(), [ORDER], 6, "应于 [6] 前发货（原为 [5]，由 x 延长），尚未发货"),
    (ON_TIME, [ORDER, changed("o", 1, 7)], 7, "应于 [7] 前发货（付款时承诺 [5]），尚未发货"),
    (ON_TIME, [paid("o", 0, -1), shipped("o", 0)], 1, "应于 [-1] 前发货，[0] 发货"),
    (PICKUP, [ORDER, shipped("o", 1)], 25, "[1] 发货，应于 [25] 前揽收，尚未揽收"),
    (
        PICKUP + extend(anchor="shipped") + extend("y", anchor="shipped"),
        [ORDER, shipped("o", 1)],
        26,
        "[1] 发货，应于 [26] 前揽收（原为 [25]，由 x, y 延长），尚未揽收",
    ),
    (
        TWO_UNSCANNED,
        [ORDER, shipped("o", 1), picked_up("o", 26), OTHER, shipped("p", 3)],
        27,
        "[1] 发货，应于 [25] 前揽收，[26] 揽收",
    ),
    (PICKUP, [ORDER, shipped("o", 1), picked_up("o", -1)], 2, "[-1] 揽收，早于付款时间 [0]"),
    (AFTER_SALES, [ORDER, requested("o", 1)], 3, "[1] 申请退货，应于 [3] 前处理，尚未处理"),
    (
        TWO_UNRESOLVED,
        [ORDER, requested("o", 1), resolved("o", 4), OTHER, requested("p", 3)],
        5,
        "[1] 申请退货，应于 [3] 前处理，[4] 处理",
    ),
    (RETURN, [ORDER, requested("o", 1)], 1, "[0] 付款，[1] 申请退货：broken（责任方：商家）"),
)
"""Policy, what happens, the hour up to which all is decided, and what is said of the first bad one, hours in brackets."""


def sentences() -> Iterator[tuple[str, str]]:
    """English as an alert has it, and Chinese with the merchant's times."""
    for body, events, until, chinese in CASES:
        mine = engine(body)
        for event in events:
            mine.apply(event)
        (alert,) = mine.advance(hours(until)).alerts
        yield alert.evidence[-1].why, re.sub(r"\[(.+?)\]", _at, chinese)


def _at(found: "re.Match[str]") -> str:
    return local_text(hours(float(found[1])), ZONE)
