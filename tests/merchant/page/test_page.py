"""The live page, as a merchant has it before him."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from tests.cli.shell import Shell
from tests.merchant.api.process import Api, tell
from tests.merchant.api.scene import MINE, OPS, OTHERS, Served, tokens_file
from tests.merchant.page.looking import DESKTOP, PHONE, enter, live, looking
from tests.merchant.page.story import rates_at
from tests.merchant.sentences import sentences
from tests.view.story import alert, late, rates
from tests.worker.rig import Rig
from topics.alerts import Alert

pytestmark = pytest.mark.browser


@pytest.mark.kafka
def test_an_alert_appears_without_reload_a_reconnect_misses_nothing_and_another_shop_sees_nothing(
    rig: Rig, shell: Shell, browser: Browser, tmp_path: Path
) -> None:
    shell("topics", "create", "--partitions", "2")
    tell(rig, rates("s1", late(97, 3)), rates("s2", late(97, 3)))
    with (
        Api(shell, tokens_file(tmp_path / "tokens.toml").path, ("--clock", "events")) as api,
        looking(browser, _ready(api)) as mine,
        looking(browser, api.address) as others,
    ):
        for page, token in ((mine, MINE), (others, OTHERS)):
            enter(page, token)
            live(page)
            page.evaluate("window.neverReloaded = true")
            expect(page.locator("#verdict-text")).to_have_text("Every rate is on the right side of its line")
        tell(rig, alert(1, "s1", 1, orders=2), rates("s1", late(78, 22)))
        expect(mine.locator("#alerts-list > li")).to_have_count(1)
        expect(mine.locator("#verdict-text")).to_have_text("1 alert is firing: Late shipping")
        expect(mine.locator("#news")).to_have_text("New alert: Late shipping, Demotion")
        expect(mine.locator(".number").first).to_have_text("78%")
        assert api.end() == 0
        expect(mine.locator("#warning")).to_contain_text("Connection lost at ")
        expect(mine.locator("#alerts-list > li")).to_have_count(1)
        tell(rig, alert(2, "s1", 2), alert(1, "s1", 1, because="recovered"), rates("s1", late(99, 1)))
        api.start()
        expect(mine.locator("#over-count")).to_have_text("1", timeout=30_000)
        expect(mine.locator("#alerts-list > li")).to_have_count(1)
        expect(mine.locator(".number").first).to_have_text("99%")
        expect(mine.locator("#warning")).to_be_hidden()
        live(others)
        expect(others.locator("#alerts-list > li")).to_have_count(0)
        others.goto(f"{api.address}/#shop=s1")
        expect(others.locator("#title")).to_have_text("s2")
        assert "s1" not in others.locator("main").inner_text()
        assert mine.evaluate("window.neverReloaded")


def _ready(api: Api) -> str:
    api.says("ready")
    return api.address


@pytest.fixture
def page(browser: Browser, story: Served) -> Iterator[Page]:
    """Of the shop in trouble, on a phone."""
    with looking(browser, story.address) as shown:
        enter(shown, MINE)
        live(shown)
        yield shown


def test_a_merchant_sees_at_a_glance_how_the_shop_stands_and_what_to_ship_now(page: Page) -> None:
    expect(page.locator("#verdict-text")).to_have_text("2 alerts are firing: Late shipping, Poor service")
    forecast = "Late shipping will fall below 80% at 04:24 unless 12 orders ship."
    expect(page.locator("#verdict-more")).to_have_text(forecast)
    assert page.locator("#verdict").bounding_box()["y"] < PHONE["height"] / 3  # type: ignore[index]
    expect(page.locator("#forecasts > li")).to_have_text(forecast)
    rows = page.locator("#orders-list tr")
    expect(rows).to_have_count(8)
    expect(rows.first).to_have_text(re.compile(r"O-7310\s*01:18\s*18\s?min"))
    page.get_by_role("button", name="Show all 14").click()
    expect(rows).to_have_count(14)
    assert page.locator(".rate .scale").count() == page.locator(".rate .trend").count() == 4
    expect(page.locator(".rate").first.locator(".lines")).to_have_text("at least 85%, at least 80%")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], "nothing to push sideways"


def test_evidence_stays_open_while_the_page_is_brought_up_to_date(page: Page, story: Served) -> None:
    first = page.locator("#alerts-list > li").first
    first.locator("summary").click()
    expect(first.locator(".why li")).to_have_count(5)
    story.do(lambda: story.log.rates(rates_at(22)))
    expect(page.locator(".rate").first.locator(".number")).to_have_text("81.5%")
    story.do(lambda: story.log.rates(rates_at(23)))
    expect(page.locator(".rate").first.locator(".number")).not_to_have_text("81.5%")
    expect(first.locator(".why")).to_be_visible()


def test_what_stands_above_an_alert_is_not_said_again_and_its_times_are_the_browsers(page: Page) -> None:
    first = page.locator("#alerts-list > li").first
    expect(first.locator(".message")).to_have_text(
        "107 of 130 orders were shipped on time in the last 3 days, 82.3\u00a0%; the line is 85\u00a0%."
    )
    first.locator("summary").click()
    expect(first.locator(".why li").first).to_have_text(
        "O-7100: to be shipped by 7 Mar, 20:00:00, not shipped yet"
    )


def test_why_an_order_counts_is_said_in_chinese_too(browser: Browser, tmp_path: Path) -> None:
    told = dict(sentences())
    fired = alert(1, "s1", 1, orders=1)
    evidence = [structs.replace(fired.evidence[0], order_id=f"o{n}", why=why) for n, why in enumerate(told)]
    with Served(tmp_path, clock="events") as served:
        served.do(lambda: served.log.alert(structs.replace(fired, evidence=evidence)))
        with looking(browser, served.address, locale="zh-CN") as page:
            enter(page, MINE)
            page.locator("#alerts-list summary").click()
            shown = page.locator("#alerts-list .why li").all_inner_texts()
    digits = re.compile(r"\d+月\d+日 |20\d\d-\d\d-\d\d ")
    assert [digits.sub("", each) for each in shown] == [
        digits.sub("", f"o{n}: {chinese}") for n, chinese in enumerate(told.values())
    ]


def test_an_alert_that_looks_ahead_names_the_orders_to_ship(browser: Browser, tmp_path: Path) -> None:
    fired = alert(1, "s1", 1, orders=2)
    ahead = [structs.replace(each, verdict="open") for each in fired.evidence]
    countless = late(97, 3)
    tiers = [
        structs.replace(tier, threshold=None, breach_at=fired.fired_at, to_save=None)
        for tier in countless.tiers
    ]
    with Served(tmp_path, clock="events") as served:
        served.do(lambda: served.log.alert(structs.replace(fired, evidence=ahead)))
        served.do(lambda: served.log.rates(rates("s1", structs.replace(countless, tiers=tiers))))
        with looking(browser, served.address) as page:
            enter(page, MINE)
            expect(page.locator("#alerts-list summary")).to_have_text("The 2 orders to ship")
            expect(page.locator("#forecasts > li")).to_have_text(
                re.compile("^Late shipping will be too bad at .*, even if every open order ships.$")
            )


def test_the_narrowest_phone_has_all_of_it_and_most_of_its_height(browser: Browser, story: Served) -> None:
    """320 CSS pixels: WCAG 2.2, 1.4.10."""
    with looking(browser, story.address, viewport={"width": 320, "height": 600}) as page:
        enter(page, MINE)
        live(page)
        for node in page.locator("summary:visible").all():
            node.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320, "nothing to push sideways"
        assert page.locator("header").bounding_box()["height"] < 100  # type: ignore[index]
        assert page.get_by_role("combobox", name="Shop").count() == 1
        page.set_viewport_size({"width": 600, "height": 320})
        assert page.evaluate("getComputedStyle(document.querySelector('header')).position") == "static"


def test_it_is_chinese_where_the_browser_is_and_can_be_switched(browser: Browser, story: Served) -> None:
    with looking(browser, story.address, locale="zh-CN") as page:
        expect(page.locator("#enter h2")).to_have_text("打开您的店铺")
        enter(page, MINE)
        expect(page.locator("#verdict-text")).to_have_text("2 条告警：按时发货率、服务分")
        expect(page.locator("#alerts-list .message").first).to_contain_text("近 3 天 按时发货率 82.3 %")
        assert page.evaluate("document.documentElement.lang") == "zh"
        page.get_by_role("button", name="English").click()
        expect(page.locator("#verdict-text")).to_have_text("2 alerts are firing: Late shipping, Poor service")
        page.reload()
        live(page)


def test_the_keyboard_reaches_everything(browser: Browser, story: Served) -> None:
    with looking(browser, story.address, viewport=DESKTOP) as page:
        expect(page.locator("#token")).to_be_focused()
        page.keyboard.type(MINE)
        page.keyboard.press("Enter")
        live(page)
        expect(page.locator("#title")).to_be_focused()
        reached = []
        for _ in range(16):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert reached[:3] == ["shops", "language", "leave"]
        assert {"SUMMARY", "orders-more"} <= set(reached)
        page.locator("#orders-more").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#orders-list tr")).to_have_count(14)
        page.locator("#leave").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#token")).to_be_focused()
        assert page.context.cookies() == []


def test_a_screen_reader_is_told_what_is_what(page: Page) -> None:
    for name in ("Alerts 2", "Ship now 31", "Rates"):
        assert page.get_by_role("region", name=name).count() == 1
    assert page.get_by_role("heading", level=1).inner_text() == "s1"
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a")].filter((each) => each.offsetParent
           && !(each.textContent.trim() || each.labels?.length)).map((each) => each.outerHTML)"""
    )
    assert unnamed == []
    assert page.locator("svg:not([aria-hidden])").count() == 0, "what they show is said in words beside them"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_can_be_read_against_what_is_behind_them(
    browser: Browser, story: Served, scheme: str
) -> None:
    with looking(browser, story.address, color_scheme=scheme) as page:
        enter(page, MINE)
        live(page)
        assert page.evaluate(FAINT) == []


FAINT = """
() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const color = numbers(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
    if (!own || !node.offsetParent) continue;
    const [one, other] = [light(numbers(getComputedStyle(node).color)), light(behind(node))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.push(`${node.tagName} ${node.className} ${node.textContent.slice(0, 30)} ${contrast.toFixed(2)}`);
  }
  return found;
}
"""
"""What has less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3)."""


def test_what_is_old_is_said_to_be_old(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, clock="real") as served:
        served.do(lambda: served.log.rates(rates("s1", late(97, 3))))
        with looking(browser, served.address) as page:
            enter(page, MINE)
            said = page.locator("#warning-text")
            expect(said).to_have_text("What you see is as of 6 Mar, 09:00.")
            expect(page.locator("#warning-age")).to_have_text(re.compile("days .* old$"))
            assert said.get_attribute("role") == "alert"
            assert page.locator("#warning-age").get_attribute("aria-hidden") == "true", (
                "or every minute is told"
            )


def test_ops_see_all_shops_and_open_one(browser: Browser, story: Served) -> None:
    with looking(browser, story.address, viewport=DESKTOP) as page:
        enter(page, OPS)
        expect(page.locator("#every-list > li")).to_have_count(2)
        page.locator("#every-list .shop").first.click()
        expect(page.locator("#title")).to_have_text("s1")
        expect(page.locator(".rate")).to_have_count(4)
        page.go_back()
        expect(page.locator("#every-list > li")).to_have_count(2)
        page.locator("#which").fill("nobody")
        page.keyboard.press("Enter")
        expect(page.locator("#unfound")).to_have_text("There is no such shop.")
        expect(page.locator("#every-list > li")).to_have_count(2)


def test_a_token_that_opens_nothing_is_told_so_and_is_nowhere_but_in_the_cookie(
    browser: Browser, story: Served
) -> None:
    with looking(browser, story.address) as page:
        page.locator("#token").fill("sw_nobody")
        page.keyboard.press("Enter")
        expect(page.locator("#refused")).to_have_text("This token opens nothing. Is all of it there?")
        enter(page, MINE)
        live(page)
        assert MINE not in page.url + page.content() + page.evaluate(
            "document.cookie + JSON.stringify(localStorage)"
        )
        (kept,) = page.context.cookies()
        assert (kept["httpOnly"], kept["sameSite"]) == (True, "Strict")


def test_what_a_shop_or_an_order_is_called_is_never_taken_for_markup(
    browser: Browser, tmp_path: Path
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    with Served(tmp_path, clock="events") as served:
        fired = alert(1, "s1", 1, orders=1)
        served.do(lambda: served.log.alert(_renamed(fired, nasty)))
        with looking(browser, served.address) as page:
            enter(page, MINE)
            live(page)
            expect(page.locator("#alerts-list .message")).to_have_text(nasty)
            assert page.locator("main img").count() == 0


def _renamed(fired: Alert, name: str) -> Alert:
    evidence = [structs.replace(fired.evidence[0], order_id=name, why=name)]
    return structs.replace(fired, message=name, rule=name, severity=name, evidence=evidence)
