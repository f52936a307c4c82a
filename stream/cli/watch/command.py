"""`shopwatch watch`: how does a running system look, live?"""

import asyncio
import sys

import typer

from stream.admin.errors import AdminError
from stream.cli.alerts import sentence
from stream.cli.first import first_of, told_to_stop
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import errors_in_one_line, say
from stream.cli.watch.feed import Feed
from stream.cli.watch.terminal import Terminal, is_screen
from stream.view.happenings import Happening
from stream.view.model import View
from stream.worker.ledger import UnreadableClockError

COMMAND = "watch"

LOOK_S = 0.5


def watch(bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = "") -> None:
    """Show shops, rates, alerts and how far the workers are, live, until Ctrl-C or q.

    It reads Kafka only, in no consumer group, and disturbs nobody.  Without a terminal it prints a line for each alert
    that fires or resolves from now on.
    """
    quiet_libraries()
    view = View(f"shopwatch {bootstrap}")
    with errors_in_one_line(COMMAND, AdminError, UnreadableClockError):
        ended_by = asyncio.run(_watch(Feed(COMMAND, bootstrap, topic_prefix, view)))
        raise typer.Exit(128 + ended_by)


async def _watch(feed: Feed) -> int:
    """Until a signal ends it; which one."""
    with told_to_stop() as told:
        await first_of(told.wait(), _show(feed))
    return told.signal or 0


async def _show(feed: Feed) -> None:
    await feed.begin()
    if is_screen(sys.stdout):
        with Terminal(feed.view) as terminal:
            await first_of(feed.run(), terminal.draw())
    else:
        feed.hear = _print
        firing = feed.view.happenings.firing
        say(COMMAND, f"{firing} alerts firing; from now on each that fires or resolves is a line")
        await first_of(feed.run(), _say_who_is_away(feed))


def _print(happening: Happening) -> None:
    if happening.alert is not None:
        typer.echo(sentence(happening.alert))


async def _say_who_is_away(feed: Feed) -> None:
    """A line when Kafka goes, and one when it is back."""
    away = False
    while True:
        if away != (feed.view.away_since_s is not None):
            away = not away
            where = f"Kafka at {feed.bootstrap}"
            say(COMMAND, f"{where} does not answer; waiting for it" if away else f"{where} answers again")
        await asyncio.sleep(LOOK_S)
