"""A worker with the small engine, as a process: the product's host, and a hook that says, or does, something at a step.

``CRASH_AT=step:n`` ends it at the n-th time of that step, as a power cut would.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from stream.kafka.access import Access
from stream.worker.policies import Succession
from stream.worker.run import Parts, run
from stream.worker.settings import Group, Settings, Topics, Transactions
from tests.worker.fakes import TinyEngine, read_tiny, tiny_policy, write_tiny


class Steps:
    """Counts the steps; says where the first of each kind is reached."""

    def __init__(self, crash_at: str) -> None:
        self._step, _, times = crash_at.partition(":")
        self._left = int(times or 1)
        self._said: set[str] = set()

    def __call__(self, step: str) -> None:
        """Reached."""
        if step not in self._said:
            self._said.add(step)
            sys.stderr.write(f"STEP {step}\n")
            sys.stderr.flush()
        if step == self._step:
            self._left -= 1
            if not self._left:
                os._exit(99)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--topic-prefix")
    options.add_argument("--group")
    options.add_argument("--settings", default="{}")
    options.add_argument("--policy", default="tiny")
    given = options.parse_args()
    more = json.loads(given.settings)
    session = more.pop("session_timeout_s", 6.0)
    transactions = Transactions(timeout_ms=more.pop("transaction_timeout_ms", 10_000))
    if "http" in more:
        more["http"] = tuple(more["http"])
    settings = Settings(
        policies=[Path(given.policy)],
        bootstrap=Access(os.environ["SHOPWATCH_BOOTSTRAP"]),
        group=Group(given.group, session_timeout_s=session, heartbeat_s=session / 4),
        topics=Topics(given.topic_prefix),
        transactions=transactions,
        log="console",
        **more,
    )
    succession = Succession(
        policy=tiny_policy(given.policy),
        read_texts=lambda texts: tiny_policy(texts[0]),
        changed_before=lambda _old, new, _clock: ["rule tenth has changed"] if "bad" in new.texts[0] else (),
        rewrite=settings.rewrite_history,
    )
    run(
        settings,
        Parts(
            TinyEngine,
            read_tiny,
            write_tiny,
            succession,
            Steps(os.environ.get("CRASH_AT", "never")),
        ),
    )


if __name__ == "__main__":
    main()
