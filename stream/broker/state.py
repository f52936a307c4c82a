"""What does a broker's directory remember between two commands?"""

from pathlib import Path

import msgspec

from stream.broker.errors import DirectoryUnusableError
from stream.broker.files import replace
from stream.broker.process import Process


class State(msgspec.Struct, frozen=True):
    """The process that was started last in this directory, and where it listens.

    It outlives the process: the next start takes the same port from it.
    """

    pid: int
    started: str
    address: str

    @property
    def process(self) -> Process:
        """That process, alive or not."""
        return Process(self.pid, self.started)

    @property
    def port(self) -> int:
        """The port of the address."""
        return int(self.address.rpartition(":")[2])


def read(path: Path) -> State | None:
    """The state, or None if there is none that can be read: then nothing is known to run here.

    Should Kafka run all the same, its own lock on the data refuses the second start.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    except OSError as error:
        raise DirectoryUnusableError(path.parent, error) from error


def write(path: Path, state: State) -> None:
    """Put it in place of the state before."""
    replace(path, msgspec.json.format(msgspec.json.encode(state)) + b"\n")
