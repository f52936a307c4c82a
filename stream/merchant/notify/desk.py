"""What is to be told to whom, and when?  One partition's alerts in, messages out, and all of it can be put down and taken up again.

Pure: the time is told, the network is somebody else's, and whatever has to survive is in `changes`.  What `pick` hands out may be sent
only after the changes up to then are kept: then a message has one id and one body, however often it is sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush

from msgspec.structs import replace

from stream.merchant.notify import wording
from stream.merchant.notify.endpoints import Endpoints
from stream.merchant.notify.holding import Holding
from stream.merchant.notify.outbox import Key, Outbox, Parcel
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.patience import GIVE_UP_MS, OF_MESSAGES, Dice, pause
from stream.merchant.notify.records import HOLD_KEY, Record, encode, message_key, trouble_key, watched_key
from stream.merchant.notify.subscriptions import Book, Merchant, Webhook
from stream.merchant.notify.tally import Tally
from topics.alerts import Alert
from topics.notifications import Command, Hold, Message, News, Told, Trouble, Watched
from topics.times import millis

Say = Callable[[Merchant], wording.Said]
"""What a merchant, or an operator, is told in their words."""


@dataclass(slots=True)
class Desk:
    """The desk of one partition; the endpoints are shared by all desks of a process."""

    book: Book
    endpoints: Endpoints
    dice: Dice
    tally: Tally
    holding: Holding = field(default_factory=Holding)
    outbox: Outbox = field(init=False)
    _watched: dict[str, Watched] = field(default_factory=dict)
    _of_rule: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _repeats: list[tuple[int, str]] = field(default_factory=list)
    _troubles: set[str] = field(default_factory=set)
    """Endpoints of which a record is kept here; one that is well again need not be remembered, whoever noticed."""
    _order: int = 0
    _changes: dict[bytes, Record | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.book, self.endpoints, self._note_message)

    # What is kept

    def restore(self, records: Iterable[Record | tuple[str, Trouble]], now: int) -> None:
        """Take up what was put down; what the book has no use for any more is given up.

        A trouble comes with its endpoint's name.
        """
        messages: list[Message] = []
        self._changes[HOLD_KEY] = self.holding.record()
        for record in records:
            match record:
                case Message():
                    messages.append(record)
                case Watched():
                    self._watch(record)
                case Hold():
                    self.holding.remember(record)
                    del self._changes[HOLD_KEY]
                case (name, Trouble() as trouble):
                    if self.endpoints.remember(name, trouble):
                        self._troubles.add(name)
                    else:
                        self._changes[trouble_key(name)] = None
        for message in sorted(messages, key=lambda each: each.order):
            self._order = message.order + 1
            if message.endpoint in self.book.endpoints and self._may_have(message):
                self.outbox.add(message)
            else:
                self._note_message(message, False)
                self.tally.withdrawn(1)
        for watched in self._watched.values():
            self._repeat_later(watched, now)

    def changes(self) -> Mapping[bytes, bytes | None]:
        """What must be kept since the last call: key and value, None where nothing is left."""
        changes, self._changes = self._changes, {}
        return {key: None if record is None else encode(record) for key, record in changes.items()}

    def _note_message(self, message: Message, kept: bool) -> None:  # noqa: FBT001 - as the outbox calls it
        self._changes[message_key(message)] = message if kept else None

    def _note_trouble(self, name: str) -> None:
        trouble = self._changes[trouble_key(name)] = self.endpoints.trouble(name)
        if trouble is None:
            self._troubles.discard(name)
        else:
            self._troubles.add(name)

    def _note(self, watched: Watched) -> None:
        self._watched[watched.alert.alert_id] = watched
        self._changes[watched_key(watched.alert.alert_id)] = watched

    # What happens

    def take(self, alert: Alert, now: int) -> None:
        """An alert was written."""
        known = self._watched.get(alert.alert_id)
        if alert.state == "resolved":
            if known is not None:
                self._resolve(known, alert, now)
        elif known is not None:
            self._note(replace(known, alert=alert))
        elif self.book.of_shop(alert.shop_id):
            self._fire(alert, now)

    def hear(self, alarms: Mapping[str, str]) -> None:
        """What is wrong now as far as this partition is concerned, by reason; before the first time nothing goes to merchants."""
        was_held = self.holding.held
        if self.holding.hear(alarms):
            self._changes[HOLD_KEY] = self.holding.record()
        if was_held and not self.holding.held:
            self.outbox.look_at_all()

    def report(self, alarms: Mapping[str, str], now: int) -> Sequence[str]:
        """What is wrong anywhere; operators are told of what is new, which is returned.  One desk of all is asked to."""
        before = dict(self.holding.reported)
        new = self.holding.report(alarms)
        for reason in new:
            say = partial(wording.of_hold, reason, alarms[reason], now=now)
            self._tell_ops(f"hold.{reason}.{now}", now, say)
        if self.holding.reported != before:
            self._changes[HOLD_KEY] = self.holding.record()
        return new

    def follow(self, command: Command) -> None:
        """An operator has said what is to be done with what waits for merchants."""
        if not self.holding.follow(command):
            return
        self._changes[HOLD_KEY] = self.holding.record()
        if command.action == "drop":
            self._drop()
        self.outbox.look_at_all()

    def pick(self, now: int) -> list[Parcel]:
        """What may be sent now, once the changes are kept."""
        while self._repeats and self._repeats[0][0] <= now:
            self._repeat(heappop(self._repeats)[1], now)
        return self.outbox.pick(now, self._may)

    def waiting(self) -> tuple[Mapping[str, int], int]:
        """How many messages wait, by channel, and how many of them are held."""
        waiting = {"webhook": 0, "channel": 0}
        held = 0
        for message in self.outbox:
            waiting[self._kind(message.endpoint)] += 1
            held += message.news != "notice"
        return waiting, held if self.holding.held else 0

    def next_at(self) -> int | None:
        """When `pick` may find more, if nothing happens."""
        times = [at for at in (self.outbox.next_at(),) if at is not None]
        return min([*times, *(at for at, _ in self._repeats[:1])], default=None)

    def done(self, parcel: Parcel, outcome: Outcome, now: int) -> None:
        """What came of a parcel."""
        name = parcel.endpoint
        if self.endpoints.end(name, outcome, now):
            self._note_trouble(name)
            if outcome.verdict is Verdict.GONE:
                say = partial(wording.of_gone, name, now=now)
                self._tell_ops(f"gone.{name.replace('/', '.')}.{now}", now, say)
        for message in parcel.messages:
            self._settle(message, outcome, now)
        self.outbox.look_at(name)

    def lost(self, parcel: Parcel) -> None:
        """Nobody knows what came of a parcel; it is sent again."""
        self.endpoints.leave(parcel.endpoint)
        for message in parcel.messages:
            if (parcel.endpoint, message.id) in self.outbox:
                self.outbox.put_back((parcel.endpoint, message.id), message)

    def look_at(self, endpoint: str) -> None:
        """Another desk has had an answer of an endpoint."""
        if endpoint in self._troubles and self.endpoints.trouble(endpoint) is None:
            self._note_trouble(endpoint)
        self.outbox.look_at(endpoint)

    def forsake(self, endpoint: str) -> None:
        """Nothing goes to it any more."""
        keys = [(message.endpoint, message.id) for message in self.outbox if message.endpoint == endpoint]
        for key in keys:
            self.outbox.remove(key)
        self.tally.withdrawn(len(keys))

    # What follows

    def _fire(self, alert: Alert, now: int) -> None:
        watched = Watched(alert=alert)
        self._watch(watched)
        graver = self._graver_fires(alert)
        self._note(replace(watched, muted=graver))
        self._mute_lesser(alert)
        if not graver:
            self._tell_all(alert.alert_id, now)

    def _watch(self, watched: Watched) -> None:
        alert = watched.alert
        self._watched[alert.alert_id] = watched
        self._of_rule.setdefault((alert.shop_id, alert.rule), set()).add(alert.alert_id)

    def _others(self, alert: Alert) -> list[Watched]:
        """Those that fire by the same rule."""
        ids = self._of_rule.get((alert.shop_id, alert.rule), set())
        return [self._watched[each] for each in sorted(ids) if each != alert.alert_id]

    def _graver_fires(self, alert: Alert) -> bool:
        rank = self.book.rank(alert.severity)
        return any(self.book.rank(other.alert.severity) > rank for other in self._others(alert))

    def _mute_lesser(self, alert: Alert) -> None:
        """What nobody has seen of them yet is not sent any more."""
        rank = self.book.rank(alert.severity)
        for other in self._others(alert):
            if self.book.rank(other.alert.severity) < rank and not other.muted:
                told = {
                    name: each for name, each in other.told.items() if not self._withdraw(other, name, each)
                }
                self._note(replace(other, muted=True, told=told))

    def _unmute_lesser(self, alert: Alert, now: int) -> None:
        for other in self._others(alert):
            if other.muted and not self._graver_fires(other.alert):
                heard = replace(other, muted=False)
                self._note(heard)
                if heard.told or heard.dropped:
                    self._repeat_later(heard, now)
                else:
                    self._tell_all(heard.alert.alert_id, now)

    def _resolve(self, known: Watched, alert: Alert, now: int) -> None:
        corrected = alert.resolved_because == "corrected"
        for name, told in known.told.items():
            if self._withdraw(known, name, told, also_the_first=corrected):
                continue
            merchant = self._owner(name)
            if merchant is not None and merchant.may_know_of(alert.shop_id):
                self._plan(alert, "resolved", 0, name, merchant, now)
        del self._watched[alert.alert_id]
        self._changes[watched_key(alert.alert_id)] = None
        of_rule = self._of_rule[alert.shop_id, alert.rule]
        of_rule.discard(alert.alert_id)
        self._unmute_lesser(alert, now)
        if not of_rule:
            del self._of_rule[alert.shop_id, alert.rule]

    def _withdraw(self, watched: Watched, name: str, told: Told, *, also_the_first: bool = True) -> bool:
        """Take back what has not been attempted; whether the endpoint has then been told nothing at all."""
        alert_id = watched.alert.alert_id
        for repeats in range(told.repeats, -1 if also_the_first else 0, -1):
            message = self.outbox.message((name, _id(alert_id, "firing", repeats)))
            if message is None or message.attempted_at is not None:
                return False
            self.outbox.remove((name, message.id))
            self.tally.withdrawn(1)
        return also_the_first

    def _tell_all(self, alert_id: str, now: int) -> None:
        watched = self._watched[alert_id]
        told: dict[str, Told] = {}
        for merchant in self.book.of_shop(watched.alert.shop_id):
            if self.book.rank(watched.alert.severity) >= merchant.min_rank:
                for endpoint in merchant.endpoints:
                    if self._plan(watched.alert, "firing", 0, endpoint.name, merchant, now):
                        told[endpoint.name] = Told(repeats=0, at=now)
        self._note(replace(watched, told=told))
        self._repeat_later(self._watched[alert_id], now)

    def _repeat_later(self, watched: Watched, now: int) -> None:
        """At the earliest time at which one of its endpoints wants to hear of it again."""
        times = [
            max(told.at + merchant.repeat_ms, now)
            for name, told in watched.told.items()
            if (merchant := self._owner(name)) is not None and merchant.repeat_ms is not None
        ]
        if times and not watched.muted and not watched.dropped:
            heappush(self._repeats, (min(times), watched.alert.alert_id))

    def _repeat(self, alert_id: str, now: int) -> None:
        watched = self._watched.get(alert_id)
        if watched is None or watched.muted or watched.dropped:
            return
        told = {name: self._told_again(watched, name, each, now) for name, each in watched.told.items()}
        if told != watched.told:
            self._note(replace(watched, told=told))
        self._repeat_later(self._watched[alert_id], now + 1)

    def _told_again(self, watched: Watched, name: str, told: Told, now: int) -> Told:
        """One that has not even had the last message is not sent another."""
        merchant = self._owner(name)
        if merchant is None or merchant.repeat_ms is None or told.at + merchant.repeat_ms > now:
            return told
        if (name, _id(watched.alert.alert_id, "firing", told.repeats)) in self.outbox:
            return Told(repeats=told.repeats, at=now)
        repeats = told.repeats + 1
        if not merchant.may_know_of(watched.alert.shop_id):
            return Told(repeats=told.repeats, at=now)
        planned = self._plan(watched.alert, "still_firing", repeats, name, merchant, now)
        return Told(repeats=repeats if planned else told.repeats, at=now)

    def _plan(  # noqa: PLR0913, PLR0917 - what a message is made of
        self, alert: Alert, news: News, repeats: int, name: str, merchant: Merchant, now: int
    ) -> bool:
        """A message more; not for an endpoint that is gone."""
        if self.endpoints.health(name).disabled_at is not None:
            return False
        state = "resolved" if news == "resolved" else "firing"
        said = wording.of_alert(alert, news, repeats, merchant, now)
        emitted = now if alert.emitted_at is None or news == "still_firing" else millis(alert.emitted_at)
        self._add(name, _id(alert.alert_id, state, repeats), news, said, now, emitted, alert)
        return True

    def _add(  # noqa: PLR0913, PLR0917 - what a message is made of
        self, name: str, id_: str, news: News, said: wording.Said, now: int, since: int, alert: Alert | None
    ) -> None:
        message = Message(
            endpoint=name,
            id=id_,
            news=news,
            order=self._order,
            planned_at=now,
            since=since,
            title=said.title,
            body=said.body if self._is_webhook(name) else said.text,
            alert_id=None if alert is None else alert.alert_id,
            shop_id=None if alert is None else alert.shop_id,
            severity=None if alert is None else alert.severity,
        )
        self._order += 1
        self.outbox.add(message)
        self._note_message(message, True)
        self.tally.planned(news)

    def _tell_ops(self, id_: str, now: int, say: Say) -> None:
        ops = self.book.ops
        for endpoint in () if ops is None else ops.endpoints:
            if ops is not None and self.endpoints.health(endpoint.name).disabled_at is None:
                self._add(endpoint.name, id_, "notice", say(ops), now, now, None)

    def _drop(self) -> None:
        """What no merchant has seen a sign of is never sent, nor what would follow of it.

        The end of something that a merchant was told of is told all the same.
        """
        fresh = [each for each in self.outbox if each.news != "notice" and each.attempted_at is None]
        unheard = {(each.endpoint, each.alert_id) for each in fresh if each.news == "firing"}
        for message in fresh:
            if message.news != "resolved" or (message.endpoint, message.alert_id) in unheard:
                self.outbox.remove((message.endpoint, message.id))
                self.tally.withdrawn(1)
        for watched in list(self._watched.values()):
            told = {
                name: each
                for name, each in watched.told.items()
                if (name, watched.alert.alert_id) not in unheard
            }
            if len(told) < len(watched.told):
                self._note(replace(watched, told=told, dropped=not told))

    def _settle(self, message: Message, outcome: Outcome, now: int) -> None:
        key: Key = (message.endpoint, message.id)
        if key not in self.outbox:
            return
        first = now if message.attempted_at is None else message.attempted_at
        if outcome.verdict is Verdict.DELIVERED:
            self.outbox.remove(key)
            self.tally.delivered(self._kind(message.endpoint), now - message.since)
            return
        self.tally.failed(self._kind(message.endpoint), outcome.verdict.value)
        if now - first >= GIVE_UP_MS:
            self.outbox.remove(key)
            self.tally.given_up(self._kind(message.endpoint))
        elif outcome.verdict is Verdict.REFUSED:
            refusals = message.refusals + 1
            waits = pause(refusals, OF_MESSAGES, self.dice)
            refused = replace(message, refusals=refusals, not_before=now + waits, why=outcome.why)
            self.outbox.put_back(key, refused)
        else:
            self.outbox.put_back(key, message)

    def _may(self, endpoint: str) -> bool:
        """Operators are always told; of a line that may not go nothing is lost, `look_at_all` comes later."""
        if self.endpoints.health(endpoint).disabled_at is not None:
            self.forsake(endpoint)
            return False
        return not self.holding.held or self._owner(endpoint) is self.book.ops

    def _may_have(self, message: Message) -> bool:
        """A shop may have gone to another merchant since it was planned."""
        merchant, _ = self.book.endpoints[message.endpoint]
        return message.shop_id is None or merchant.may_know_of(message.shop_id)

    def _owner(self, name: str) -> Merchant | None:
        found = self.book.endpoints.get(name)
        return None if found is None else found[0]

    def _is_webhook(self, name: str) -> bool:
        return self._kind(name) == "webhook"

    def _kind(self, name: str) -> str:
        return "webhook" if isinstance(self.book.endpoints[name][1], Webhook) else "channel"


def _id(alert_id: str, state: str, repeats: int) -> str:
    """What a receiver knows a message by: the same for the same news of the same alert, however it comes about."""
    return f"{alert_id}.{state}.{repeats}"
