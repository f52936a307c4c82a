"""How does a test look at the page?  Through what a person finds there: words, roles, the keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}
PATIENCE_MS = 20_000


@contextmanager
def looking(browser: Browser, address: str, **more: Any) -> Iterator[Page]:
    """The page in a browser that knows nothing; what goes wrong in it, the test is told."""
    settings = {
        "viewport": PHONE,
        "locale": "en-GB",
        "timezone_id": "Asia/Shanghai",
        "reduced_motion": "reduce",
        **more,
    }
    context = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Refused to" in message.text else None)
    try:
        page.goto(f"{address}/")
        yield page
        assert wrong == []
    finally:
        context.close()


def enter(page: Page, token: str) -> None:
    """As a person does who was given a token."""
    page.locator("#token").fill(token)
    page.keyboard.press("Enter")
    page.locator("#leave").wait_for()


def live(page: Page) -> None:
    """Until it says so."""
    page.get_by_text("Live", exact=True).wait_for()
