"""How is a worker set up?  One frozen value, made by the command line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stream.kafka.access import HERE, Access
from stream.ops.logs import Form
from topics.catalogue import DEAD_LETTERS, OF_WORKERS

LINGER_MS = 20
LINGER_OF_MANY_MS = 50
MANY_PARTITIONS = 16
"""Transactions are what is scarce: one costs a broker several writes however few events are in it, and every partition has
its own.  Waiting a little makes fewer and larger ones of the same events; an alert is later by that little at most.  With
many partitions there are so many transactions that they wait for one another, and then waiting longer is the shorter way."""

Clock = Literal["real", "events"]
Partitioner = Literal["murmur2", "crc32", "any"]


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics' names on the broker: those of the contract behind a prefix."""

    prefix: str = ""

    def name(self, topic: str) -> str:
        """What ``topic`` is called on the broker."""
        return self.prefix + topic

    def topic(self, name: str) -> str:
        """What the contract calls it."""
        return name.removeprefix(self.prefix)

    def dead_letters(self, topic: str) -> str:
        """Where what cannot be read of ``topic`` goes, on the broker."""
        return self.prefix + DEAD_LETTERS[topic]

    def all(self) -> Sequence[str]:
        """Every topic that a worker needs, on the broker."""
        return [self.name(topic) for topic in OF_WORKERS]


@dataclass(frozen=True, slots=True)
class Group:
    """Membership in the consumer group; seconds."""

    name: str = "shopwatch"
    session_timeout_s: float = 20.0
    heartbeat_s: float = 1.0
    """A rebalance is noticed this late."""
    rebalance_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Transactions:
    """How a lane writes."""

    linger_ms: int | None = None
    """None: by the number of partitions, see LINGER_MS."""
    timeout_ms: int = 30_000
    """So long readers wait behind a dead worker's open transaction that nobody takes over."""
    retry_backoff_ms: int = 5
    """Right after a commit the broker is still finishing it, refuses the next transaction's first request
    (CONCURRENT_TRANSACTIONS), and is asked again after this long: every transaction waits for it, and so every alert.
    aiokafka's own 100 ms are several times a linger."""
    records: int = 2_000
    """So many records read fill a transaction; the next batch waits for the one after it."""
    batches: int = 4
    """So many fetched batches wait before a lane; then the fetch waits."""

    def linger_s(self, partitions: int) -> float:
        """How long a lane waits for more before it commits."""
        if self.linger_ms is not None:
            return self.linger_ms / 1000
        return (LINGER_OF_MANY_MS if partitions >= MANY_PARTITIONS else LINGER_MS) / 1000


@dataclass(frozen=True, slots=True)
class Patience:
    """After how long the watchdog ends the process, and whoever asks a question his waiting; seconds."""

    commit_s: float = 60.0
    """A commit is under way; nothing in aiokafka bounds it."""
    standstill_s: float = 60.0
    """The broker answers, there is lag, and nothing moves."""
    recovery_s: float = 900.0
    """A rebalance or a recovery is under way."""
    loop_s: float = 30.0
    """The event loop does not turn."""
    silence_s: float | None = None
    """A topic is read to its end, and nothing comes.  None: for ever, as a worker waits for a Kafka that is away."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a worker is told."""

    policies: Sequence[Path]
    bootstrap: Access = HERE
    group: Group = field(default_factory=Group)
    topics: Topics = field(default_factory=Topics)
    transactions: Transactions = field(default_factory=Transactions)
    patience: Patience = field(default_factory=Patience)
    lateness_ms: int = 10_000
    max_ahead_ms: int = 86_400_000
    clock: Clock = "real"
    partitioner: Partitioner = "murmur2"
    drain: bool = False
    until_ms: int | None = None
    rewrite_history: bool = False
    rates_per_second: int = 2_000
    worst_shops: int = 50
    """So many are shown by name in the metrics, of each metric and window."""
    http: tuple[str, int] | None = None
    log: Form = "auto"
    max_poll_records: int = 2_000
    """So many records are taken from one fetch at most.  What costs once a batch is spread over enough of them; more would only
    keep the event loop, and whoever else waits for it, busy for longer at a time."""

    @property
    def real(self) -> bool:
        """Whether time goes on by the wall clock where nothing comes (SEMANTICS T3); a drain implies that it does not."""
        return self.clock == "real" and not self.drain
