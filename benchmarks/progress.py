"""How does a process that is measured say how far it has come?  Two lines of JSON: a tenth is done, and all is."""

import json
import sys
import time


class Progress:
    """Counts ``total`` events.  The first tenth is a warm-up, and so are imports and joining the group.

    Imports nothing but the standard library: it runs wherever what is measured runs.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._warm = max(1, total // 10)
        self._done = 0
        self._told_warm = False

    def count(self, events: int = 1) -> None:
        """So many more are done."""
        self._done += events
        if not self._told_warm and self._done >= self._warm:
            self._told_warm = True
            self._tell()
        if self._done >= self._total and self._done - events < self._total:
            self._tell()

    def _tell(self) -> None:
        said = {"done": self._done, "at_s": time.monotonic(), "cpu_s": time.process_time()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
