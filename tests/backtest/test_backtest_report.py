"""Does the page stand by itself, whatever names are in it, and is it the same for the same answer?"""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from stream.backtest.report.figures import histograms, most_affected, over_time, word_counts
from stream.backtest.report.page import page
from tests.backtest.asking import Case, cancelled, order, orders, policy

SLUMP = orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0))
STRICT, USUAL = policy("alarm = { below = 0.85 }"), policy()
HOSTILE = "</script><script>alert(1)</script><!--\u2028&\"'"


class Page(HTMLParser):
    """What a browser finds in a page: tags with their attributes, and the content of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Of a script, keep it."""
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data

    @property
    def data(self) -> Any:
        """What the page knows."""
        return json.loads(self.scripts[0])


def made(case: Case) -> Page:
    return Page(page(case.answer).decode())


def test_the_page_has_all_that_it_needs_and_asks_for_nothing_else() -> None:
    found = made(Case(SLUMP, USUAL, STRICT, 0, 20))
    assert (
        found.scripts[1].strip()
        == (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8").strip()
    )
    named = {name for _, attributes in found.tags for name in attributes}
    assert named.isdisjoint({"src", "href", "srcset", "action", "data"})
    policies = [
        attributes["content"] for tag, attributes in found.tags if attributes.get("http-equiv") is not None
    ]
    (rules,) = policies
    assert rules is not None
    assert rules.startswith("default-src 'none';")
    assert not re.search(r"https?:|\*", rules)
    style = (files("stream.backtest.report") / "page.css").read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_no_name_can_end_the_script_that_it_stands_in() -> None:
    events = [*orders(bad=(2.0,), shop=HOSTILE), *order("x", 2, "T", good=True, category=HOSTILE)]
    found = made(Case(events, policy("alarm = { below = 0 }"), USUAL, 0, 5))
    assert len(found.scripts) == 3
    assert found.data["changes"][0]["shop"] == HOSTILE
    assert {row[0] for row in found.data["breakdown"]["category"]} == {HOSTILE, "(none)"}


def test_a_name_in_the_title_is_text() -> None:
    before, after = (text.replace('"test"', '"<b>&"') for text in (USUAL, STRICT))
    answer = Case(SLUMP, before, after, 0, 20).answer
    digests = [side.policy.digest[:7] for side in (answer.candidate, answer.baseline)]
    named = " against ".join(f"&lt;b&gt;&amp; 1 ({digest})" for digest in digests)
    assert f"<title>{named} ·" in page(answer).decode()


def test_the_same_answer_is_the_same_page() -> None:
    assert page(Case(SLUMP, USUAL, STRICT, 0, 20).answer) == page(Case(SLUMP, USUAL, STRICT, 0, 20).answer)


def test_each_changed_alert_is_on_the_page_with_why() -> None:
    (change,) = made(Case(SLUMP, USUAL, STRICT, 0, 20)).data["changes"]
    assert (change["shop"], change["words"], change["moved"]) == (
        "S",
        ["earlier", "longer"],
        "1h earlier, 1h longer",
    )
    (why,) = change["why"]
    assert why["settings"] == [["below", "0.8", "0.85"]]
    assert ["good", "4", "4"] in why["seen"]
    assert ["state", "inactive", "firing"] in why["seen"]


def test_what_is_unchanged_is_counted_only() -> None:
    data = made(Case(SLUMP, begin=0, end=20)).data
    assert (data["changes"], data["settings"]) == ([], [])
    assert ["unchanged", 1] in data["words"]


def test_times_are_those_of_the_policies_zone() -> None:
    before, after = (text.replace('"UTC"', '"Asia/Shanghai"') for text in (USUAL, STRICT))
    data = made(Case(SLUMP, before, after, 0, 20)).data
    assert (data["begin"], data["zone"]) == ("2024-01-01 08:00:00", "Asia/Shanghai")
    assert data["changes"][0]["candidate"][0] == "2024-01-01 10:00:00"


# -- the numbers of the pictures


def test_changes_over_time_stand_on_the_day_on_which_they_first_show() -> None:
    events = [*SLUMP, *orders(bad=(45.0,), shop="T"), *orders(bad=(50.0,), shop="U")]
    found: Any = over_time(Case(events, policy("alarm = { below = 0.1 }"), USUAL, 0, 70).answer)
    # S becomes bad under the baseline too, once the good ones have left.
    assert found["days"] == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert found["words"] == [{"word": "earlier", "more": True, "counts": [1, 0, 0]}]
    assert found["firing"] == {"baseline": [0, 1, 0], "candidate": [0, 1, 0]}


def test_what_fired_before_the_range_changes_on_its_first_day() -> None:
    before, after = (
        policy(f"alarm = {{ below = 0.8, clear_at = {line} }}", window="100h") for line in (0.8, 0.95)
    )
    events = [*SLUMP, *orders(good=[40 + n / 10 for n in range(6)])]
    found: Any = over_time(Case(events, before, after, 30, 60).answer)
    assert found["days"] == ["2024-01-02", "2024-01-03"]
    assert found["words"] == [{"word": "longer", "more": True, "counts": [1, 0]}]


def test_a_histogram_has_the_rates_and_the_lines_of_both() -> None:
    events = [*orders(good=(20.0,), bad=(21.0,)), cancelled(60)]
    (found,) = histograms(Case(events, USUAL, STRICT, 0, 60).answer)
    assert (found["rule"], found["score"], found["baseline"]) == ("r", False, [(50, 1)])
    assert found["lines"] == [
        {"side": "baseline", "severity": "alarm", "word": "below", "text": "0.8", "at": 80.0},
        {"side": "candidate", "severity": "alarm", "word": "below", "text": "0.85", "at": 85.0},
    ]


def test_a_rule_that_only_one_has_is_drawn_too() -> None:
    more = '[rules.q]\nmetric = "m"\nwindow = "5h"\npane = "1h"\nx = { below = 0.1 }'
    found = histograms(Case(SLUMP, USUAL, policy(more=more), 0, 20).answer)
    assert [each["rule"] for each in found] == ["r", "q"]


def test_the_most_affected_shops_come_first() -> None:
    # Of T two alerts are added: the good ones at hour 20 end the first.
    events = [*orders(bad=(2.0,)), *orders(bad=(2.0, 25.0), good=[20 + n / 10 for n in range(4)], shop="T")]
    found: Any = most_affected(Case(events, policy("alarm = { below = 0 }"), USUAL, 0, 40).answer)
    assert (found["shops"], found["all"]) == (["T", "S"], 2)
    assert found["words"] == [{"word": "added", "counts": [2, 1]}]


@pytest.mark.parametrize(("begin", "said"), [(0, False), (5, True)])
def test_what_began_before_the_range_is_told_where_there_is_any(begin: int, *, said: bool) -> None:
    words = dict(word_counts(Case(SLUMP, policy("alarm = { below = 0 }"), USUAL, begin, 20).answer))
    assert ("added_before" in words) == said
    assert words["removed"] == 0
