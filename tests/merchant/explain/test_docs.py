"""Is what docs/explain.md shows what is told, and does it name every option?"""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from stream.cli.explain.command import explain
from stream.engine.reading import Event as Read
from stream.engine.reading import UnreadableEvent, read_event
from stream.merchant.explain.alert import alert_story
from stream.merchant.explain.alert_lines import alert_lines
from stream.merchant.explain.known import Known
from stream.merchant.explain.order import order_story
from stream.merchant.explain.order_lines import order_lines
from stream.policy.reading import Source, read_policies
from tests.cli.shell import ROOT, shopwatch
from tests.merchant.explain.scene import drained

TEXT = (ROOT / "docs" / "explain.md").read_text("utf-8")
SHOWN = [block.splitlines() for block in re.findall(r"(?ms)^```\n(.*?)^```$", TEXT)]
OPTIONS = {
    "as_what": "--as",
    "as_json": "--json",
    "bootstrap": "--bootstrap",
    "topic_prefix": "--topic-prefix",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The shop of the examples, from the recording that they name."""
    (command,) = re.findall(r"`shopwatch (simulate --to recording.jsonl .*?)`", TEXT)
    place = tmp_path_factory.mktemp("recording")
    path = place / "recording.jsonl"
    arguments = [path if each == "recording.jsonl" else each for each in command.split()]
    assert shopwatch(*arguments).code == 0
    seed = read_policies([Source("seed.toml", (ROOT / "policies" / "seed.toml").read_text("utf-8"))])
    return drained(seed, _events(path), "shop-05")


def _events(path: Path) -> Iterable[Read]:
    for line in path.read_bytes().splitlines():
        try:
            yield read_event(None, None, line)
        except UnreadableEvent:
            continue


def test_the_order_shown_is_what_is_told(known: Known) -> None:
    (shown,) = [block for block in SHOWN if block[0].startswith("order ")]
    _assert_told(shown, order_lines(order_story(known, shown[0].split()[1])))


def test_the_alert_shown_is_what_is_told(known: Known) -> None:
    (shown,) = [block for block in SHOWN if block[0].startswith("alert ")]
    (alert,) = [each for each in known.alerts if each.alert_id == shown[0].split()[1]]
    _assert_told(shown, alert_lines(alert_story(known, alert)))


def _assert_told(shown: Iterable[str], told: Iterable[str]) -> None:
    """Each line is told, in this order, but for those that say that something is left out."""
    rest = iter(told)
    for line in shown:
        assert line.strip() == "…" or line in rest, line


@pytest.mark.parametrize("option", sorted(set(inspect.signature(explain).parameters) - {"name", "order"}))
def test_every_option_is_told(option: str) -> None:
    assert f"`{OPTIONS[option]}`" in TEXT
