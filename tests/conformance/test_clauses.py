"""Is every clause of SEMANTICS named by a test that proves it?"""

import re
from pathlib import Path

import pytest

from tests.conformance.cases import read_cases, read_refused

TESTS = Path(__file__).parents[1]

LAST = {"T": 6, "F": 5, "D": 3, "U": 8, "E": 6, "W": 2, "R": 8, "S": 3, "V": 2}
"""The number of the last clause of each letter.

P1 to P3 are not among them: they say what a forecast is, and nothing forecasts yet.
"""

CLAUSES = [f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)]

_NAMED = re.compile(r"\b[TFDUEWRSV][1-9]\b")


def _of_the_cases() -> set[str]:
    return {name for case in [*read_cases(), *read_refused()] for name in _NAMED.findall(case.shows)}


def _of_the_tests() -> set[str]:
    files = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    return {name for path in files for name in _NAMED.findall(path.read_text(encoding="utf-8"))}


NAMED = _of_the_cases() | _of_the_tests()


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_is_named_by_a_case_or_a_test(clause: str) -> None:
    assert clause in NAMED


def test_no_case_names_a_clause_that_is_not_there() -> None:
    assert _of_the_cases() <= set(CLAUSES)
