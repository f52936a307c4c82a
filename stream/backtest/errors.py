"""What can be wrong with the question that a backtest is asked, and what can its user do about it?"""

from collections.abc import Sequence
from typing import NamedTuple

MOST_MISTAKES = 20
"""So many of a file are told; a column that is wrong is wrong in every line."""


class BacktestError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class NothingRecordedError(BacktestError):
    """There is no event to judge; ``refused`` records are none, of which the first says where it lies, and why."""

    def __init__(self, name: str, refused: int = 0, first: object = None) -> None:
        broken = f": {refused} records are no events, the first is {first}" if refused else ""
        super().__init__(
            f"{name} has no events to judge{broken}; give another recording, another range or other --shops"
        )


class UnknownShopError(BacktestError):
    """A shop was asked for of which nothing is recorded."""

    def __init__(self, shops: list[str], name: str) -> None:
        super().__init__(f"{name} has no events of {', '.join(map(repr, shops))}; see how --shops is spelled")


class OutsideError(BacktestError):
    """The range that was asked for is not the one that was recorded."""

    def __init__(self, asked: str, recorded: str, name: str) -> None:
        super().__init__(
            f"{name} was recorded {recorded}, and nothing of it lies {asked}; give another range"
        )


class NotInForceError(BacktestError):
    """A policy judges nothing in the range."""

    def __init__(self, side: str, since: str, until: str) -> None:
        super().__init__(
            f"the {side} is in force from {since} on only, and the range ends {until}; "
            "let its effective_from be earlier: orders paid before it are not judged"
        )


class TimeZonesError(BacktestError):
    """Two policies do not mean the same by a day."""

    def __init__(self, baseline: str, candidate: str) -> None:
        super().__init__(
            f"the baseline's time_zone is {baseline}, the candidate's {candidate}: days would not be the same; "
            "give both the same"
        )


class LooksAheadError(BacktestError):
    """A tier has a forecast, which the second pass cannot tell: it knows what orders brought, not which are open."""

    def __init__(self, rule: str, severity: str) -> None:
        super().__init__(
            f"rules.{rule}.{severity} has a forecast, and a sweep does not look ahead; leave the tier out of what is swept, "
            "or ask `shopwatch backtest`, which replays everything"
        )


class Mistake(NamedTuple):
    """One thing that is wrong with a file of labels; ``line`` counts from 1, None where no line is meant."""

    line: int | None
    why: str


class LabelsError(BacktestError):
    """A file of labels is none, for one or more reasons; ``lines`` are for the user, and its text is all of them."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        self.lines = [*(_told(name, each) for each in mistakes[:MOST_MISTAKES]), *_counted(len(mistakes))]
        super().__init__("\n".join(self.lines))


def _told(name: str, mistake: Mistake) -> str:
    return f"{name}: {mistake.why}" if mistake.line is None else f"{name}:{mistake.line}: {mistake.why}"


def _counted(count: int) -> Sequence[str]:
    """One mistake says enough by itself."""
    if count == 1:
        return ()
    which = "listed above" if count <= MOST_MISTAKES else f"the first {MOST_MISTAKES} listed above"
    return (f"the labels cannot be used: {count} problems, {which}",)
