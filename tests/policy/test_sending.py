"""Can a policy set go to another process, as those of a backtest do, whether or not it is compiled?"""

import pickle

import pytest

from stream.policy.spec import PolicySet
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, RULE, read


@pytest.fixture
def policy() -> PolicySet:
    return read(HEAD + ON_TIME + RULE + "warning = { below = 0.90 }\n" + EXEMPTION)


def test_it_arrives_as_it_was_sent(policy: PolicySet) -> None:
    arrived = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own bytes
    assert arrived == policy
    assert arrived.exemptions == policy.exemptions
    assert arrived.versions[0].rules == policy.versions[0].rules


def test_it_stays_frozen(policy: PolicySet) -> None:
    with pytest.raises(AttributeError):
        policy.versions[0].keep = 1  # type: ignore[misc]  # that is what is tried
