"""How is the demo told on a terminal?  In the live view, which finds the alerts by itself."""

import asyncio

from stream.cli.demo.play import Play, Result, Stage
from stream.cli.demo.words import STRIKING, day_of
from stream.cli.first import first_of
from stream.cli.watch.feed import Feed
from stream.cli.watch.terminal import Terminal
from stream.simulate.market import Market
from stream.view.model import View
from topics.alerts import Alert

COMMAND = "demo"


class Board:
    """Tells what happens to ``market`` in a view, by its days and the time of day."""

    def __init__(self, market: Market) -> None:
        self.view = View("shopwatch demo", lambda at: day_of(at, market.begins))

    def say(self, text: str, style: str = "dim") -> None:  # noqa: ARG002 - the view has its own
        """What goes on."""
        self.view.status = text

    def happens(self, at: int, text: str, style: str = STRIKING) -> None:  # noqa: ARG002 - the view has its own
        """A line among the alerts."""
        self.view.happenings.tell(at, text)

    def midnight(self, at: int, events: int) -> None:
        """The view has a clock, and counts."""

    def alert(self, alert: Alert) -> None:
        """The view reads it where everybody does."""


async def on_terminal(play: Play, stage: Stage, board: Board) -> Result:
    """Play it under the view, which stays in sight, as it was last, when the terminal is given back."""
    feed = Feed(COMMAND, stage.address, stage.prefix, board.view)
    await feed.begin()
    performance = asyncio.ensure_future(play.run())
    with Terminal(board.view) as terminal:
        await first_of(performance, feed.run(), terminal.draw())
    result = await performance
    terminal.print_last()
    return result
