"""What can be wrong with the question that a backtest is asked, and what can its user do about it?"""


class BacktestError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class NothingRecordedError(BacktestError):
    """There is no event to judge."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no events to judge; give another recording, another range or other --shops"
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


class LabelsError(BacktestError):
    """A file of labels is none; ``line`` counts from 1, None where no line is meant."""

    def __init__(self, name: str, line: int | None, why: str) -> None:
        super().__init__(f"{name}: {why}" if line is None else f"{name}:{line}: {why}")
