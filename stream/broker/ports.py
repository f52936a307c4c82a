"""Which port can a server on this machine's loopback take?"""

import random
import socket

from stream.broker.errors import BrokerError, PortInUseError
from stream.broker.settings import LOOPBACK

FIRST, LAST = 19_000, 32_000
"""Below the ports that Linux (32768) and macOS (49152) give to outgoing connections: one of those could take
the port in the second before Kafka does, and at every restart."""
TRIES = 200


def is_free(port: int) -> bool:
    """Whether nobody listens there. Connections of the last minute do not count, as they do not for Kafka."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(*taken: int) -> int:
    """A port that was free a moment ago, and is none of those."""
    for _ in range(TRIES):
        port = random.randint(FIRST, LAST)  # noqa: S311 - no secret
        if port not in taken and is_free(port):
            return port
    raise BrokerError(f"none of {TRIES} ports between {FIRST} and {LAST} is free; name one with --port")


def require_free(port: int) -> None:
    """Raise PortInUseError unless it is free."""
    if not is_free(port):
        raise PortInUseError(port)
