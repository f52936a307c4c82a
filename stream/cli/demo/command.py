"""`shopwatch demo`: how does a small marketplace on a real Kafka, watched by a worker, come to the screen?"""

import asyncio
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

import stream
from stream.admin.errors import AdminError
from stream.broker import Broker, BrokerError, KafkaFailedError
from stream.broker.files import locked, usable
from stream.cli.demo.board import Board, on_terminal
from stream.cli.demo.errors import NoPolicyError
from stream.cli.demo.pace import Pace, story_seconds
from stream.cli.demo.play import PARTITIONS, Play, Result, Stage
from stream.cli.demo.topics import create, delete
from stream.cli.demo.words import Teller
from stream.cli.options import access, secured
from stream.cli.policy_files import in_lines, read_policy_files
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import errors_in_one_line, say
from stream.cli.watch.terminal import is_screen
from stream.feed.errors import FeedError
from stream.kafka.access import Access
from stream.policy.problems import PolicyError
from stream.simulate.market import Market
from stream.simulate.shops import OFFSET

COMMAND = "demo"

SHIPPED_POLICY = Path(stream.__file__).parents[1] / "policies" / "seed.toml"

Policies = Annotated[
    list[Path] | None,
    typer.Option("--policy", exists=True, dir_okay=False, help="Judge by this; default: the seed policy."),
]


def demo(
    seconds: Annotated[
        float | None,
        typer.Option(
            envvar="DEMO_SECONDS",
            min=1,
            help="End so long after Kafka serves; the story is told faster to fit. Default: as it takes, 70 s.",
        ),
    ] = None,
    policy: Policies = None,
    seed: Annotated[int, typer.Option(help="Another seed, another marketplace.")] = 7,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where Kafka's data and the worker's log live.")
    ] = Path(".demo"),
    bootstrap: Annotated[
        Access | None,
        typer.Option(
            envvar="SHOPWATCH_BOOTSTRAP",
            parser=access,
            callback=secured,
            help="A Kafka that runs already, HOST:PORT, for topics of the demo's own; default: start one.",
        ),
    ] = None,
) -> None:
    """Start Kafka, publish some days of a marketplace in which a warehouse stops, and show the alerts.

    Exit code 0 if alerts fired, else 1.
    """
    market = Market(seed)
    teller = Teller(market, Console())
    with _all_said(), _own_directory(directory) as place:
        policies = policy or [_shipped_policy()]
        read_policy_files(policies)  # what is wrong with them is better known before Kafka is started
        with _stage(place, bootstrap, policies, teller) as stage:
            _open(market, policies, stage, teller)
            result = asyncio.run(_played(stage, Pace(market, story_seconds(seconds)), teller, seconds))
        _close(result, teller)
    raise typer.Exit(0 if result.fired else 1)


async def _played(stage: Stage, pace: Pace, teller: Teller, seconds: float | None) -> Result:
    if not is_screen(sys.stdout):
        return await Play(stage, pace, teller, seconds).run()
    board = Board(pace.market)
    return await on_terminal(Play(stage, pace, board, seconds), stage, board)


def _shipped_policy() -> Path:
    if not SHIPPED_POLICY.exists():
        raise NoPolicyError(SHIPPED_POLICY)
    return SHIPPED_POLICY


@contextmanager
def _own_directory(directory: Path) -> Iterator[Path]:
    """The directory for this demo alone, without what one before it has left, however that ended."""
    with usable(directory):
        place = directory.absolute()
    with locked(place / "lock", 0, _nobody_waits):
        Broker(place / "kafka").stop()
        shutil.rmtree(place / "kafka", ignore_errors=True)
        yield place


@contextmanager
def _stage(
    place: Path, bootstrap: Access | None, policies: Sequence[Path], teller: Teller
) -> Iterator[Stage]:
    """A Kafka with empty topics: one started for it, or topics of its own on one that runs."""
    log = place / "worker.log"
    if bootstrap is None:
        with Broker(place / "kafka", progress=teller.say) as broker:
            address = Access(broker.address)
            asyncio.run(create(address, "", PARTITIONS))
            yield Stage(address, "", policies, log, own=True, alive=lambda: broker.running)
            teller.say("stopping Kafka")
        shutil.rmtree(place / "kafka", ignore_errors=True)
        return
    prefix = f"demo-{secrets.token_hex(4)}-"
    asyncio.run(create(bootstrap, prefix, PARTITIONS))
    try:
        yield Stage(bootstrap, prefix, policies, log, own=False, alive=lambda: True)
    finally:
        _clear_away(bootstrap, prefix)


def _clear_away(bootstrap: Access, prefix: str) -> None:
    """What stays is told, and does not hide why the demo ended."""
    try:
        asyncio.run(delete(bootstrap, prefix))
    except (KafkaError, AdminError) as error:
        say(COMMAND, f"the demo's topics are left on {bootstrap}, all that begin with {prefix}: {error}")


def _open(market: Market, policies: Sequence[Path], stage: Stage, teller: Teller) -> None:
    first = datetime.fromtimestamp(market.begins / 1000, timezone(OFFSET))
    judged = ", ".join(path.name for path in policies)
    teller.say(
        f"{market.shops} shops trade for {market.days} days from {first:%d %B %Y} on; they are judged by {judged}"
    )
    teller.say(f"Kafka is at {stage.address}, the worker's log in {stage.log}")


def _close(result: Result, teller: Teller) -> None:
    teller.say(
        f"{result.events:,} events published, {result.fired} alerts fired, {result.resolved} resolved", "bold"
    )
    if not result.fired:
        say(COMMAND, "no alert fired; give it more time: a greater DEMO_SECONDS, or none")


@contextmanager
def _all_said() -> Iterator[None]:
    """What goes wrong is said once, and ends the demo with exit code 1."""
    quiet_libraries()
    with errors_in_one_line(COMMAND, AdminError, BrokerError, FeedError):
        try:
            yield
        except KafkaFailedError as error:
            for line in error.lines:
                say(COMMAND, line)
            raise
        except PolicyError as error:
            for line in in_lines(error):
                say(COMMAND, line)
            raise typer.Exit(1) from None


def _nobody_waits() -> None:
    """Another demo in the same directory is not waited for."""
