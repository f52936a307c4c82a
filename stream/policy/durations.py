"""How long is ``1d12h``?  Durations as a policy writes them (SEMANTICS T6)."""

import re
from functools import lru_cache

UNITS = {
    "w": 7 * 24 * 60 * 60 * 1000,
    "d": 24 * 60 * 60 * 1000,
    "h": 60 * 60 * 1000,
    "m": 60 * 1000,
    "s": 1000,
    "ms": 1,
}
_NAMES = {"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second", "ms": "millisecond"}
_NAMES_ZH = {"d": "天", "h": "小时", "m": "分钟", "s": "秒", "ms": "毫秒"}
# Twelve digits of the longest unit are further than any calendar goes.
_PART = re.compile(r"([0-9]{1,12})(ms|[smhdw])")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")

LENGTHS_REMEMBERED = 256
"""A policy has a few, and every document of rates writes them again."""


def milliseconds(text: str) -> int | None:
    """The length of ``text``: whole numbers with a unit each, added up; None if it is not written so."""
    if _DURATION.fullmatch(text) is None:
        return None
    return sum(int(count) * UNITS[unit] for count, unit in _PART.findall(text))


@lru_cache(LENGTHS_REMEMBERED)
def duration_text(length: int) -> str:
    """The shortest way to write ``length`` in a policy, without weeks, which nobody reads: ``1d12h``."""
    return "".join(f"{count}{unit}" for count, unit in _parts(length)) or "0s"


def duration_words(length: int) -> str:
    """``length`` as a person says it: ``1 day 12 hours``."""
    said = (f"{count} {_NAMES[unit]}{'' if count == 1 else 's'}" for count, unit in _parts(length))
    return " ".join(said) or "no time"


def duration_words_zh(length: int) -> str:
    """The same in Chinese: ``1 天 12 小时``."""
    return " ".join(f"{count} {_NAMES_ZH[unit]}" for count, unit in _parts(length)) or "0 秒"


def _parts(length: int) -> list[tuple[int, str]]:
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, length = divmod(length, UNITS[unit])
        if count:
            parts.append((count, unit))
    return parts
