"""Fixtures of the notifier's tests."""

from collections.abc import Iterator

import pytest

from tests.merchant.notify.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as made:
        yield made
