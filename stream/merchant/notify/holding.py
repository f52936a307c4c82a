"""Are merchants' messages held, and why?

A reason that comes up holds them until an operator has looked: when it goes away by itself, what it made of the alerts is still
there to be judged.  A reason that was overruled does not hold again before it has once been gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topics.notifications import Command, Hold

BY_OPERATOR = "operator"


@dataclass(slots=True)
class Holding:
    """Of one partition; nothing goes before `hear` was called once, for nobody has looked yet."""

    reasons: dict[str, str] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)
    reported: dict[str, str] = field(default_factory=dict)
    group: str = ""
    heard_at: int = 0
    looked: bool = False

    @property
    def held(self) -> bool:
        """Whether messages to merchants have to wait."""
        return bool(self.reasons) or not self.looked

    def hear(self, alarms: Mapping[str, str]) -> bool:
        """What is wrong now, by reason; whether anything has changed that must be remembered."""
        self.looked = True
        gone = [reason for reason in self.waived if reason not in alarms]
        for reason in gone:
            del self.waived[reason]
        new = [reason for reason in alarms if reason not in self.waived and reason not in self.reasons]
        self.reasons.update({reason: alarms[reason] for reason in new})
        return bool(new or gone)

    def report(self, alarms: Mapping[str, str]) -> Sequence[str]:
        """Of what is wrong anywhere, that which operators do not know of yet; they know now."""
        new = [reason for reason in alarms if reason not in self.reported]
        self.reported = {reason: self.reported.get(reason, why) for reason, why in alarms.items()}
        return new

    def follow(self, command: Command) -> bool:
        """Do what an operator says; whether it is news."""
        if command.at <= self.heard_at:
            return False
        self.heard_at = command.at
        if command.action == "hold":
            self.reasons[BY_OPERATOR] = command.why or "an operator wants it"
            return True
        self.waived.update({reason: why for reason, why in self.reasons.items() if reason != BY_OPERATOR})
        self.reasons.clear()
        return True

    def record(self) -> Hold:
        """What must be remembered."""
        return Hold(
            reasons=dict(self.reasons),
            waived=dict(self.waived),
            reported=dict(self.reported),
            group=self.group,
            heard_at=self.heard_at,
        )

    def remember(self, hold: Hold) -> None:
        """What was."""
        self.reasons, self.waived = dict(hold.reasons), dict(hold.waived)
        self.reported, self.heard_at = dict(hold.reported), hold.heard_at
