"""Which exemptions are in force at a clock?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from stream.ops import catalogue as show
from stream.ops.catalogue import Metric
from stream.ops.picture import Row
from stream.policy.spec import Exemption

NAMED = 50
"""So many are shown by their id; a policy may have any number of them."""

EFFECTS = ("extend", "drop", "count_good", "forgive", "penalty_only")


@dataclass(slots=True)
class InForce:
    """Looks again only where the clock has passed an instant at which one begins, ends or is published."""

    exemptions: Sequence[Exemption] = ()
    _rows: dict[Metric, Sequence[Row]] = field(default_factory=dict)
    _from: int = 0
    _before: int = 0

    def rows(self, clock: int) -> dict[Metric, Sequence[Row]]:
        """What is shown at ``clock``, in milliseconds."""
        if not self._rows or not self._from <= clock < self._before:
            self._look(clock)
        return self._rows

    def _look(self, clock: int) -> None:
        instants = sorted(set(chain.from_iterable(map(_instants, self.exemptions))))
        self._from = max((each for each in instants if each <= clock), default=-(1 << 62))
        self._before = min((each for each in instants if each > clock), default=1 << 62)
        held = [each for each in self.exemptions if _holds(each, clock)]
        newest = sorted(held, key=lambda each: each.start or 0, reverse=True)[:NAMED]
        self._rows = {
            show.EXEMPTIONS: [
                ((effect,), float(sum(each.effect == effect for each in held))) for effect in EFFECTS
            ],
            show.EXEMPTION: [((each.id, each.effect), 1.0) for each in newest],
        }


def _instants(exemption: Exemption) -> Sequence[int]:
    """Where what `_holds` says may change."""
    ends = None if exemption.end is None else exemption.end + 1
    return [each for each in (exemption.start, ends, exemption.published_at) if each is not None]


def _holds(exemption: Exemption, clock: int) -> bool:
    return (
        (exemption.published_at is None or exemption.published_at <= clock)
        and (exemption.start is None or exemption.start <= clock)
        and (exemption.end is None or clock <= exemption.end)
    )
