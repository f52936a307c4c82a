"""How does a real Apache Kafka run on this machine, without Docker, Java or Maven installed?

``with Broker(directory) as kafka`` starts one node for as long as the block and its process live;
``Broker(directory).start(detached=True)`` starts one that stays. All that goes wrong is a ``BrokerError``.
"""

from stream.broker.errors import (
    BrokerError,
    BusyError,
    DirectoryUnusableError,
    JarMismatchError,
    JarUnavailableError,
    KafkaFailedError,
    NotStartedError,
    PortInUseError,
)
from stream.broker.node import Broker
from stream.broker.settings import Listener

__all__ = [
    "Broker",
    "BrokerError",
    "BusyError",
    "DirectoryUnusableError",
    "JarMismatchError",
    "JarUnavailableError",
    "KafkaFailedError",
    "Listener",
    "NotStartedError",
    "PortInUseError",
]
