"""In which state is a shop's tier, and what does an instant make of it?  (SEMANTICS R6)

A tier that is inactive has no state at all.
"""

import msgspec

from stream.engine.alerts import Alert
from stream.policy.spec import Tier
from topics.alerts import ResolvedBecause


class TierState(msgspec.Struct, array_like=True):
    """Pending since an instant, or firing with an alert and, where it is clear now, clear since an instant."""

    pending_since: int | None = None
    alert: Alert | None = None
    clear_since: int | None = None
    clear_because: ResolvedBecause | None = None


class StateRecord(msgspec.Struct, array_like=True):
    """One tier's state in the ledger."""

    rule: str
    severity: str
    state: TierState


encode_states = msgspec.msgpack.Encoder().encode
decode_states = msgspec.msgpack.Decoder(list[StateRecord]).decode


def fires(state: TierState, hold: int, t: int) -> bool:
    """Whether a tier in breach fires at ``t``; it is pending from now on, if it was not."""
    if state.pending_since is None:
        state.pending_since = t
    return t >= state.pending_since + hold


def resolves(state: TierState, keep_firing: int, t: int) -> bool:
    """Whether a firing tier that is clear resolves at ``t``; it is clear from now on, if it was not."""
    if state.clear_since is None:
        state.clear_since = t
    return t >= state.clear_since + keep_firing


def timer_of(state: TierState, tier: Tier) -> int | None:
    """When a timer of a tier's own ends, if nothing changes before."""
    if state.pending_since is not None:
        return state.pending_since + tier.hold
    return None if state.clear_since is None else state.clear_since + tier.keep_firing
