"""What can be varied, how is it written, and what is refused in one line?"""

import pytest

from stream.backtest.sweep.paths import VaryError, read_vary
from stream.backtest.sweep.variants import affected, variants
from stream.policy.reading import Source, read_policies

TEXT = """[policy]
name = "p"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "UTC"

[metrics.m]
kind = "on_time_ship"

[metrics.n]
kind = "pickup_anomaly" # pickup_within = "1h"
pickup_within = "24h"

[rules.late]
metric = "m"
window = "1d"
min_orders = 5
warning = { below = 0.90, clear_at = 0.92 }
critical = { below = 0.80 }

[rules.pickups]
metric = "n"
window = "1d"

[rules.pickups.warning]
above = 0.1
clear_at = 0.05
"""
FILE = Source("p.toml", TEXT)
POLICY = read_policies([FILE])


def tier(text: str, rule: str = "late", number: int = 0, at: int = 0) -> object:
    """A tier of one variant."""
    return variants([FILE], [read_vary(text)])[at].policy.versions[0].rules[rule].tiers[number]


def test_a_range_has_its_last_value_and_the_digits_of_its_step() -> None:
    assert read_vary("rules.late.critical.below=0.70:0.73:0.01").values == ("0.70", "0.71", "0.72", "0.73")
    assert read_vary("rules.late.min_orders=20:5:-5").values == ("20", "15", "10", "5")
    assert read_vary("rules.late.min_orders=1:2:5").values == ("1",)


def test_a_range_may_be_one_of_durations() -> None:
    assert read_vary("rules.late.warning.for=0s:2h:30m").values == ("0s", "30m", "1h", "1h30m", "2h")
    assert read_vary("rules.late.window=12h : 3d : 1d").values == ("12h", "1d12h", "2d12h")


def test_times_are_a_list_though_they_have_colons() -> None:
    told = "2023-01-01T00:00:00Z, 2023-02-01 08:00:00+08:00"
    vary = read_vary(f"policy.effective_from={told}")
    assert vary.values == ("2023-01-01T00:00:00Z", "2023-02-01 08:00:00+08:00")
    assert read_vary("policy.effective_from=2023-01-01T00:00:00Z").values == ("2023-01-01T00:00:00Z",)
    starts = [each.policy.versions[0].effective_from for each in variants([FILE], [vary])]
    assert starts == [1_672_531_200_000, 1_675_209_600_000]
    assert read_vary("rules.late.x=08:00,09:00").values == ("08:00", "09:00")


def test_a_list_has_its_values_as_they_are_written() -> None:
    vary = read_vary(" rules.late.warning.for = 0s, 1h30m ")
    assert (vary.path, vary.values) == (("rules", "late", "warning", "for"), ("0s", "1h30m"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules.late.critical.below", "write a path and its values"),
        ("=1", "write a path and its values"),
        ("below=1", "write a path and its values"),
        ("rules.late.critical.below=", "has no values"),
        ("rules.late.critical.below=0.1,,0.2", "has no values"),
        ("rules.late.critical.below=0.9:0.7:0.1", "the range is empty"),
        ("rules.late.critical.below=0.7:0.9:0", "the range is empty"),
        ("rules.late.critical.below=0.7:0.9", "is no range"),
        ("rules.late.critical.below=a:b:c", "is no range"),
        ("rules.late.critical.below=0:inf:1", "is no range"),
        ("rules.late.warning.for=1h:6h:1", "is no range; write FIRST:LAST:STEP in numbers or in durations"),
        ("rules.late.x=08:00", "is no range"),
        ("rules.late.warning.for=2h:1h:30m", "no steps of 30m lead along '2h:1h:30m': the range is empty"),
        ("rules.late.warning.for=1h:2h:0s", "the range is empty"),
        ("rules.late.critical.below=0.7:0.9:0.1,0.95", "'0.7:0.9:0.1' is a range within a list"),
        ("rules.late.critical.below=0:1:0.000001", "take a greater step"),
        ("rules.late.min_orders=5,5", "give each once"),
    ],
)
def test_what_is_no_question_is_refused(text: str, says: str) -> None:
    with pytest.raises(VaryError, match=says):
        read_vary(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "rules.lat.critical.below=0.5",
            r"rules\.lat\.critical\.below does not exist: no policy file has rules\.lat",
        ),
        ("rules.lat.critical.below=0.5", r"; did you mean rules\.late\.critical\.below\?"),
        ("rules.returns.severe.above=0.5", r"; there are rules\.late, "),
        ("exemptions.x.by=1h", "does not exist"),
        ("rules.late.critical.belw=0.5", r'did you mean "below"\?'),
        ("rules.late.critical.below=1.5", "with rules.late.critical.below=1.5 the policy cannot be used"),
        ("rules.late.critical.below=low", "the policy cannot be used"),
        ("rules.late.window=90s", "the policy cannot be used"),
        ("rules.pickups.warning=1", "is a table; name one of its keys"),
    ],
)
def test_what_the_policy_does_not_have_or_its_reader_refuses_is_said_in_one_line(
    text: str, says: str
) -> None:
    with pytest.raises(VaryError, match=says) as raised:
        variants([FILE], [read_vary(text)])
    assert "\n" not in str(raised.value)


def test_the_last_of_several_changes_first() -> None:
    grid = variants(
        [FILE], [read_vary("rules.late.critical.below=0.5,0.6"), read_vary("rules.late.min_orders=5,10")]
    )
    assert [each.values for each in grid] == [("0.5", "5"), ("0.5", "10"), ("0.6", "5"), ("0.6", "10")]
    assert [each.policy.versions[0].rules["late"].tiers[1].min_orders for each in grid] == [5, 10, 5, 10]


def test_one_path_is_varied_once() -> None:
    with pytest.raises(VaryError, match="varied twice"):
        variants([FILE], [read_vary("rules.late.min_orders=5"), read_vary("rules.late.min_orders=6")])


def test_a_key_that_stands_nowhere_is_put_into_its_table_wherever_that_is() -> None:
    assert getattr(tier("rules.late.critical.for=90m", number=1), "hold") == 5_400_000  # noqa: B009 - of any type
    assert getattr(tier("rules.pickups.warning.min_bad=3", "pickups"), "min_bad") == 3  # noqa: B009
    assert getattr(tier("rules.pickups.min_orders=7", "pickups"), "min_orders") == 7  # noqa: B009
    assert getattr(tier("rules.late.critical.penalty=true", number=1), "penalty") is True  # noqa: B009


def test_a_key_is_put_into_a_table_of_nothing() -> None:
    empty = Source("e.toml", TEXT.replace("critical = { below = 0.80 }", "critical = {}"))
    (variant,) = variants([empty], [read_vary("rules.late.critical.below=0.5")])
    assert "critical = { below = 0.5}" in variant.policy.texts[0]


def test_a_text_is_quoted_and_nothing_else_in_the_file_changes() -> None:
    (variant,) = variants([FILE], [read_vary("metrics.n.pickup_within=2d")])
    assert variant.policy.texts == (TEXT.replace('pickup_within = "24h"', 'pickup_within = "2d"'),)


def test_all_versions_that_have_the_table_are_varied() -> None:
    second = Source("q.toml", TEXT.replace('version = "1"', 'version = "2"').replace("2023", "2024"))
    third = Source(
        "r.toml", second.text.replace('"2"', '"3"').replace("2024", "2025").replace("critical", "severe")
    )
    (variant,) = variants([FILE, second, third], [read_vary("rules.late.critical.below=0.5")])
    lines = [rule.tiers[1].below for rule in (version.rules["late"] for version in variant.policy.versions)]
    assert [line.text for line in lines if line] == ["0.5", "0.5", "0.80"]


def test_r1_a_clear_at_that_is_not_varied_gives_way_to_the_threshold_and_it_is_noted() -> None:
    grid = variants([FILE], [read_vary("rules.late.warning.below=0.90:0.94:0.02")])
    cleared = [each.policy.versions[0].rules["late"].tiers[0].clear_at for each in grid]
    assert [number.text for number in cleared if number] == ["0.92", "0.92", "0.94"]
    assert [each.followed for each in grid] == [(), (), ("rules.late.warning.clear_at",)]
    (above,) = variants([FILE], [read_vary("rules.pickups.warning.above=0.01")])
    assert above.followed == ("rules.pickups.warning.clear_at",)


def test_a_clear_at_that_is_varied_itself_is_taken_as_it_is() -> None:
    with pytest.raises(VaryError, match="beyond the threshold"):
        variants(
            [FILE],
            [read_vary("rules.late.warning.below=0.95"), read_vary("rules.late.warning.clear_at=0.92")],
        )


@pytest.mark.parametrize(
    ("paths", "tiers"),
    [
        (["rules.late.critical.below"], {("late", "critical")}),
        (["rules.late.min_orders"], {("late", "warning"), ("late", "critical")}),
        (
            ["rules.late.critical.below", "rules.pickups.warning.above"],
            {("late", "critical"), ("pickups", "warning")},
        ),
        (["metrics.n.pickup_within"], {("late", "warning"), ("late", "critical"), ("pickups", "warning")}),
    ],
)
def test_what_is_varied_is_what_is_counted(paths: list[str], tiers: set[tuple[str, str]]) -> None:
    assert affected(POLICY, [read_vary(f"{path}=1") for path in paths]) == tiers
