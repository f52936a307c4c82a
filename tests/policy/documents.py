"""Policies for tests, written short."""

from stream.policy.reading import PolicyError, Source, read_policies
from stream.policy.spec import Metric, PolicySet, Rule, Tier

FAULT = "#!"
"""Stands in a text at the end of the line that is at fault."""

HEAD = """\
[policy]
name = "test"
version = "1"
effective_from = 2024-01-01T00:00:00Z
time_zone = "UTC"
"""
ON_TIME = """
[metrics.on_time]
kind = "on_time_ship"
"""
PICKUP = """
[metrics.pickup]
kind = "pickup_anomaly"
"""
RETURN = """
[metrics.return]
kind = "return"
"""
RULE = """
[rules.late]
metric = "on_time"
window = "30d"
"""
EXEMPTION = """
[[exemptions]]
id = "storm"
metrics = ["on_time"]
effect = "drop"
anchor = "due"
"""


def head(
    version: str = "1", since: str = "2024-01-01T00:00:00Z", zone: str = "UTC", name: str = "test"
) -> str:
    """The table [policy]."""
    return (
        HEAD.replace('"1"', f'"{version}"')
        .replace("2024-01-01T00:00:00Z", since)
        .replace("UTC", zone)
        .replace('"test"', f'"{name}"')
    )


def read(*texts: str) -> PolicySet:
    """The policy whose files these are, called 1.toml, 2.toml, ..."""
    return read_policies([Source(f"{number}.toml", text) for number, text in enumerate(texts, 1)])


def complaints(*texts: str) -> list[str]:
    """What is wrong with these files, a line each; empty where nothing is."""
    try:
        read(*texts)
    except PolicyError as error:
        return str(error).split("\n")
    return []


def lines_at_fault(text: str) -> list[int]:
    """The lines that are marked."""
    return [number for number, line in enumerate(text.split("\n"), 1) if FAULT in line]


def metric_of(body: str) -> Metric:
    """The only metric of a policy."""
    (metric,) = read(HEAD + body).versions[0].metrics.values()
    return metric


def rule_of(body: str) -> Rule:
    """The only rule of a policy."""
    (rule,) = read(HEAD + body).versions[0].rules.values()
    return rule


def tier_of(written: str, rule: str = ON_TIME + RULE) -> Tier:
    """The tier that is written as an inline table."""
    (tier,) = rule_of(f"{rule}warning = {written}\n").tiers
    return tier
