"""Which policies are measured with?  The seed policy, all of it, and the least one: a rule on shipping in time."""

from pathlib import Path

from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet

ROOT = Path(__file__).parents[1]
SEED = ROOT / "policies" / "seed.toml"
ONE_RULE = Path(__file__).with_name("one_rule.toml")
FILES = {"seed": SEED, "one rule": ONE_RULE}

MARKER = """
# Fires at the first return of a shop: what the latencies are measured by.
[rules.marker]
metric = "return"
window = "1h"
pane = "1m"
seen = { bad_above = 0 }
"""


def policy(text: str) -> PolicySet:
    """What a policy file says."""
    return read_policies([Source("policy", text)])


def text_of(name: str) -> str:
    """One of FILES."""
    return FILES[name].read_text("utf-8")


def without_rules(text: str) -> str:
    """Its metrics alone: verdicts are found, and nothing counts them."""
    return text.partition("[scores.")[0].partition("[rules.")[0]


def without_metrics(text: str) -> str:
    """A policy that asks for nothing."""
    return text.partition("[metrics.")[0]
