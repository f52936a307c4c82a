"""A real Chromium, and what it looks at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.merchant.api.scene import Served
from tests.merchant.page.story import told

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's, without a window."""
    if not CHROMIUM.exists():
        pytest.fail(f"there is no {CHROMIUM}; install it (Debian, Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The API, with a shop in trouble."""
    with Served(tmp_path_factory.mktemp("page"), clock="events") as served:
        told(served)
        yield served
