"""What do ledger and topics say of one shop?  All that its stories are told from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from stream.engine.order import Order
from stream.engine.states import StateRecord
from stream.engine.verdicts import Verdicts
from stream.engine.windows import Layout
from stream.policy.instants import local_text
from stream.policy.spec import PolicySet, Version
from topics.alerts import Alert
from topics.rates import Rates
from topics.times import millis


@dataclass(frozen=True)
class Known:
    """One shop at its partition's clock, in milliseconds; None: nothing is decided yet.

    ``orders`` are those asked for, ``known_orders`` how many the ledger holds; ``alerts`` are the shop's, the newest first, and
    ``alert_documents`` (by id) and ``rates_document`` are the topics' own, with whatever else stands in them.
    """

    shop: str
    policy: PolicySet
    clock: int | None
    rates: Rates | None = None
    alerts: Sequence[Alert] = ()
    states: Sequence[StateRecord] = ()
    orders: Mapping[str, Order] = field(default_factory=dict)
    known_orders: int = 0
    alert_documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rates_document: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def verdicts(self) -> Verdicts:
        """The engine's own."""
        return Verdicts(self.policy)

    @cached_property
    def layout(self) -> Layout:
        """The windows of all versions."""
        return Layout(self.policy)

    @property
    def version(self) -> Version | None:
        """The one in force at the clock; None before the first."""
        return None if self.clock is None else self.verdicts.version_at(self.clock)

    @property
    def time_zone(self) -> str:
        """Times are told in the policy's: that of the version in force, before the first that of the first."""
        return (self.version or self.policy.versions[0]).time_zone

    def says(self, at: int) -> str:
        """``at`` as it is read there."""
        return local_text(at, ZoneInfo(self.time_zone))

    def reads(self, moment: datetime) -> str:
        """A time of the topics, likewise."""
        return self.says(millis(moment))
