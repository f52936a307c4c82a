"""Who is told what, where, when and in which words?  Frozen specifications, made by `reading`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, tzinfo
from functools import cached_property
from hashlib import sha256
from typing import Literal

Language = Literal["en", "zh"]

ALL_SHOPS = "*"
"""Stands for every shop in a list of shops."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that no log, message or traceback shows."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The text, for whoever sends it where it belongs."""
        return self._text

    def digest(self) -> str:
        """The same for the same text, and no way back to it."""
        return sha256(self._text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of Standard Webhooks; ``secrets`` are keys as they sign, the newest first, never none."""

    name: str
    url: Hidden
    host: str
    secrets: tuple[Hidden, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A chat or a mailbox, by an Apprise URL of the service ``host``; no minute sees more than ``per_minute`` messages.

    What comes within ``digest_ms`` of the first message is told with it in one.
    """

    name: str
    url: Hidden
    host: str
    per_minute: int
    digest_ms: int


Endpoint = Webhook | Channel


@dataclass(frozen=True, slots=True)
class Quiet:
    """From ``begin`` to before ``end``, by the merchant's clock, nothing is told of ``severities`` (None: of any)."""

    begin: time
    end: time
    severities: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Merchant:
    """One subscription; ``shops`` may be ALL_SHOPS alone.  ``repeat_ms``: after so long an alert that still fires is told again."""

    name: str
    shops: frozenset[str]
    language: Language
    zone: tzinfo
    min_rank: int
    repeat_ms: int | None
    quiet: tuple[Quiet, ...]
    endpoints: tuple[Endpoint, ...]

    def may_know_of(self, shop: str) -> bool:
        """Whether ``shop`` is one of theirs."""
        return shop in self.shops or ALL_SHOPS in self.shops


@dataclass(frozen=True, slots=True)
class HoldRules:
    """When merchants' messages are held until an operator has looked; None: never for that reason."""

    delay_ms: int | None
    """What is decided lies so far behind real time."""
    lag: int | None
    """So many records of a partition are not read by its worker."""
    silence_ms: int | None
    """An input topic's newest event lies so far behind the newest of all."""
    mass_share: float | None
    """More than this share of all known shops began to fire ..."""
    mass_within_ms: int
    """... within so long ..."""
    mass_shops: int
    """... and no fewer shops than this."""


@dataclass(frozen=True)
class Book:
    """All subscriptions; ``severities`` from the least to the gravest.  ``ops`` is told of holds and of endpoints that are gone."""

    merchants: tuple[Merchant, ...]
    ops: Merchant | None
    severities: tuple[str, ...]
    hold: HoldRules

    def of_shop(self, shop: str) -> Sequence[Merchant]:
        """Who wants to know of ``shop``."""
        return (*self._by_shop.get(shop, ()), *self._by_shop.get(ALL_SHOPS, ()))

    def rank(self, severity: str) -> int:
        """How grave it is; a severity that nobody ranked is graver than all, so that it is neither muted nor passed over."""
        return self._ranks.get(severity, len(self.severities))

    @cached_property
    def endpoints(self) -> Mapping[str, tuple[Merchant, Endpoint]]:
        """Every endpoint by its name, and whose it is."""
        everyone = (*self.merchants, *([self.ops] if self.ops else []))
        return {endpoint.name: (who, endpoint) for who in everyone for endpoint in who.endpoints}

    @cached_property
    def _by_shop(self) -> Mapping[str, Sequence[Merchant]]:
        found: dict[str, list[Merchant]] = {}
        for merchant in self.merchants:
            for shop in merchant.shops:
                found.setdefault(shop, []).append(merchant)
        return found

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return {severity: rank for rank, severity in enumerate(self.severities)}
