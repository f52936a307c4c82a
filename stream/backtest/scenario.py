"""What does a test file of a policy say?  ``NAME.test.toml`` becomes events and the alerts expected of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from stream.backtest.scenario_events import SHOP, Script, tell_events, tell_orders, time_reader
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from stream.policy.tables import Page, Table
from stream.policy.values import list_of, nearest, shown, text, whole

SUFFIX = ".test.toml"
"""How the name of a test file ends."""

FILE_KEYS = {"policies", "tests"}
TEST_KEYS = {"name", "start", "until", "orders", "events", "expect", "checks"}
COUNTS = ("good", "bad", "counted")
EXPECT_KEYS = {"shop", "rule", "severity", "fired_at", "resolved_at", "resolved_because", *COUNTS}
CHECK_KEYS = {"at", "shop", "firing"}

Reader = Callable[[Path], Source]


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that has to come: ``resolved_at`` None if it still fires at the end; what is None in ``counts`` is not asked."""

    shop: str
    rule: str
    severity: str
    fired_at: int
    resolved_at: int | None
    resolved_because: str | None
    counts: Mapping[str, int | None]
    """At firing."""


@dataclass(frozen=True, slots=True)
class Check:
    """Which tiers of a shop fire at an instant, each as ``rule.severity``; all others are silent then."""

    at: int
    shop: str
    firing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test: what happens, and what has to come of it; ``until`` None is the end of the events (SEMANTICS T5).

    ``expected`` is all that may come; None: only what fires at the checks is asked.
    """

    file: str
    line: int
    name: str
    start: int
    until: int | None
    events: tuple[bytes, ...]
    expected: tuple[Expected, ...] | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """A test file and the policy that it tests."""

    policy: PolicySet
    scenarios: tuple[Scenario, ...]


def read_suite(file: Path, read: Reader) -> Suite:
    """What the test file says, its policy files read through ``read`` too.

    Raises PolicyError, which carries every problem of the test file and of its policy files, and what ``read`` raises.
    """
    source = read(file)
    page = Page(source.name, source.text.removeprefix("\ufeff"))
    document = page.parse()
    policy = _policy(document, file, read) if document else None
    known = policy if isinstance(policy, PolicySet) else None
    page.zone = ZoneInfo(known.versions[-1].time_zone) if known else UTC
    scenarios = tuple(_scenarios(document, known)) if document else ()
    problems = sorted(page.problems, key=lambda problem: (problem.line, problem.column or 0))
    if isinstance(policy, PolicyError):
        problems += policy.problems
    if problems or known is None:
        raise PolicyError(problems)
    return Suite(known, scenarios)


def _policy(document: Table, file: Path, read: Reader) -> PolicySet | PolicyError:
    """The policy that is tested: by default that of the same name."""
    beside: tuple[str, ...] = (
        (file.name.removesuffix(SUFFIX) + ".toml",) if file.name.endswith(SUFFIX) else ()
    )
    names = document.take("policies", list_of(text), beside)
    if not names:
        document.missing("policies", 'write the files that it tests, such as policies = ["seed.toml"]')
        return PolicyError([])
    try:
        return read_policies([read(file.parent / name) for name in names])
    except PolicyError as error:
        return error


def _scenarios(document: Table, policy: PolicySet | None) -> Iterator[Scenario]:
    document.refuse_others(FILE_KEYS)
    tests = list(document.listed_tables("tests"))
    if not tests and not isinstance(document.values.get("tests"), dict | str | int):
        document.missing("tests", "write at least one [[tests]]")
    names: dict[str, Table] = {}
    for table in tests:
        scenario = _scenario(table, policy)
        first = names.setdefault(scenario.name, table)
        if scenario.name and first is not table:
            message = f"{table.name_of('name')} is {shown(scenario.name)}, as in line {first.line}"
            table.note("name", message, "give each test its own")
        yield scenario


def _scenario(table: Table, policy: PolicySet | None) -> Scenario:
    table.refuse_others(TEST_KEYS)
    name = table.need("name", text, '"nine of ten on time is silence"') or ""
    if "start" not in table:
        table.missing("start", "write the time that all others count from, such as 2024-03-01T00:00:00")
    start = table.instant("start") or 0
    when = time_reader(start, table.page.zone)
    script = Script(when, start)
    tell_orders(table, script)
    tell_events(table, script)
    if "expect" not in table and "checks" not in table:
        table.missing("expect", "write the alerts that have to come; expect = [] is silence")
    tiers = _Tiers(policy)
    expected = tuple(_expected(each, script, tiers) for each in table.listed_tables("expect"))
    return Scenario(
        file=table.page.file,
        line=table.line,
        name=name,
        start=start,
        until=table.take("until", when),
        events=tuple(script.lines),
        expected=expected if "expect" in table else None,
        checks=tuple(_check(each, script, tiers) for each in table.listed_tables("checks")),
    )


class _Tiers:
    """Which rules and severities there are in any version; all, where the policy is not known."""

    def __init__(self, policy: PolicySet | None) -> None:
        known: dict[str, set[str]] = {}
        for version in policy.versions if policy else ():
            for rule in version.rules.values():
                known.setdefault(rule.name, set()).update(tier.severity for tier in rule.tiers)
        self._known = known if policy else None

    def complaint(self, rule: str, severity: str) -> tuple[str, str] | None:
        """What is wrong with naming this tier, and what would be right."""
        if self._known is None or severity in self._known.get(rule, ()):
            return None
        if rule not in self._known:
            return f"there is no rule {shown(rule)}", nearest(rule, self._known)
        return f"rule {shown(rule)} has no tier {shown(severity)}", nearest(severity, self._known[rule])


def _expected(table: Table, script: Script, tiers: _Tiers) -> Expected:
    table.refuse_others(EXPECT_KEYS)
    rule = table.need("rule", text, '"late_shipping"') or ""
    severity = table.need("severity", text, '"warning"') or ""
    complaint = tiers.complaint(rule, severity) if rule and severity else None
    if complaint:
        table.note("rule", f"{table.label}: {complaint[0]}", complaint[1])
    return Expected(
        shop=table.take("shop", text, SHOP),
        rule=rule,
        severity=severity,
        fired_at=table.need("fired_at", script.when, '"48h"') or 0,
        resolved_at=table.take("resolved_at", script.when),
        resolved_because=table.take("resolved_because", text),
        counts={key: table.take(key, whole(0)) for key in COUNTS},
    )


def _check(table: Table, script: Script, tiers: _Tiers) -> Check:
    table.refuse_others(CHECK_KEYS)
    firing = table.need("firing", list_of(text), '["late_shipping.warning"]') or ()
    for name in firing:
        complaint = tiers.complaint(*name.partition(".")[::2])
        if complaint:
            table.note("firing", f"{table.name_of('firing')}: {complaint[0]}", complaint[1])
    at = table.need("at", script.when, '"48h"') or 0
    return Check(at, table.take("shop", text, SHOP), firing)
