"""What does the host need of the engine?  Its public face, so that a lane can be tried with a small one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol


class Event(Protocol):
    """A fact that was read."""

    @property
    def occurred_at(self) -> int:
        """When it happened, in milliseconds."""
        ...


class Alert(Protocol):
    """An alert, to be written."""

    @property
    def alert_id(self) -> str:
        """Which one."""
        ...


class Changes(Protocol):
    """What an advance of the clock has brought."""

    @property
    def alerts(self) -> Sequence[Any]:
        """To be written, in this order."""
        ...

    @property
    def records(self) -> Mapping[bytes, bytes | None]:
        """To be kept in the ledger."""
        ...

    @property
    def touched(self) -> Iterable[str]:
        """Shops whose rates may have changed."""
        ...

    @property
    def retractions(self) -> int:
        """How many verdicts were taken back."""
        ...


class Engine(Protocol):
    """`stream.engine.engine.Engine`, as far as the host sees it."""

    @property
    def clock(self) -> int | None:
        """Everything up to here is decided."""
        ...

    @property
    def latest_fact(self) -> int | None:
        """The newest event time applied."""
        ...

    def apply(self, event: Any) -> str:
        """Join a fact."""
        ...

    def advance(self, watermark: int | None) -> Changes:
        """Decide what is due; None decides nothing and hands out what must be kept."""
        ...

    def end(self) -> int | None:
        """Where a drain of this partition ends by itself (SEMANTICS T5)."""
        ...

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take back one record of the ledger."""
        ...

    def rebuild(self, clock: int | None, latest_fact: int | None) -> Iterator[None]:
        """Make of what was restored a state at ``clock``, in slices."""
        ...

    def rates(self, shop_id: str) -> Mapping[str, Any]:
        """The document of a shop's rates at the clock."""
        ...

    def shops(self) -> Iterable[str]:
        """All that are known."""
        ...

    def in_trouble(self, shop_id: str) -> bool:
        """Whether a tier of it is not inactive."""
        ...


Read = Callable[[str, bytes | None, bytes | None], Any]
"""Topic, key and value to an event; raises `stream.engine.reading.UnreadableEvent`."""

WriteAlert = Callable[[Any, int], Mapping[str, Any]]
"""An alert and the time of writing to its document."""
