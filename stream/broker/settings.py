"""With which settings does the one node run?

Paths are relative: Kafka is started in the broker's directory, so that no character of that directory's
name has to survive a properties file or Kafka's comma-separated list of log directories.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stream.broker.errors import BrokerError

LOOPBACK = "127.0.0.1"

OWNED = frozenset(
    {
        "advertised.listeners",
        "controller.listener.names",
        "controller.quorum.bootstrap.servers",
        "controller.quorum.voters",
        "listener.security.protocol.map",
        "listeners",
        "log.dir",
        "log.dirs",
        "metadata.log.dir",
        "node.id",
        "process.roles",
    }
)
"""What makes it one node, on loopback, in its directory: not open to change."""

DEFAULTS: Mapping[str, str] = {
    # Topics are made on purpose, with their settings; a misspelt name must not make another.
    "auto.create.topics.enable": "false",
    # One consumer need not wait 3 s for others that may join.
    "group.initial.rebalance.delay.ms": "0",
    # One node: nothing to replicate to.
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # After a SIGKILL the node's controller waits for its former self's session to end: 9 s by default. Shorter than
    # this, a machine that stalls would have the controller take the node for gone.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # 50 partitions each are Kafka's defaults; a node that is restarted opens every one of them again.
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "8",
    "share.coordinator.state.topic.num.partitions": "2",
    # 128 MB of heap by default, taken when Kafka starts; 16 MB hold 600,000 keys a pass.
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
}
"""What one node needs, then what saves it memory and time to start."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One more port, for clients that speak another protocol; what that wants besides is said in settings of Kafka's."""

    protocol: Literal["SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    port: int

    def __str__(self) -> str:
        return f"{self.protocol}://{LOOPBACK}:{self.port}"


def server_properties(
    port: int, controller_port: int, extra: Mapping[str, str], listeners: Sequence[Listener] = ()
) -> dict[str, str]:
    """All settings of the node; ``extra`` wins over DEFAULTS. BrokerError for one that is OWNED or no setting."""
    for name, value in extra.items():
        if name in OWNED:
            raise BrokerError(f"the setting {name} is not open to change; leave it out")
        if not re.fullmatch(r"[a-zA-Z0-9._-]+", name) or not value.isascii() or not value.isprintable():
            raise BrokerError(
                f"{name!r} = {value!r} is no server setting; write NAME as Kafka does, VALUE in ASCII"
            )
    clients = ",".join([f"PLAINTEXT://{LOOPBACK}:{port}", *map(str, listeners)])
    protocols = ",".join(f"{listener.protocol}:{listener.protocol}" for listener in listeners)
    return {
        **DEFAULTS,
        **extra,
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"{clients},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": clients,
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{controller_port}",
        "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols and f',{protocols}'}",
        "log.dirs": "data",
    }


def properties_file(settings: Mapping[str, str]) -> bytes:
    """The settings as Java reads them."""
    lines = (f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in sorted(settings.items()))
    return "".join(lines).encode("ascii")
