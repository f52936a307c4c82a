"""What is the last line of a process that cannot go on?"""

import pytest
from aiokafka.errors import NodeNotReadyError

from stream.worker.ending import DIED, REFUSED, verdict
from stream.worker.errors import MissingTopicsError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no such thing"), "reading: ValueError: no such thing"),
        (ValueError(), "reading: ValueError"),
        (NodeNotReadyError("node 1"), "reading: NodeNotReadyError: node 1"),
    ],
)
def test_what_nobody_expected_is_named_once_with_what_was_being_done(error: Exception, line: str) -> None:
    assert verdict("reading", error) == (line, DIED)


def test_what_starting_again_will_not_help_is_its_own_line() -> None:
    error = MissingTopicsError(["ships"])
    assert verdict("reading", error) == (str(error), REFUSED)
