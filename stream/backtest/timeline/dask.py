"""How is the first pass done on several machines?  On a Dask cluster, each partition as it would be done here.

The workers need the same shopwatch, and see the recording and the place where timelines are kept under the same paths.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stream.backtest.errors import BacktestError
from stream.backtest.timeline.files import PartNote
from stream.backtest.timeline.run import Spoiled, Task


class NoClusterError(BacktestError):
    """There is no Dask to speak to."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The one whose scheduler listens at ``address``."""

    address: str
    wait_s: float = 10.0

    def __call__(
        self, do: Callable[[Task], PartNote | Spoiled], tasks: Sequence[Task]
    ) -> Iterator[PartNote | Spoiled]:
        """As they are done; raises NoClusterError."""
        try:
            from distributed import Client, as_completed  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise NoClusterError("--dask needs distributed: install shopwatch[dask]") from None
        try:
            client = Client(self.address, timeout=self.wait_s, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NoClusterError(
                f"no Dask scheduler answers at {self.address} ({error}); start one, or leave --dask out"
            ) from None
        with client:
            # Not pure: a task writes files, so what was done for another run is of no use to this one.
            for done in as_completed(client.map(do, tasks, pure=False), loop=client.loop):
                yield done.result()
