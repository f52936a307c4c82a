"""Who is told while what Kafka has is read into an archive for once?  Whoever waits for the answer that is made of it."""

from stream.archive.manifest import Place
from stream.backtest.known import Progress
from stream.cli.saying import say
from stream.kafka.access import Access


class CollectingTeller:
    """Tells ``progress`` how far the reading of Kafka is, and what keeps it up in a line of ``command``'s."""

    def __init__(self, command: str, bootstrap: Access, progress: Progress) -> None:
        self._command = command
        self._bootstrap = bootstrap
        self._progress = progress
        self._done = self._total = 0
        self._said = False

    def planned(self, offsets: int) -> None:
        """How much there is."""
        self._total = offsets

    def reached(self, records: int, offsets: int) -> None:  # noqa: ARG002 - offsets are what was planned
        """How much of it is done."""
        self._done += offsets
        self._progress.reached("read from Kafka", self._done, self._total)

    def waiting(self) -> None:
        """Kafka does not answer; said once."""
        if not self._said:
            say(self._command, f"Kafka at {self._bootstrap} does not answer any more; waiting for it")
        self._said = True

    def is_open(self, place: Place, offset: int) -> None:
        """Some of what is there may not be read yet."""
        where = f"{place.topic}, partition {place.partition}"
        say(
            self._command,
            f"{where}: a transaction that has not ended hides what lies from offset {offset} on",
        )
