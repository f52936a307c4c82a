"""`shopwatch demo` on a terminal: the live view."""

import re
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

pytestmark = pytest.mark.kafka


def test_the_demo_is_seen_live_until_somebody_has_enough_and_its_last_picture_stays(tmp_path: Path) -> None:
    with Terminal("demo", directory=tmp_path) as terminal:
        terminal.wait_for(lambda t: "FIRES" in t.frame)
        frame = terminal.frame
        assert re.search(r"day 4, \d\d:\d\d$", frame.splitlines()[0].rstrip())
        assert "20 shops" in frame
        assert "warehouse east stops" in frame
        assert "events published" not in frame, "a day that is over is seen by the clock"
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_given_back()
        last = terminal.plain.rpartition("shopwatch demo  20 shops")[2]
        assert "FIRES" in last
        assert "Ctrl-C" not in last
        assert re.search(
            r"^[\d,]+ events published, [1-9]\d* alerts fired, \d+ resolved$", last, re.MULTILINE
        )
        assert "Traceback" not in terminal.plain
    assert not (tmp_path / ".demo" / "kafka").exists()
