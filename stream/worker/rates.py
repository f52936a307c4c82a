"""Which shops' rates are written next?  Those in trouble first, then those that have waited longest.

Every change of a shop changes its document of rates; writing each would be a record an event and more.  So a worker has
a budget a second, and a shop that changes a hundred times while it waits is written once.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

import orjson

MOST_OF_THE_TIME = 0.05
"""So much of a worker's time goes to documents at most: that of a shop with thousands of open orders takes milliseconds, and events
and alerts go first."""

FAR_BEHIND = 20_000
BEHIND = 0.01
"""And so much of one that has more events than that to catch up with in a partition: what it would say of an instant long past is
outdated before anybody reads it, and said again once the events are worked off."""

Document = Mapping[str, object]

AS_OF = "as_of"
"""Differs at every writing, and alone is no reason for one."""

BURST_S = 0.5
"""Budget not used is kept for so long."""


@dataclass(slots=True)
class Budget:
    """How many documents may be written; one for all lanes of a worker."""

    per_second: int
    _left: float = 0.0
    _at: float | None = None

    def allow(self, wanted: int, now_s: float) -> int:
        """Take up to ``wanted`` of what has come together by ``now_s``."""
        most = max(1.0, self.per_second * BURST_S)
        passed = BURST_S if self._at is None else max(0.0, now_s - self._at)
        self._at = now_s
        self._left = min(most, self._left + passed * self.per_second)
        taken = max(0, min(wanted, int(self._left)))
        self._left -= taken
        return taken

    def spent(self, allowed: int, written: int, took_s: float, lag: int = 0) -> None:
        """Of those ``allowed`` so many were ``written``, and making them took so long; ``lag`` events wait meanwhile.

        What is left may be taken again; what took longer than its share is taken from what comes next.
        """
        share = BEHIND if lag > FAR_BEHIND else MOST_OF_THE_TIME
        self._left += allowed - max(written, int(took_s * self.per_second / share))


@dataclass(slots=True)
class Waiting:
    """The shops of one partition whose rates may differ from what was last written of them.

    ``in_trouble`` is asked when a shop is picked, not when it begins to wait.  ``written`` knows what the topic holds, so
    that after a recovery only what differs is written; it keeps four bytes a shop.
    """

    in_trouble: Callable[[str], bool]
    seen: Callable[[str, Document | None], None] = lambda _shop, _document: None
    """Told what the topic holds of a shop from now on."""
    written: dict[str, int] = field(default_factory=dict)
    _troubled: dict[str, None] = field(default_factory=dict)
    _others: dict[str, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._troubled) + len(self._others)

    def add(self, shops: Iterable[str]) -> None:
        """Their rates may have changed; one that waits already keeps its place."""
        for shop in shops:
            if shop in self._troubled:
                continue
            if self.in_trouble(shop):
                self._others.pop(shop, None)
                self._troubled[shop] = None
            else:
                self._others.setdefault(shop)

    def pick(self, count: int) -> list[str]:
        """Take the ``count`` next ones out."""
        troubled = list(islice(self._troubled, count))
        others = list(islice(self._others, count - len(troubled)))
        # Taken out together: one by one, the first would be looked for behind all that have gone before it.
        for shop in troubled:
            del self._troubled[shop]
        for shop in others:
            del self._others[shop]
        return troubled + others

    def differs(self, shop: str, document: Document) -> bool:
        """Whether it is not what was last written; from here on it is."""
        print_now = fingerprint(document)
        if self.written.get(shop) == print_now:
            return False
        self.written[shop] = print_now
        self.seen(shop, document)
        return True

    def holds(self, key: bytes, value: bytes | None) -> None:
        """The topic of rates holds this; read at a recovery."""
        shop = key.decode("utf-8", "replace")
        document = None
        try:
            if value is not None:
                document = orjson.loads(value)
                self.written[shop] = fingerprint(document)
        except (orjson.JSONDecodeError, AttributeError):
            document = None
        if document is None:
            self.written.pop(shop, None)
        self.seen(shop, document)


def encode_rates(document: Document) -> bytes:
    """The value of a record of rates."""
    return orjson.dumps(document)


def fingerprint(document: Document) -> int:
    """A number for what a document says, apart from when; the same for one just made and for the same one read back.

    For one that has its members in another order it is another.
    """
    return zlib.crc32(orjson.dumps({name: value for name, value in document.items() if name != AS_OF}))
