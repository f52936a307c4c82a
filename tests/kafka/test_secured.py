"""Do a worker and its readers work on a real Kafka that wants a password and TLS, and what is said where they are refused?"""

import asyncio
import json
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from stream.broker import Broker, Listener
from stream.broker.ports import free_port
from stream.kafka.access import Access, Protocol, Security, Tls, security
from stream.kafka.errors import RefusedError
from stream.kafka.refusal import look
from tests.cli.shell import Done, shopwatch
from tests.kafka.certificates import Authority

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("secured")]

PASSWORD = "correct horse, battery: staple"  # noqa: S105 - of a Kafka that lives for some seconds
JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_watcher="{}";'

POLICY = """
[policy]
name = "one"
version = "1"
time_zone = "UTC"
effective_from = 2020-01-01T00:00:00Z

[metrics.on_time]
kind = "on_time_ship"

[rules.late]
metric = "on_time"
window = "1d"
warning = { below = 0.9 }
"""

ORDER = {
    "type": "order_paid",
    "event_id": "e1",
    "shop_id": "s1",
    "order_id": "o1",
    "occurred_at": "2024-01-01T00:00:00Z",
    "ship_by": "2024-01-01T12:00:00Z",
    "goods": "physical",
    "ship_from": "310000",
    "ship_to": "110000",
    "items": 1,
    "amount": 100,
    "currency": "CNY",
}


class Secured(NamedTuple):
    """A Kafka that asks who we are."""

    plain: str
    tls: str
    mutual: str
    """Where it is a certificate that says so."""
    authority: Authority
    place: Path

    def __call__(self, *arguments: str | Path, address: str | None = None, **more: str) -> Done:
        """Run a command with a file of settings; ``more`` are variables."""
        told: dict[str, Any] = {"SHOPWATCH_CONFIG": str(self.place / "shopwatch.toml"), **more}
        if address:
            told["SHOPWATCH_BOOTSTRAP"] = address
        done = shopwatch(*arguments, **told)
        for text in (done.err, done.out.decode()):
            assert PASSWORD not in text
        return done


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One node with a port for SASL, one for SASL within TLS, and one for certificates."""
    place = tmp_path_factory.mktemp("secured")
    ports = free_ports()
    listeners = [Listener(protocol, ports[protocol]) for protocol in ("SASL_PLAINTEXT", "SASL_SSL", "SSL")]
    jaas, authority = JAAS.format(PASSWORD), Authority(place)
    settings = {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
        "listener.name.sasl_ssl.plain.sasl.jaas.config": jaas,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.signs_server("kafka")),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.ca),
        "listener.name.ssl.ssl.client.auth": "required",
    }
    with Broker(place / "kafka", settings=settings, listeners=listeners):
        first, second, third = (f"127.0.0.1:{listener.port}" for listener in listeners)
        (place / "password").write_text(f"{PASSWORD}\n")
        (place / "one.toml").write_text(POLICY)
        (place / "shopwatch.toml").write_text(
            f'[kafka]\nbootstrap = "{first}"\nsecurity_protocol = "SASL_PLAINTEXT"\n'
            'sasl_username = "watcher"\nsasl_password_file = "password"\n'
            '[worker]\npolicy = ["one.toml"]\n'
        )
        yield Secured(first, second, third, authority, place)


def free_ports() -> Mapping[Protocol, int]:
    """One for each protocol."""
    ports: dict[Protocol, int] = {}
    while len(set(ports.values())) < len(get_args(Protocol)):
        ports = {protocol: free_port() for protocol in get_args(Protocol)}
    return ports


def test_a_worker_and_its_readers_work_with_a_password(secured: Secured) -> None:
    assert secured("topics", "create", "--partitions", "1").code == 0
    recording = secured.place / "recording.jsonl"
    broken = {"type": "order_paid", "shop_id": "s1", "order_id": "private"}
    recording.write_text(f"{json.dumps(ORDER)}\n{json.dumps(broken)}\n")
    assert secured("load", recording).code == 0
    worker = secured("worker", "--drain", SHOPWATCH_LOG="json")
    assert worker.code == 0, worker.err
    lines = [json.loads(line) for line in worker.err.splitlines()]
    assert lines[0]["event"].startswith("begins; the engine is ")
    (dead,) = [line for line in lines if "dead letter" in line["event"]]
    assert (dead["topic"], dead["partition"], dead["offset"]) == ("orders", 0, 1)
    assert "private" not in worker.err
    assert json.loads(worker.out)["event"].startswith("drained: 2 records, 1 alerts, 1 dead letters")
    (alert,) = secured("alerts", "--json").lines
    assert json.loads(alert)["shop_id"] == "s1"


def test_within_tls_the_certificate_has_to_be_one_that_is_trusted(secured: Secured) -> None:
    tls = {"address": secured.tls, "SHOPWATCH_SECURITY_PROTOCOL": "SASL_SSL"}
    listed = secured("topics", "list", SHOPWATCH_SSL_CA_FILE=str(secured.authority.ca), **tls)
    assert (listed.code, listed.err) == (0, "")
    unknown = secured("topics", "list", **tls)
    assert unknown.code == 1
    (line,) = unknown.err.splitlines()
    assert line.startswith(
        f"shopwatch topics: Kafka at {secured.tls} refuses us: its certificate does not hold: "
    )


REFUSED = [
    ({"SHOPWATCH_SASL_PASSWORD": "guessed"}, "Authentication failed: Invalid username or password"),
    ({"SHOPWATCH_SASL_MECHANISM": "SCRAM-SHA-512"}, "it does not offer SCRAM-SHA-512 (sasl_mechanism)"),
]


@pytest.mark.parametrize(("variables", "why"), REFUSED)
def test_who_is_refused_is_told_why_in_one_line_and_ends(
    secured: Secured, variables: dict[str, str], why: str
) -> None:
    asked = secured("alerts", **variables)
    assert asked.code == 1
    (line,) = asked.err.splitlines()
    assert line.startswith(f"shopwatch alerts: Kafka at {secured.plain} refuses us: ")
    assert why in line
    assert "guessed" not in line


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_who_speaks_another_protocol_waits_and_is_told_what_may_be_wrong(
    secured: Secured, protocol: Protocol
) -> None:
    context = ssl.create_default_context(cafile=secured.authority.ca) if protocol == "SSL" else None
    for address in (secured.plain, secured.tls):
        hint = asyncio.run(look(Access(address, Security(protocol, context=context))))
        assert hint is not None
        assert hint.startswith(f"security_protocol is {protocol}, and ")


def test_who_shows_no_certificate_or_a_strangers_is_told_so_and_ends(
    secured: Secured, tmp_path: Path
) -> None:
    def looks(certificate: Path | None = None, key: Path | None = None) -> str | None:
        tls = Tls(secured.authority.ca, certificate, key)
        return asyncio.run(look(Access(secured.mutual, security("SSL", tls=tls))))

    assert looks(*secured.authority.signs("known")) is None
    with pytest.raises(RefusedError, match=r"it asks for a certificate \(ssl_cert_file\)$"):
        looks()
    with pytest.raises(
        RefusedError, match=r"it does not take our certificate \(ssl_cert_file\): certificate "
    ):
        looks(*Authority(tmp_path).signs("stranger"))


def test_where_nobody_listens_there_is_nothing_to_be_said() -> None:
    assert asyncio.run(look(Access(f"127.0.0.1:{free_port()}"))) is None


def test_so_is_a_worker(secured: Secured) -> None:
    worker = secured("worker", SHOPWATCH_SASL_PASSWORD="guessed")  # noqa: S106 - that is the point
    assert worker.code == 1
    assert "refuses us: Authentication failed" in worker.err.splitlines()[-1]
    assert "guessed" not in worker.err
