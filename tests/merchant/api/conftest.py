"""Fixtures of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.merchant.api.scene import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The API, without a shop."""
    with Served(tmp_path) as made:
        yield made
