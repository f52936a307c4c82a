"""What is said of a sweep to programs and to tables?"""

from collections.abc import Mapping, Sequence

from stream.backtest.sweep.grid import Row, Sweep
from stream.backtest.sweep.paths import Vary
from stream.policy.durations import UNITS
from topics.times import rfc3339

FIGURES = (
    "alerts",
    "alerts_a_day",
    "shops",
    "precision",
    "recall",
    "lead_ms",
    "judged",
    "right",
    "incidents",
    "found",
    "unbeaten",
)


def figures(found: Sweep, row: Row) -> Mapping[str, int | float | bool | None]:
    """Everything that is counted of one variant, by its name; shares are rounded to six digits."""
    mine = row.figures
    return {
        "alerts": mine.alerts,
        "alerts_a_day": round(mine.alerts_a_day(found.span), 6),
        "shops": mine.shops,
        "precision": _rounded(mine.precision),
        "recall": _rounded(mine.recall),
        "lead_ms": mine.lead_ms,
        "judged": mine.judged,
        "right": mine.right,
        "incidents": mine.incidents,
        "found": mine.found,
        "unbeaten": row.unbeaten,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def whole(found: Sweep, varied: Sequence[Vary], name: str, labels: str) -> Mapping[str, object]:
    """The sweep as one document of JSON."""
    return {
        "recording": name,
        "from": rfc3339(found.span.begin),
        "to": rfc3339(found.span.end),
        "events": found.events,
        "refused": found.refused,
        "shops": found.shops,
        "labels": labels,
        "varied": [{"path": vary.name, "values": list(vary.values)} for vary in varied],
        "tiers": [list(key) for key in sorted(found.tiers)],
        "variants": [
            {
                "values": {vary.name: value for vary, value in zip(varied, row.variant.values, strict=True)},
                "follows": list(row.variant.followed),
                **figures(found, row),
            }
            for row in found.rows
        ],
    }


def readable(key: str, value: float | None) -> str:
    """A figure as people read it; nothing where there is none."""
    if value is None:
        return ""
    if key == "lead_ms":
        return f"{value / UNITS['h']:.1f} h"
    if key in {"precision", "recall"}:
        return f"{value:.1%}"
    return f"{value:.3g}" if key == "alerts_a_day" else str(value)


def table(found: Sweep, varied: Sequence[Vary]) -> Sequence[Sequence[str]]:
    """The sweep as rows of a CSV, the first names the columns."""
    head = [*(vary.name for vary in varied), *FIGURES]
    return [head, *([*row.variant.values, *map(_cell, figures(found, row).values())] for row in found.rows)]


def _cell(value: float | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
