"""How are the scores of a policy file read?  ``[scores.NAME]`` (SEMANTICS S1, S2)."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from stream.policy.problems import WrongValueError
from stream.policy.rules import reference
from stream.policy.spec import Metric, Score, ScorePart
from stream.policy.tables import Table
from stream.policy.values import list_of, number, shown, weight, whole
from stream.policy.windows import WINDOW_KEYS, read_window

_KEYS = WINDOW_KEYS | {"parts", "missing", "min_orders"}
_PART_KEYS = frozenset({"metric", "weight", "points", "min_orders"})
_LEAVE_OUT = "leave_out"

Points = tuple[tuple[Fraction, Fraction], ...]


def read_scores(document: Table, metrics: Mapping[str, Metric | None]) -> dict[str, Score]:
    """Every score of the file by its name."""
    return {name: _read_score(name, table, metrics) for name, table in document.named_tables("scores")}


def _read_score(name: str, table: Table, metrics: Mapping[str, Metric | None]) -> Score:
    table.refuse_others(_KEYS)
    min_orders = table.take("min_orders", whole(1), 1)
    parts = [_read_part(part, metrics, min_orders) for part in table.listed_tables("parts")]
    if table.values.get("parts", []) == []:
        table.missing("parts", 'write them, such as parts = [{ metric = "on_time", weight = 70 }]')
    used = {part.metric: metric for part in parts if (metric := metrics.get(part.metric))}
    window, pane = read_window(table, used.values())
    return Score(name, window, pane, tuple(parts), table.take("missing", _missing))


def _missing(value: object) -> Fraction | None:
    if value == _LEAVE_OUT:
        return None
    try:
        return number(value).value
    except WrongValueError:
        remedy = 'write "leave_out", or the points that a part with too few orders gets'
        raise WrongValueError(f"is {shown(value)}", remedy) from None


def _read_part(table: Table, metrics: Mapping[str, Metric | None], min_orders: int) -> ScorePart:
    table.refuse_others(_PART_KEYS)
    if "metric" not in table:
        table.missing("metric", "write the name of a metric")
    return ScorePart(
        metric=reference(table, "metric", metrics) or "",
        weight=table.need("weight", weight, "70") or Fraction(1),
        points=table.take("points", _points),
        min_orders=table.take("min_orders", whole(1), min_orders),
    )


def _points(value: object) -> Points:
    """A line through points, its rates strictly rising (SEMANTICS S1)."""
    line = list_of(_point)(value)
    if not line:
        raise WrongValueError(
            "is empty", "write [rate, points] pairs, or leave it out to take the rate itself"
        )
    for (rate, _), (following, _) in pairwise(line):
        if following <= rate:
            complaint = f"goes from the rate {float(rate):g} to {float(following):g}"
            raise WrongValueError(complaint, "let the rates rise from pair to pair")
    return line


def _point(value: object) -> tuple[Fraction, Fraction]:
    pair = list_of(number)(value) if isinstance(value, list) else ()
    if len(pair) != 2:
        raise WrongValueError("is no pair of a rate and its points", "write two numbers, such as [0.90, 80]")
    return pair[0].value, pair[1].value
