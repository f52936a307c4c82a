"""How does the page look?  ``python -m tests.merchant.page.screens`` writes the pictures of docs/screens anew."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.merchant.api.scene import MINE, Served
from tests.merchant.page.conftest import CHROMIUM
from tests.merchant.page.looking import DESKTOP, PHONE, enter, looking
from tests.merchant.page.story import told

SCREENS = Path(__file__).parents[3] / "docs" / "screens"

SHOWN = (
    ("phone-light", PHONE, "light", "en-GB"),
    ("phone-dark", PHONE, "dark", "en-GB"),
    ("phone-light-zh", PHONE, "light", "zh-CN"),
    ("desktop-light", DESKTOP, "light", "en-GB"),
    ("desktop-dark", DESKTOP, "dark", "en-GB"),
)
"""Name, size, colours and language; Chinese letters want a font that has them (Debian, Ubuntu: fonts-noto-cjk)."""


def take(browser: Browser, served: Served, directory: Path) -> None:
    """All of them."""
    for name, size, scheme, locale in SHOWN:
        with looking(browser, served.address, viewport=size, color_scheme=scheme, locale=locale) as page:
            enter(page, MINE)
            page.locator(".rate .trend").first.wait_for()
            page.screenshot(path=directory / f"{name}.png", full_page=True)


def main() -> None:
    """Into docs/screens, or the directory that is named."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else SCREENS
    directory.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as place,
        Served(Path(place), clock="events") as served,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        told(served)
        take(browser, served, directory)


if __name__ == "__main__":
    main()
