"""Is the engine that is tested the one that was asked for?  `make test-compiled` runs these tests on machine code."""

import os

from stream.engine import engine, states


def test_the_engine_under_test_is_the_one_that_was_asked_for() -> None:
    compiled = os.environ.get("SHOPWATCH_ENGINE") == "compiled"
    assert str(engine.__file__).endswith(".py") is not compiled
    assert str(states.__file__).endswith(".py")
