"""Which engine does the live host run?  `stream.engine`, on a policy set read from files."""

from collections.abc import Sequence
from functools import partial

from stream.engine import engine
from stream.engine.alerts import document
from stream.engine.engine import Engine
from stream.engine.reading import read_event
from stream.policy.history import changed_before
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from stream.worker.policies import Succession
from stream.worker.run import Parts
from stream.worker.transaction import Steps


def compiled() -> bool:
    """Whether the engine runs as machine code (`hatch_build.py`)."""
    return not str(engine.__file__).endswith(".py")


def no_steps(_step: str) -> None:
    """Nobody looks."""


def live_parts(policy: PolicySet, *, rewrite: bool, steps: Steps = no_steps) -> Parts:
    """What the host runs; ``rewrite`` accepts a policy that changes the past."""
    succession = Succession(policy, _read_texts, changed_before, rewrite=rewrite)
    return Parts(partial(Engine, policy), read_event, document, succession, steps)


def _read_texts(texts: Sequence[str]) -> PolicySet:
    return read_policies([Source(f"recorded version {number}", text) for number, text in enumerate(texts, 1)])
