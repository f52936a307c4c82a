"""Is the worker stuck?  A thread looks, and ends the process: nothing in it would come loose by itself.

Nothing in aiokafka bounds a commit, and Faust's own detection of a standstill only logs.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from stream.worker.clock import elapsed_s
from stream.worker.ending import Ending
from stream.worker.settings import Patience

LOOK_EVERY_S = 0.5
ASLEEP_S = 5.0
"""A look so much later than the last means that the whole process stood still (a suspended machine, SIGSTOP): then only
time from now on counts, and the worker finds out by itself whether it was replaced."""
ANSWERS_S = 10.0
"""A broker that was heard so recently answers."""


@dataclass(slots=True)
class Vitals:
    """Written by the event loop, read by this thread; seconds of `clock.elapsed_s`, None: not so now."""

    turned_at: float = 0.0
    """The loop has turned."""
    answered_at: float = 0.0
    """The broker has answered."""
    assigning_since: float | None = None
    """A rebalance or a recovery is under way."""
    committing_since: float | None = None
    """The oldest commit under way."""
    stuck_since: float | None = None
    """When that lane last moved that has lag and has stood longest."""


@dataclass(slots=True)
class Watchdog:
    """Looks at ``vitals``."""

    vitals: Vitals
    patience: Patience
    end: Ending
    _awake_since: float = field(default_factory=elapsed_s)
    _looked_at: float = field(default_factory=elapsed_s)

    def start(self, look_every_s: float = LOOK_EVERY_S) -> Callable[[], None]:
        """Look from a thread until the function returned is called."""
        stopped = threading.Event()

        def look() -> None:
            while not stopped.wait(look_every_s):
                reason = self.reason_to_end(elapsed_s())
                if reason and not stopped.is_set():
                    self.end(reason)

        threading.Thread(target=look, name="watchdog", daemon=True).start()
        return stopped.set

    def reason_to_end(self, now: float) -> str | None:
        """What is stuck, or None."""
        if now - self._looked_at > ASLEEP_S:
            self._awake_since = now
        self._looked_at = now
        vitals, patience = self.vitals, self.patience
        if self._longer(vitals.turned_at, patience.loop_s, now):
            return f"the event loop has not turned for {patience.loop_s:.0f} s"
        if self._longer(vitals.committing_since, patience.commit_s, now):
            return f"a commit has been under way for {patience.commit_s:.0f} s"
        if self._longer(vitals.assigning_since, patience.recovery_s, now):
            return f"a rebalance or recovery has been under way for {patience.recovery_s:.0f} s"
        if vitals.assigning_since is not None or now - vitals.answered_at > ANSWERS_S:
            return None
        if self._longer(vitals.stuck_since, patience.standstill_s, now):
            return f"Kafka answers and records wait, but nothing has moved for {patience.standstill_s:.0f} s"
        return None

    def _longer(self, since: float | None, allowed: float, now: float) -> bool:
        return since is not None and now - max(since, self._awake_since) > allowed
