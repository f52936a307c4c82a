"""Are several mistakes told at once, in the order of the files and their lines?"""

import pytest

from stream.policy.problems import PolicyError, Problem
from stream.policy.reading import Source, read_policies
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, PICKUP, RULE, complaints, head, read

TIER = "warning = { below = 0.90 }\n"
FULL_OF_MISTAKES = """\
[policy]
name = "test"
effective_from = 2024-01-01
time_zone = "Mars"

[metrics.on_time]
kind = "on_time_ship"
lag = 3

[rules.late]
metric = "ontime"
window = "30d"
warning = { above = 2, clear_at = "x", hold = 1 }

[[exemptions]]
id = "storm"
metrics = ["pickup"]
effect = "drop"
by = "24h"
"""
TOLD = """\
1.toml:1: policy.version is missing; write one, such as version = "1"
1.toml:3: policy.effective_from is 2024-01-01, a date alone; write the time of day too, such as 2024-01-01T00:00:00
1.toml:4: policy.time_zone is "Mars", which no time zone is called; write one such as "Asia/Shanghai"
1.toml:8: metrics.on_time.lag is 3, a duration without a unit; write one such as "30d", "24h" or "90s"
1.toml:11: rules.late.metric is "ontime", and there is no metric of this name; did you mean "on_time"?
1.toml:13: rules.late.warning.clear_at is "x", not a number; write a plain number without quotes, such as 0.90
1.toml:13: rules.late.warning.hold is no key that is known here; it may be one of above, bad_above, below, clear_at, \
for, forecast, keep_firing_for, min_bad, min_orders, penalty
1.toml:15: exemptions.storm.anchor is missing; write one, such as anchor = "due"
1.toml:17: exemptions.storm.metrics names "pickup", and there is no metric of this name; it may be one of on_time
1.toml:19: exemptions.storm.by does not go with "drop"; leave it out, or write effect = "extend"
"""
PICKUP_EXEMPTION = EXEMPTION.replace("on_time", "pickup")


def test_every_mistake_of_a_file_is_told_in_the_order_of_its_lines() -> None:
    assert "\n".join(complaints(FULL_OF_MISTAKES)) + "\n" == TOLD


def test_a_missing_head_is_told_key_by_key() -> None:
    assert [line.split(";")[0] for line in complaints("")] == [
        "1.toml:1: policy.name is missing",
        "1.toml:1: policy.version is missing",
        "1.toml:1: policy.time_zone is missing",
        "1.toml:1: policy.effective_from is missing",
    ]


def test_the_mistakes_of_all_files_are_told_file_by_file() -> None:
    told = complaints(HEAD + "a = 1\n", "= no", head("2", "2024-02-01T00:00:00Z") + "b = 1\n")
    assert [line.split(";")[0] for line in told] == [
        "1.toml:6: policy.a is no key that is known here",
        "2.toml:1: this is not TOML: invalid statement",
        "3.toml:6: policy.b is no key that is known here",
    ]


def test_v1_all_files_are_versions_of_one_policy_each_with_its_own_start() -> None:
    assert complaints(HEAD, HEAD.replace('"test"', '"toast"')) == [
        (
            '2.toml:2: policy.name is "toast", and in 1.toml it is "test"; '
            "give all versions of one policy one name, and name another policy by itself"
        ),
        '2.toml:3: policy.version is "1", as in 1.toml; give each version its own',
        "2.toml:4: policy.effective_from is the same instant as in 1.toml; let each version start at its own",
    ]


def test_v1_one_instant_in_two_offsets_is_the_same_start() -> None:
    (told,) = complaints(HEAD, head("2", "2024-01-01T08:00:00+08:00"))
    assert told.startswith("2.toml:4: policy.effective_from is the same instant as in 1.toml")


def test_v1_a_metric_of_one_name_keeps_its_kind() -> None:
    other = head("2", "2024-02-01T00:00:00Z") + PICKUP.replace("metrics.pickup", "metrics.on_time")
    assert complaints(HEAD + ON_TIME, other) == [
        (
            '2.toml:8: metrics.on_time.kind is "pickup_anomaly", and in another version "on_time_ship"; '
            "keep the kind, or give the metric another name"
        )
    ]


def test_v1_versions_are_ordered_by_their_start_in_whatever_order_the_files_are_given() -> None:
    policy = read(head("b", "2024-03-01T00:00:00Z"), head("a", "2024-02-01T00:00:00Z"))
    assert [version.version for version in policy.versions] == ["a", "b"]
    assert [text.split('version = "')[1][0] for text in policy.texts] == ["a", "b"]


def test_e2_an_exemption_may_name_a_metric_that_only_another_version_has() -> None:
    policy = read(HEAD + ON_TIME + PICKUP_EXEMPTION, head("2", "2024-02-01T00:00:00Z") + PICKUP)
    assert [each.metrics for each in policy.exemptions] == [{"pickup"}]


def test_e3_an_anchor_is_checked_against_a_kind_that_only_another_version_names() -> None:
    wrong = PICKUP_EXEMPTION.replace('"due"', '"requested"')
    (told,) = complaints(HEAD + wrong, head("2", "2024-02-01T00:00:00Z") + PICKUP)
    assert told.startswith(
        '1.toml:11: exemptions.storm.anchor is "requested", which pickup_anomaly does not have'
    )


def test_metrics_of_exemptions_are_not_missed_while_a_file_is_no_toml() -> None:
    assert len(complaints(HEAD + EXEMPTION, "= no")) == 1


def test_e2_one_id_with_the_same_content_in_two_files_is_one_exemption() -> None:
    dated = EXEMPTION + 'from = 2024-01-01T08:00:00+08:00\nregions = ["61", "62", "61"]\n'
    other = EXEMPTION + (
        'from = 2024-01-01T00:00:00Z\nregions = ["62", "61"]\nregion_of = "either"\n'
        'goods = ["physical", "virtual", "presale", "custom"]\n'
    )
    policy = read(HEAD + ON_TIME + dated, head("2", "2024-02-01T00:00:00Z") + ON_TIME + other)
    assert len(policy.exemptions) == 1


def test_e2_one_id_with_two_contents_in_two_files_is_told_with_the_place_of_the_first() -> None:
    other = head("2", "2024-02-01T00:00:00Z") + ON_TIME + EXEMPTION.replace("drop", "forgive")
    assert complaints(HEAD + ON_TIME + EXEMPTION, other) == [
        (
            "2.toml:11: exemptions.storm.id is the id of another exemption too, at 1.toml:10; "
            "give it an id of its own, or make the two the same"
        )
    ]


def test_a_metric_of_which_the_kind_is_wrong_is_not_called_missing_by_its_rules() -> None:
    (told,) = complaints(HEAD + ON_TIME.replace('"on_time_ship"', '"x"') + RULE + TIER + EXEMPTION)
    assert told.startswith("1.toml:8: metrics.on_time.kind")


def test_no_file_at_all_is_a_mistake_too() -> None:
    with pytest.raises(PolicyError, match=r"^policy:1: no policy file was given; name at least one$"):
        read_policies([])


def test_a_problem_tells_its_column() -> None:
    with pytest.raises(PolicyError) as raised:
        read_policies([Source("p", HEAD + ON_TIME + "goods = [\n  3,\n]\n    lag = 3\n")])
    assert [(problem.line, problem.column) for problem in raised.value.problems] == [(9, 1), (12, 5)]


def test_a_problem_is_one_line_whatever_signs_are_in_it() -> None:
    problem = Problem("a\nb", 1, None, "x\x1b[31m\x9b\u2028", "y 警告")
    assert str(problem) == r"a\nb:1: x\x1b[31m\x9b\u2028; y 警告"
