"""What waits, what is held and why, and which endpoints are in trouble?  Read from the notifier's own topic."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stream.merchant.notify.records import decode, endpoint_of
from topics.notifications import Command, Hold, Message, Trouble, Watched
from topics.times import rfc3339


@dataclass(slots=True)
class Standing:
    """All partitions together; ``heard`` is the time of the newest command that one has followed, and ``said`` the newest there is."""

    reasons: dict[str, str] = field(default_factory=dict)
    waiting: Counter[str] = field(default_factory=Counter)
    unseen: int = 0
    """Messages to merchants that were never sent yet: what `drop` would drop."""
    firing: int = 0
    troubles: dict[str, Trouble] = field(default_factory=dict)
    refused: dict[str, list[Message]] = field(default_factory=dict)
    """By endpoint, what it does not want though it is well."""
    heard: int = 0
    said: Command | None = None

    @property
    def obeyed(self) -> bool:
        """Whether what was said last has been done, in one partition at least."""
        return self.said is None or self.heard >= self.said.at

    def document(self) -> Mapping[str, object]:
        """For programs."""
        return {
            "held": self.reasons,
            "waiting": dict(sorted(self.waiting.items())),
            "unseen": self.unseen,
            "firing": self.firing,
            "troubles": {
                name: {
                    "failures": trouble.failures,
                    "next_at": rfc3339(trouble.not_before) if trouble.not_before else None,
                    "gone_since": None if trouble.disabled_at is None else rfc3339(trouble.disabled_at),
                    "why": trouble.why,
                }
                for name, trouble in sorted(self.troubles.items())
            },
            "refused": {
                name: [
                    {
                        "id": each.id,
                        "refusals": each.refusals,
                        "next_at": rfc3339(each.not_before),
                        "why": each.why,
                    }
                    for each in messages
                ]
                for name, messages in sorted(self.refused.items())
            },
        }

    def lines(self) -> Iterable[str]:
        """For people."""
        for reason, why in sorted(self.reasons.items()):
            yield f"held ({reason}): {why}"
        if not self.reasons:
            yield "nothing is held"
        if self.said is not None and not self.obeyed:
            yield f"`{self.said.action}` of {rfc3339(self.said.at)} has not been followed yet: no notifier runs?"
        yield f"{sum(self.waiting.values())} messages wait, {self.unseen} of them were never sent; {self.firing} alerts fire"
        for name, trouble in sorted(self.troubles.items()):
            if trouble.disabled_at is not None:
                yield f"{name} is gone since {rfc3339(trouble.disabled_at)} (410): give it another address"
            else:
                failed = "once" if trouble.failures == 1 else f"{trouble.failures} times in a row"
                waits = f"{self.waiting[name]} waiting, next try at {rfc3339(trouble.not_before)}"
                yield f"{name} has failed {failed}{_because(trouble.why)}; {waits}"
        for name, messages in sorted(self.refused.items()):
            whys = ", ".join(sorted({each.why for each in messages} - {""}))
            next_at = rfc3339(min(each.not_before for each in messages))
            yield f"{name} does not want {len(messages)} of its messages{_because(whys)}; next try at {next_at}"


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def standing_of(values: Mapping[bytes, bytes]) -> Standing:
    """What the records say together; raises UnreadableNotificationError."""
    found = Standing()
    for key, value in values.items():
        match decode(key, value):
            case Message() as message:
                found.waiting[message.endpoint] += 1
                found.unseen += message.news != "notice" and message.attempted_at is None
                if message.refusals:
                    found.refused.setdefault(message.endpoint, []).append(message)
            case Watched():
                found.firing += 1
            case Trouble() as trouble:
                found.troubles[endpoint_of(key) or ""] = trouble
            case Hold() as hold:
                found.reasons.update(hold.reasons)
                found.heard = max(found.heard, hold.heard_at)
            case Command() as command:
                found.said = command
    return found
