"""What does a file of subscriptions say?  TOML in, a :class:`Book` out, or all that is wrong with it, each with its line."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from stream.merchant.notify.signing import LEAST_BYTES, MOST_BYTES, PREFIX, UnfitSecretError, check_secret
from stream.merchant.notify.subscriptions import (
    ALL_SHOPS,
    Book,
    Channel,
    Endpoint,
    Hidden,
    HoldRules,
    Language,
    Merchant,
    Quiet,
    Webhook,
)
from stream.policy.problems import PolicyError, Problem, WrongValueError
from stream.policy.tables import Page, Table
from stream.policy.values import length, list_of, one_of, rate, shown, some_of, text, whole

LANGUAGES: Mapping[str, Language] = {"en": "en", "zh": "zh"}
SEVERITIES: tuple[str, ...] = ("forecast", "warning", "demotion", "critical")
PER_MINUTE = 20
"""Group bots of WeCom and others stop at about 20 messages a minute."""

MERCHANT_KEYS = (
    "shops", "language", "time_zone", "min_severity", "repeat_interval", "quiet", "webhooks", "channels",
)  # fmt: skip
OPS_KEYS = ("language", "time_zone", "webhooks", "channels")
OPS = "ops"
_OFF = "off"
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file may refer to: files beside it, the environment, channels that can be used; http only if allowed."""

    folder: Path
    environment: Mapping[str, str]
    is_channel: Callable[[str], bool]
    allow_http: bool = False


class SubscriptionError(PolicyError):
    """A file of subscriptions cannot be used; its text is every problem on a line of its own."""


def surroundings_of(path: Path, is_channel: Callable[[str], bool], *, allow_http: bool) -> Surroundings:
    """Those of a file on this machine."""
    return Surroundings(path.parent, os.environ, is_channel, allow_http)


def read_subscriptions(name: str, document: str, around: Surroundings) -> Book:
    """What ``document``, which messages call ``name``, says; raises SubscriptionError with every problem."""
    page = Page(name, document.removeprefix("\ufeff"))
    table = page.parse()
    book = None if table is None else _Reader(around).book(table)
    if book is None or page.problems:
        raise SubscriptionError(sorted(page.problems, key=_place))
    return book


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line, problem.column or 0


@dataclass(frozen=True, slots=True)
class _Reader:
    around: Surroundings

    def book(self, document: Table) -> Book:
        document.refuse_others(("severities", "hold", "ops", "merchants"))
        severities = _severities(document)
        ops = document.table("ops")
        merchants = [
            self._merchant(name, table, severities) for name, table in document.named_tables("merchants")
        ]
        if "merchants" not in document:
            document.missing(
                "merchants", "write [merchants.NAME] for each who is to be told, and its keys below it"
            )
        found = Book(
            tuple(merchants),
            None if ops is None else self._ops(ops, severities),
            severities,
            _hold(document.table("hold")),
        )
        _refuse_twice(document, found)
        return found

    def _ops(self, table: Table, severities: Sequence[str]) -> Merchant:
        table.refuse_others(OPS_KEYS)
        return self._told(OPS, table, frozenset(), severities)

    def _merchant(self, name: str, table: Table, severities: Sequence[str]) -> Merchant:
        table.refuse_others(MERCHANT_KEYS)
        if name == OPS:
            table.note(None, f"{table.label} is called as operators are", "give the merchant another name")
        shops = table.need("shops", some_of(text), '["SHOP_ID"]') or frozenset()
        if ALL_SHOPS in shops and len(shops) > 1:
            table.note(
                "shops",
                f'{table.name_of("shops")} names shops beside "{ALL_SHOPS}"',
                "write one or the other",
            )
        return self._told(name, table, shops, severities)

    def _told(self, name: str, table: Table, shops: frozenset[str], severities: Sequence[str]) -> Merchant:
        least = table.take("min_severity", one_of(severities))
        endpoints = tuple(self._endpoints(name, table))
        if not endpoints and not any(key in table for key in ("webhooks", "channels")):
            table.note(
                None,
                f"{table.label} has no endpoint",
                f"write [{table.label}.webhooks.NAME] or [{table.label}.channels.NAME]",
            )
        return Merchant(
            name=name,
            shops=shops,
            language=LANGUAGES[table.take("language", one_of(LANGUAGES), "en")],
            zone=table.take("time_zone", _zone, ZoneInfo("UTC")),
            min_rank=severities.index(least) if least in severities else 0,
            repeat_ms=table.take("repeat_interval", length),
            quiet=tuple(_quiet(hours, severities) for _, hours in table.named_tables("quiet")),
            endpoints=endpoints,
        )

    def _endpoints(self, owner: str, table: Table) -> Iterator[Endpoint]:
        for name, webhook in table.named_tables("webhooks"):
            yield self._webhook(f"{owner}/{name}", webhook)
        webhooks = table.values.get("webhooks")
        for name, channel in table.named_tables("channels"):
            if isinstance(webhooks, dict) and name in webhooks:
                channel.note(None, f"{channel.label} has the name of a webhook", "give it another")
            yield self._channel(f"{owner}/{name}", channel)

    def _webhook(self, name: str, table: Table) -> Webhook:
        table.refuse_others((*_ways("url"), "secrets", "secrets_file", "secrets_env"))
        url = self._one(table, "url", "a URL") or ""
        return Webhook(name, Hidden(url), self._host(table, url) if url else "", self._secrets(table))

    def _host(self, table: Table, url: str) -> str:
        """Of the URL itself nothing is shown: its path may be a secret."""
        where, key = table.name_of("url"), _given(table, "url")
        try:
            parts = urlsplit(url)
            known = bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable()
        except ValueError:
            parts, known = urlsplit(""), False
        if not known or parts.scheme not in ("http", "https"):
            table.note(key, f"{where} is no URL of a webhook", "write one that begins with https")
        elif parts.scheme == "http" and not self.around.allow_http:
            remedy = "write https, or start with --allow-http where the way to it is safe"
            table.note(key, f"{where} is not encrypted", remedy)
        return parts.hostname or ""

    def _secrets(self, table: Table) -> tuple[Hidden, ...]:
        found = self._several(table, "secrets")
        for number, secret in enumerate(found, 1):
            try:
                check_secret(secret)
            except UnfitSecretError as error:
                which = f"{table.name_of('secrets')} (entry {number})"
                remedy = f"write {PREFIX} and the base64 of {LEAST_BYTES} to {MOST_BYTES} random bytes"
                table.note(_given(table, "secrets"), f"{which} {error}", remedy)
        return tuple(map(Hidden, found))

    def _channel(self, name: str, table: Table) -> Channel:
        table.refuse_others((*_ways("url"), "per_minute", "digest"))
        url = self._one(table, "url", "an Apprise URL") or ""
        if url and not self.around.is_channel(url):
            remedy = "write a complete one of a chat or a mailbox, such as wecombot://{KEY}; docs/notify.md lists the services"
            table.note(
                _given(table, "url"), f"{table.name_of('url')} is no Apprise URL that can be used", remedy
            )
        return Channel(
            name,
            Hidden(url),
            url.partition("://")[0],
            table.take("per_minute", whole(1), PER_MINUTE),
            table.take("digest", length, 0),
        )

    def _one(self, table: Table, key: str, what: str) -> str | None:
        """A text by value, from a file or from the environment."""
        found = self._several(table, key, many=False)
        if len(found) > 1:
            table.note(
                _given(table, key), f"{table.name_of(key)} has more than one line", f"write {what} alone"
            )
        return found[0] if found else None

    def _several(self, table: Table, key: str, *, many: bool = True) -> Sequence[str]:
        """Texts by value, or the lines of a file, or the words of a variable of the environment."""
        given = [way for way in _ways(key) if way in table]
        if len(given) != 1:
            said = "is missing" if not given else f"is given {len(given)} times"
            table.note(None, f"{table.name_of(key)} {said}", f"write one of {', '.join(_ways(key))}")
            return ()
        if given[0] == key:
            found = (table.take(key, list_of(text)) or ()) if many else (table.take(key, text) or "",)
            if many and key in table and not found:
                table.note(key, f"{table.name_of(key)} names none", "write at least one")
            return [each for each in found if each]
        named = table.take(given[0], text)
        content = None if named is None else self._content(table, given[0], named)
        if content is not None and not content.split():
            table.note(given[0], f"{table.name_of(given[0])} names something empty", "put the text into it")
        return () if content is None else content.split()

    def _content(self, table: Table, way: str, named: str) -> str | None:
        if way.endswith("_env"):
            if named not in self.around.environment:
                table.note(
                    way,
                    f"{table.name_of(way)} names {shown(named)}, which is not set",
                    "set it, or name another",
                )
            return self.around.environment.get(named)
        try:
            return (self.around.folder / named).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            table.note(way, f"{table.name_of(way)} cannot be read ({why})", "name a file that is there")
            return None


def _ways(key: str) -> tuple[str, str, str]:
    return key, f"{key}_file", f"{key}_env"


def _given(table: Table, key: str) -> str:
    return next((way for way in _ways(key) if way in table), key)


def _severities(document: Table) -> tuple[str, ...]:
    found = document.take("severities", list_of(text), SEVERITIES)
    if len(set(found)) < len(found):
        document.note(
            "severities", "severities names one twice", "write each once, from the least to the gravest"
        )
    return found


def _zone(value: object) -> ZoneInfo:
    name = text(value)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise WrongValueError(
            f"is {shown(name)}, no time zone", 'write one such as "Asia/Shanghai"'
        ) from None


def _quiet(table: Table, severities: Sequence[str]) -> Quiet:
    table.refuse_others(("from", "to", "severities"))
    begin, end = (table.need(key, _time_of_day, '"22:00"') for key in ("from", "to"))
    if begin is not None and begin == end:
        table.note(
            "to",
            f"{table.name_of('to')} is the same as from, which would be silence for ever",
            "write another",
        )
    which = table.take("severities", some_of(one_of(severities)))
    return Quiet(begin or time(0), end or time(0), which)


def _time_of_day(value: object) -> time:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise WrongValueError(
            f"is {shown(value)}, no time of day", 'write hours and minutes in quotes, such as "22:00"'
        )
    return time(int(found[1]), int(found[2]))


def _hold(given: Table | None) -> HoldRules:
    table = given or Table(Page("", ""), {}, (), "")
    table.refuse_others(("delay", "lag", "silence", "mass_share", "mass_within", "mass_shops"))
    share = None if _is_off(table, "mass_share") else table.take("mass_share", rate)
    return HoldRules(
        delay_ms=None if _is_off(table, "delay") else table.take("delay", length, 10 * 60_000),
        lag=None if _is_off(table, "lag") else table.take("lag", whole(1), 1_000_000),
        silence_ms=None if _is_off(table, "silence") else table.take("silence", length, 60 * 60_000),
        mass_share=None
        if _is_off(table, "mass_share")
        else float(share.value)
        if share is not None
        else 0.05,
        mass_within_ms=table.take("mass_within", length, 10 * 60_000),
        mass_shops=table.take("mass_shops", whole(1), 20),
    )


def _is_off(table: Table, key: str) -> bool:
    return table.values.get(key) == _OFF


def _refuse_twice(document: Table, book: Book) -> None:
    """One URL that is told of one shop twice would get one id twice."""
    first: dict[tuple[str, str], str] = {}
    for merchant in book.merchants:
        for endpoint in merchant.endpoints:
            for shop in sorted(merchant.shops):
                known = first.setdefault((endpoint.url.digest(), shop), endpoint.name)
                if known != endpoint.name and endpoint.url.reveal():
                    mine, other = endpoint.name, known
                    message = f"{mine} has the URL of {other}, and both are told of shop {shown(shop)}"
                    document.named("merchants", merchant.name).note(
                        None, message, "take the shop, or one of them, out"
                    )
                    break
