"""What can go wrong with a broker of one's own, and what can its user do about it?"""

from collections.abc import Sequence
from pathlib import Path

OWN_BROKER = "use a Kafka of your own: --bootstrap HOST:PORT, or SHOPWATCH_BOOTSTRAP=HOST:PORT"


class BrokerError(Exception):
    """Its text is one line for the user: what happened, and what to do."""


class JarUnavailableError(BrokerError):
    """A file of Kafka's could not be fetched."""

    def __init__(self, coordinates: str, reason: str) -> None:
        super().__init__(
            f"cannot fetch {coordinates} from the Maven index ({reason}); make the index reachable "
            f"(HTTPS_PROXY, REQUESTS_CA_BUNDLE, a mirror in ~/.m2/settings.xml), or {OWN_BROKER}"
        )


class JarMismatchError(BrokerError):
    """A fetched file is not the one that was pinned; it has been thrown away."""

    def __init__(self, coordinates: str, wanted: str, got: str) -> None:
        super().__init__(
            f"refused {coordinates}: its SHA-256 is {got}, not {wanted} as pinned; "
            f"look at the mirror or proxy that served it, or {OWN_BROKER}"
        )


class DirectoryUnusableError(BrokerError):
    """A directory that the broker needs cannot be made, read or written."""

    def __init__(self, directory: Path, error: OSError) -> None:
        super().__init__(
            f"cannot use {error.filename or directory}: {error.strerror or error}; "
            "make it usable, or choose another directory"
        )


class PortInUseError(BrokerError):
    """Someone else listens on the port that was asked for, or that this directory had before."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on 127.0.0.1 is in use; free it, or choose another with --port")


class BusyError(BrokerError):
    """Another start or stop has held the directory, or a download the cache, for too long."""

    def __init__(self, lock: Path) -> None:
        super().__init__(f"another process still holds {lock}; wait until it has ended, then try again")


class NotStartedError(BrokerError):
    """The address was asked for before the first start."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"no broker was started in {directory} yet")


class KafkaFailedError(BrokerError):
    """Kafka did not come up. ``lines`` are those of its log that tell why, ``log`` is where the rest is."""

    def __init__(self, what: str, log: Path, lines: Sequence[str]) -> None:
        super().__init__(f"{what}; its log is {log}")
        self.log = log
        self.lines = tuple(lines)
