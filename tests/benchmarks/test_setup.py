"""Is what the benchmarks are measured beside pinned as the rest is?"""

import re
import tomllib

from packaging.requirements import Requirement

from benchmarks.policies import ROOT

LOCK = (ROOT / "requirements-bench.txt").read_text("utf-8")
PINS = dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", LOCK))


def test_the_lock_holds_what_is_measured_beside() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [Requirement(text) for text in project["dependency-groups"]["bench"]]
    assert wanted
    assert [each.name for each in wanted if not each.specifier.contains(PINS[each.name])] == [], (
        "run `make lock`"
    )


def test_every_pin_has_its_hashes_and_no_place_to_fetch_it_from() -> None:
    assert re.findall(r"(?m)^(?!    --hash=sha256:[0-9a-f]{64}|[\w.-]+==.*\\$).+$", LOCK) == []
    assert len(PINS) > 20
