"""Is a test file of a policy read as it is meant, and is every mistake in it told?"""

import json
from pathlib import Path

import pytest

from stream.backtest.scenario import Scenario, Suite, read_suite
from stream.backtest.scenario_run import run
from stream.policy.problems import PolicyError, Problem
from stream.policy.reading import Source

POLICY = """\
[policy]
name = "test"
version = "1"
effective_from = 2020-01-01T00:00:00
time_zone = "Asia/Shanghai"
[metrics.on_time]
kind = "on_time_ship"
[rules.late]
metric = "on_time"
window = "30d"
warning = { below = 0.9 }
critical = { below = 0.5 }
"""
TEST = """\
[[tests]]
name = "a test"
start = 2024-01-01T00:00:00
"""
SILENCE = "expect = []\n"


def suite(text: str, name: str = "p.test.toml", **files: str) -> Suite:
    """What a test file says beside a policy file ``p.toml`` and ``files``."""
    known = {name: text, "p.toml": POLICY} | {f"{file}.toml": written for file, written in files.items()}

    def read(path: Path) -> Source:
        assert path.parent == Path("folder")
        if path.name not in known:
            raise PolicyError([Problem(path.name, 1, None, "it cannot be read", "name one that can")])
        return Source(path.name, known[path.name])

    return read_suite(Path("folder", name), read)


def scenario(body: str) -> Scenario:
    (only,) = suite(TEST + body).scenarios
    return only


def events(body: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in scenario(body + SILENCE).events]


def complaints(text: str, name: str = "p.test.toml", **files: str) -> list[str]:
    try:
        suite(text, name, **files)
    except PolicyError as error:
        return str(error).split("\n")
    return []


def differences(body: str) -> list[str]:
    (outcome,) = run(suite(TEST + body))
    return list(outcome.differences)


def test_an_order_that_says_nothing_is_paid_at_the_start_and_promised_two_days_later() -> None:
    assert events("orders = [{}]\n") == [
        {
            "type": "order_paid",
            "event_id": "e000001",
            "shop_id": "S",
            "order_id": "o1",
            "occurred_at": "2023-12-31T16:00:00.000Z",
            "goods": "physical",
            "ship_from": "310000",
            "ship_to": "310000",
            "items": 1,
            "amount": 1000,
            "currency": "CNY",
            "ship_by": "2024-01-02T16:00:00.000Z",
        }
    ]


def test_each_thing_that_happened_to_an_order_is_an_event() -> None:
    found = events(
        'orders = [{ id = "x", shop = "T", paid = "1h", shipped = "2h", picked_up = "3h", requested = "4h", withdrawn = "5h", '
        'resolved = "6h", cancelled = "7h", promises = [{ at = "90m", ship_by = "9h" }], kind = "refund_only", '
        'by = "platform", outcome = "rejected", category = "food" }]\n'
    )
    told = {str(event["type"]): (str(event["occurred_at"])[11:16], event) for event in found}
    assert {kind: at for kind, (at, _) in told.items()} == {
        "order_paid": "17:00",
        "promise_changed": "17:30",
        "package_shipped": "18:00",
        "package_picked_up": "19:00",
        "refund_requested": "20:00",
        "refund_withdrawn": "21:00",
        "refund_resolved": "22:00",
        "order_cancelled": "23:00",
    }
    assert {(event["shop_id"], event["order_id"]) for event in found} == {("T", "x")}
    assert told["order_paid"][1]["category"] == "food"
    assert [kind for kind, (_, event) in told.items() if "category" in event] == ["order_paid"]
    assert told["refund_requested"][1]["kind"] == "refund_only"
    assert told["order_cancelled"][1]["by"] == "platform"
    assert told["refund_resolved"][1]["outcome"] == "rejected"
    assert told["promise_changed"][1]["ship_by"] == "2024-01-01T01:00:00.000Z"


def test_of_several_orders_each_comes_a_while_after_the_one_before_with_all_that_happens_to_it() -> None:
    found = events('orders = [{ count = 2, every = "1h", shipped = "3h", ship_by = 2024-01-01T05:00:00 }]\n')
    assert [
        (event["order_id"], str(event["occurred_at"])[11:16], event.get("ship_by")) for event in found
    ] == [
        ("o1-1", "16:00", "2023-12-31T21:00:00.000Z"),
        ("o1-1", "19:00", None),
        ("o1-2", "17:00", "2023-12-31T22:00:00.000Z"),
        ("o1-2", "20:00", None),
    ]
    assert len({event["event_id"] for event in found}) == 4


def test_f4_virtual_goods_are_promised_only_if_the_test_says_so() -> None:
    first, second = events('orders = [{ goods = "virtual" }, { goods = "virtual", ship_by = "1h" }]\n')
    assert "ship_by" not in first
    assert second["ship_by"] == "2023-12-31T17:00:00.000Z"


def test_an_event_that_no_story_tells_is_written_by_itself() -> None:
    (event,) = events(
        'events = [{ type = "package_shipped", order = "o1", at = "1h", package_id = "p2", completes_order = false }]\n'
    )
    assert (event["package_id"], event["carrier"], event["completes_order"]) == ("p2", "carrier", False)
    assert (event["occurred_at"], event["order_id"], event["shop_id"]) == (
        "2023-12-31T17:00:00.000Z",
        "o1",
        "S",
    )


def test_t6_a_time_with_an_offset_is_itself_and_one_without_is_of_the_policy() -> None:
    first, second = events(
        "orders = [{ paid = 2024-01-01T08:00:00, ship_by = 2024-01-02T00:00:00Z }, { paid = 2024-01-01T00:00:00Z }]\n"
    )
    assert first["occurred_at"] == second["occurred_at"] == "2024-01-01T00:00:00.000Z"
    assert first["ship_by"] == "2024-01-02T00:00:00.000Z"


def test_the_policy_of_the_same_name_is_tested_where_none_is_named() -> None:
    assert suite(TEST + SILENCE).policy.name == "test"


def test_the_files_that_are_named_are_tested_together() -> None:
    later = POLICY.replace('"1"', '"2"').replace("2020", "2021")
    found = suite('policies = ["p.toml", "q.toml"]\n' + TEST + SILENCE, "x.test.toml", q=later)
    assert [version.version for version in found.policy.versions] == ["1", "2"]


MISTAKES = {
    "no policy": ("x.toml", TEST + SILENCE, '1: policies is missing; write the files that it tests, such as policies = ["seed.toml"]'),
    "no test": ("", "", "1: tests is missing; write at least one [[tests]]"),
    "a test without a name": ("", TEST.replace('name = "a test"\n', "") + SILENCE, '1: tests[1].name is missing; write one, such as name = "nine of ten on time is silence"'),
    "two tests of one name": ("", TEST + SILENCE + TEST + SILENCE, '6: tests[2].name is "a test", as in line 1; give each test its own'),
    "a test without a start": ("", TEST.replace("start = 2024-01-01T00:00:00\n", "") + SILENCE, "1: tests[1].start is missing; write the time that all others count from, such as 2024-03-01T00:00:00"),
    "a test that expects nothing, not even silence": ("", TEST, "1: tests[1].expect is missing; write the alerts that have to come; expect = [] is silence"),
    "a key that is not known": ("", TEST + SILENCE + "alerts = 3\n", "5: tests[1].alerts is no key that is known here; it may be one of checks, events, expect, name, orders, start, until"),
    "a key of an order that is not known": ("", TEST + SILENCE + 'orders = [{ shiped = "1h" }]\n', '5: tests[1].orders[1].shiped is no key that is known here; did you mean "shipped"?'),
    "a time that is none": ("", TEST + SILENCE + 'orders = [\n  { shipped = "soon" },\n]\n', '6: tests[1].orders[1].shipped is "soon", not a time; write how long after the start, such as "48h", or a time such as 2021-10-18T00:00:00'),
    "goods that there are not": ("", TEST + SILENCE + 'orders = [{}, { goods = "digital" }]\n', "5: tests[1].orders[2] makes no event: Invalid enum value 'digital' - at `$.goods`; write what the contract allows"),
    "a field that is a list": ("", TEST + SILENCE + "orders = [{ items = [1] }]\n", "5: tests[1].orders[1].items is a list; write a text, a whole number, true or false"),
    "an event that there is not": ("", TEST + SILENCE + 'events = [{ type = "package_ship", order = "o", at = "1h" }]\n', '5: tests[1].events[1].type has no word "package_ship"; did you mean "package_shipped"?'),
    "an event without its order": ("", TEST + SILENCE + 'events = [{ type = "package_shipped", at = "1h" }]\n', '5: tests[1].events[1].order is missing; write one, such as order = "o1"'),
    "a promise without its time": ("", TEST + SILENCE + 'orders = [{ promises = [{ ship_by = "9h" }] }]\n', '5: tests[1].orders[1].promises[1].at is missing; write one, such as at = "24h"'),
    "a rule that there is not": ("", TEST + 'expect = [{ rule = "lat", severity = "warning", fired_at = "1h" }]\n', '4: tests[1].expect[1]: there is no rule "lat"; did you mean "late"?'),
    "a tier that there is not": ("", TEST + 'expect = [{ rule = "late", severity = "warn", fired_at = "1h" }]\n', '4: tests[1].expect[1]: rule "late" has no tier "warn"; did you mean "warning"?'),
    "an alert without its rule": ("", TEST + 'expect = [{ severity = "warning", fired_at = "1h" }]\n', '4: tests[1].expect[1].rule is missing; write one, such as rule = "late_shipping"'),
    "an alert without its time": ("", TEST + 'expect = [{ rule = "late", severity = "warning" }]\n', '4: tests[1].expect[1].fired_at is missing; write one, such as fired_at = "48h"'),
    "a check of a tier that there is not": ("", TEST + 'checks = [{ at = "1h", firing = ["late"] }]\n', '4: tests[1].checks[1].firing: rule "late" has no tier ""; it may be one of critical, warning'),
    "no TOML": ("", TEST + "expect =\n", "4: this is not TOML: invalid value; write texts in quotes, numbers and times bare, and no number with a leading zero or a bare point"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_at_its_line_with_what_would_be_right(what: str) -> None:
    name, text, expected = MISTAKES[what]
    file = name or "p.test.toml"
    assert complaints(text, file) == [f"{file}:{expected}"]


def test_mistakes_of_the_test_file_and_of_its_policy_are_told_at_once() -> None:
    wrong = TEST + SILENCE + 'orders = [{ ship = "1h" }]\nuntil = 3\n'
    told = complaints('policies = ["q.toml"]\n' + wrong, q=POLICY.replace("0.9", "9").replace("30d", "30"))
    assert [line.split(" ")[0:2] for line in told] == [
        ["p.test.toml:6:", "tests[1].orders[1].ship"],
        ["p.test.toml:7:", "tests[1].until"],
        ["q.toml:10:", "rules.late.window"],
        ["q.toml:11:", "rules.late.warning.below"],
    ]


def test_a_policy_file_that_cannot_be_read_is_told() -> None:
    assert complaints('policies = ["gone.toml"]\n' + TEST + SILENCE) == [
        "gone.toml:1: it cannot be read; name one that can"
    ]


def test_exactly_what_was_expected_is_no_difference() -> None:
    fired = '{ rule = "late", severity = "warning", fired_at = "48h", good = 8, bad = 2, counted = 10 }'
    assert (
        differences(f'orders = [{{ count = 8, shipped = "1h" }}, {{ count = 2 }}]\nexpect = [{fired}]\n')
        == []
    )


def test_an_alert_that_nobody_expected_is_a_difference() -> None:
    assert differences("orders = [{ count = 8, shipped = '1h' }, { count = 2 }]\n" + SILENCE) == [
        "got      late.warning of S, fired at 2d (2024-01-03 00:00:00), still firing, 8 good, 2 bad, 10 counted"
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        'fired_at = "49h"',
        'fired_at = "48h", shop = "T"',
        'fired_at = "48h", resolved_at = "50h"',
        'fired_at = "48h", good = 7',
        'fired_at = "48h", bad = 0',
        'fired_at = "48h", counted = 11',
        'fired_at = "48h", resolved_because = "recovered"',
    ],
)
def test_an_alert_that_came_otherwise_is_a_difference(wrong: str) -> None:
    found = differences(
        "orders = [{ count = 8, shipped = '1h' }, { count = 2 }]\n"
        f'expect = [{{ rule = "late", severity = "warning", {wrong} }}]\n'
    )
    assert [line.split(" ")[0] for line in found] == ["expected", "got"]


def test_an_alert_that_came_once_answers_one_that_was_expected_twice_only_once() -> None:
    twice = '{ rule = "late", severity = "warning", fired_at = "48h" }'
    (found,) = differences(
        f"orders = [{{ count = 8, shipped = '1h' }}, {{ count = 2 }}]\nexpect = [{twice}, {twice}]\n"
    )
    assert found.startswith("expected late.warning of S")


def test_an_alert_that_ends_has_to_be_expected_to_end() -> None:
    story = 'until = "40d"\norders = [{ count = 8, shipped = "1h" }, { count = 2 }]\n'
    fired = '{ rule = "late", severity = "warning", fired_at = "48h"'
    ended = ', resolved_at = "32d", resolved_because = "no_data" }'
    critical = '{ rule = "late", severity = "critical", fired_at = "30d1h", resolved_at = "32d" }'
    assert differences(story + f"expect = [{fired}{ended}, {critical}]\n") == []
    assert differences(story + f"expect = [{fired} }}, {critical}]\n") == [
        "expected late.warning of S, fired at 2d (2024-01-03 00:00:00), still firing",
        (
            "got      late.warning of S, fired at 2d (2024-01-03 00:00:00), resolved at 32d (2024-02-02 00:00:00), no_data, "
            "8 good, 2 bad, 10 counted"
        ),
    ]


def test_checks_ask_of_their_instants_alone() -> None:
    story = "orders = [{ count = 8, shipped = '1h' }, { count = 2 }]\n"
    right = '{ at = "47h59m", firing = [] }, { at = "48h", firing = ["late.warning"] }, { at = "48h", shop = "T", firing = [] }'
    assert differences(story + f"checks = [{right}]\n") == []
    assert differences(story + 'checks = [{ at = "48h", firing = ["late.critical"] }]\n') == [
        "expected at 2d (2024-01-03 00:00:00) of S: late.critical",
        "got      at 2d (2024-01-03 00:00:00) of S: late.warning",
    ]
    assert differences(story + 'checks = [{ at = "47h", firing = ["late.warning"] }]\n')[1].endswith(
        ": silence"
    )


def test_a_check_after_the_end_is_a_difference_for_nothing_is_decided_there() -> None:
    assert differences('orders = [{}]\nchecks = [{ at = "49h", firing = [] }]\n') == [
        "at 2d1h (2024-01-03 01:00:00) nothing is decided yet: the events end before it; write until"
    ]


def test_checks_beside_an_expectation_do_not_take_its_place() -> None:
    story = "orders = [{ count = 8, shipped = '1h' }, { count = 2 }]\n"
    (found,) = differences(story + SILENCE + 'checks = [{ at = "48h", firing = ["late.warning"] }]\n')
    assert found.startswith("got      late.warning")


def test_what_comes_before_the_start_is_told_as_so_long_before_it() -> None:
    story = "orders = [{ count = 2, paid = 2023-12-29T00:00:00 }]\n"
    found = differences(story + SILENCE)
    assert found[0].startswith("got      late.warning of S, fired at -1d (2023-12-31 00:00:00)")
