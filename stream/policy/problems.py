"""What is wrong with a policy, and where?  All of it at once, each with what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; ``line`` and ``column`` count from 1, ``column`` None where no place in the line is meant.

    Its text is one line, whatever signs the policy has in its names: what cannot be printed is shown by its code.
    """

    file: str
    line: int
    column: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}: {self.message}; {self.remedy}"
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


class PolicyError(Exception):
    """A policy cannot be used; its text is every problem on a line of its own."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class WrongValueError(Exception):
    """A value is not what its key asks for; raised by readers of values, which know neither key nor line."""

    def __init__(self, complaint: str, remedy: str) -> None:
        self.complaint = complaint
        self.remedy = remedy
        super().__init__(f"{complaint}; {remedy}")
