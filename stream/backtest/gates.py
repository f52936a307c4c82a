"""May a change of policy pass?  Limits on what a backtest found, and which of them it broke."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from stream.backtest.answer import Answer


@dataclass(frozen=True, slots=True)
class Gate:
    """A number of the answer; ``at_most`` says on which side of the limit it has to be."""

    option: str
    says: str
    number: Callable[[Answer], float | None]
    at_most: bool

    def broken_by(self, answer: Answer, limit: float) -> str | None:
        """One line that says how, or None."""
        found = self.number(answer)
        if found is None:
            return f"{self.option} {limit:g} is broken: there is no {self.says}, nothing can be told by the labels"
        if found <= limit if self.at_most else found >= limit:
            return None
        side = "more" if self.at_most else "less"
        return f"{self.option} {limit:g} is broken: {self.says} {found:g}, {side} than {limit:g}"


GATES: Mapping[str, Gate] = {
    gate.option: gate
    for gate in (
        Gate("--max-added", "alerts added:", lambda answer: answer.words["added"], at_most=True),
        Gate("--max-removed", "alerts removed:", lambda answer: answer.words["removed"], at_most=True),
        Gate(
            "--max-changed",
            "alerts changed:",
            lambda answer: sum(each.change.changed for each in answer.changes),
            at_most=True,
        ),
        Gate("--max-shops", "shops touched:", lambda answer: answer.touched, at_most=True),
        Gate(
            "--max-alerts",
            "alerts of the candidate:",
            lambda answer: answer.candidate.summary.alerts,
            at_most=True,
        ),
        Gate(
            "--max-flaps",
            "flaps of the candidate:",
            lambda answer: answer.candidate.summary.flaps,
            at_most=True,
        ),
        Gate(
            "--min-precision",
            "precision of the candidate",
            lambda answer: answer.candidate.accuracy.precision,
            at_most=False,
        ),
        Gate(
            "--min-recall",
            "recall of the candidate",
            lambda answer: answer.candidate.accuracy.recall,
            at_most=False,
        ),
    )
}
"""By their option on the command line."""


def broken(answer: Answer, limits: Mapping[str, float | None]) -> Iterator[str]:
    """A line for each gate that is broken, of those for which ``limits`` has a number."""
    for option, limit in limits.items():
        if limit is not None and (line := GATES[option].broken_by(answer, limit)) is not None:
            yield line
