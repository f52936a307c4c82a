"""Fixtures of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import rig, shell
from tests.merchant.api.scene import Served

__all__ = ["rig", "shell"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The API, without a shop."""
    with Served(tmp_path) as made:
        yield made
