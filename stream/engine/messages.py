"""What does an alert say to a person?  One line in each language of the policy."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stream.engine.rules import CompiledTier, RateTier
from stream.engine.windows import Sums
from stream.policy.durations import duration_words, duration_words_zh
from stream.policy.instants import zoned_text
from stream.policy.kinds import KINDS
from stream.policy.spec import Kind, Number
from topics.alerts import ResolvedBecause

_BECAUSE_EN: Mapping[ResolvedBecause, str] = {
    "recovered": "it has recovered",
    "corrected": "what had been counted was corrected",
    "no_data": "too little is left to judge by",
    "rule_changed": "the rule was changed",
}
_BECAUSE_ZH: Mapping[ResolvedBecause, str] = {
    "recovered": "指标已恢复",
    "corrected": "已计入的数据被更正",
    "no_data": "样本不足，不再评定",
    "rule_changed": "规则已变更",
}
_RATE_ZH: Mapping[Kind, str] = {
    "on_time_ship": "按时发货率",
    "pickup_anomaly": "揽收异常率",
    "return": "退货率",
    "after_sales": "售后及时处理率",
}
_UNIT_ZH: Mapping[Kind, str] = {
    "on_time_ship": "订单",
    "pickup_anomaly": "包裹",
    "return": "订单",
    "after_sales": "退款申请",
}


class Foreseen(NamedTuple):
    """A breach that would come if no further fact came: when, and how many orders are to be shipped (SEMANTICS P1, P2)."""

    at: int
    to_save: int | None
    zone: ZoneInfo

    @property
    def when(self) -> str:
        """As it is read in the policy's time zone, which a merchant's may not be."""
        return zoned_text(self.at, self.zone)


def message(  # noqa: PLR0913, PLR0917 - what there is to say
    languages: Sequence[str],
    tier: CompiledTier,
    kind: Kind | None,
    sums: list[Sums],
    because: ResolvedBecause | None = None,
    foreseen: Foreseen | None = None,
) -> str:
    """What ``tier`` says at firing or, with ``because``, at resolving; a line a language.

    ``kind`` is that of its metric, None for a score; ``foreseen`` is given where it fires before its line is crossed.
    """
    return "\n".join(_WRITERS[language](tier, kind, sums, because, foreseen) for language in languages)


def _english(
    tier: CompiledTier,
    kind: Kind | None,
    sums: list[Sums],
    because: ResolvedBecause | None,
    foreseen: Foreseen | None,
) -> str:
    rule, severity = tier.key
    now = _standing_en(tier, kind, sums)
    if foreseen is not None:
        return f"{rule} is {severity}: {_foreseen_en(tier, foreseen)}; {now}."
    if because is None:
        return f"{rule} is {severity}: {now}."
    return f"{rule} is no longer {severity}, {_BECAUSE_EN[because]}: {now}."


def _foreseen_en(tier: CompiledTier, foreseen: Foreseen) -> str:
    count = foreseen.to_save
    unless = ", whatever is shipped"
    if count is not None:
        unless = " unless 1 order ships" if count == 1 else f" unless {count} orders ship"
    if isinstance(tier, RateTier) and tier.line is not None:
        return f"will fall below {_percent(Fraction(*tier.line))} at {foreseen.when}{unless}"
    return f"too many will be late at {foreseen.when}{unless}"


def _standing_en(tier: CompiledTier, kind: Kind | None, sums: list[Sums]) -> str:
    window = f"in the last {duration_words(tier.rule.window)}"
    if not isinstance(tier, RateTier) or kind is None:
        points = None if isinstance(tier, RateTier) else tier.score(sums)
        return f"the score {tier.rule.score} {window} is {_plain(points, 'none')}, the line is {_line(tier)}"
    mine, traits = sums[tier.window], KINDS[kind]
    share = mine.good if tier.good_share else mine.bad
    of = f"{share} of {mine.counted} {traits.unit} were {traits.share} {window}"
    rate = tier.rate(mine)
    line = _line_en(tier)
    return f"{of}{'' if rate is None else f', {_percent(rate)}'}; {line}"


def _line_en(tier: RateTier) -> str:
    most = f"more than {tier.tier.bad_above} bad ones are too many"
    if tier.line is None:
        return most
    also = "" if tier.tier.bad_above is None else f", and {most}"
    return f"the line is {_percent(Fraction(*tier.line))}{also}"


def _chinese(
    tier: CompiledTier,
    kind: Kind | None,
    sums: list[Sums],
    because: ResolvedBecause | None,
    foreseen: Foreseen | None,
) -> str:
    rule, severity = tier.key
    now = _standing_zh(tier, kind, sums)
    if foreseen is not None:
        return f"{rule} 触发 {severity}：{_foreseen_zh(tier, foreseen)}。{now}。"
    if because is None:
        return f"{rule} 触发 {severity}：{now}。"
    return f"{rule} 解除 {severity}（{_BECAUSE_ZH[because]}）：{now}。"


def _foreseen_zh(tier: CompiledTier, foreseen: Foreseen) -> str:
    count = foreseen.to_save
    unless = "即使全部发货" if count is None else f"若不发出 {count} 单"
    if isinstance(tier, RateTier) and tier.line is not None:
        return f"{unless}，将于 {foreseen.when} 低于 {_percent(Fraction(*tier.line))}"
    return f"{unless}，迟发订单将于 {foreseen.when} 超限"


def _standing_zh(tier: CompiledTier, kind: Kind | None, sums: list[Sums]) -> str:
    window = f"近 {duration_words_zh(tier.rule.window)}"
    if not isinstance(tier, RateTier) or kind is None:
        points = None if isinstance(tier, RateTier) else tier.score(sums)
        return f"{window} 综合分 {tier.rule.score} 为 {_plain(points, '无')}，标准线 {_line(tier)}"
    mine = sums[tier.window]
    share, rate = mine.good if tier.good_share else mine.bad, tier.rate(mine)
    percent = "" if rate is None else f" {_percent(rate)}"
    count = f"（{share}/{mine.counted} {_UNIT_ZH[kind]}）"
    return f"{window} {_RATE_ZH[kind]}{percent}{count}，{_line_zh(tier)}"


def _line_zh(tier: RateTier) -> str:
    most = f"异常数不得超过 {tier.tier.bad_above}"
    if tier.line is None:
        return most
    also = "" if tier.tier.bad_above is None else f"，{most}"
    return f"标准线 {_percent(Fraction(*tier.line))}{also}"


def _line(tier: CompiledTier) -> str:
    threshold = tier.tier.below or tier.tier.above or Number("", Fraction(0))
    return threshold.text


def _percent(share: Fraction) -> str:
    """Two digits at the most, cut: 79.999 % is not said to be 80 %."""
    return f"{_plain(share * 100)} %"


def _plain(number: Fraction | None, nothing: str = "") -> str:
    if number is None:
        return nothing
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    cut = exact.quantize(Decimal("0.01"), ROUND_FLOOR)
    return f"{cut.normalize():f}"


_Writer = Callable[[CompiledTier, Kind | None, list[Sums], ResolvedBecause | None, Foreseen | None], str]
_WRITERS: Mapping[str, _Writer] = {"en": _english, "zh": _chinese}
