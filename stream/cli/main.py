"""`shopwatch`: which commands are there, and how does one of them end?"""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from stream.cli.config.errors import MistakenSettingsError
from stream.cli.config.given import found
from stream.cli.config.names import CONFIG, LOG

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it (128 and the signal's number)."""

UNEXPECTED = 70
"""Exit code of a command that met what nobody thought of (EX_SOFTWARE)."""

MISTAKEN = 2
"""Exit code of a command that was given what it does not take, as click has it."""

NARROW = 52
"""Below this many columns help is folded to fit; without a word it would be 50 wide at least."""

NARROW_NAME = 6
"""There, what is said of a command begins behind so many characters of its name."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of them; its module is imported when it is asked for, since Faust takes a second."""

    name: str
    module: str
    help: str

    def add_to(self, app: typer.Typer) -> None:
        """The real one: of its module the function of its name, or the group `app`."""
        module = import_module(self.module)
        if hasattr(module, "app"):
            app.add_typer(module.app, name=self.name)
        else:
            app.command(self.name)(getattr(module, self.name))

    def announce_to(self, app: typer.Typer) -> None:
        """A stand-in for the list of commands."""
        app.command(self.name, short_help=self.help)(_stand_in)


COMMANDS: Sequence[Command] = (
    Command("demo", "stream.cli.demo.command", "See it all at work: Kafka, a marketplace, a worker, alerts."),
    Command("broker", "stream.cli.broker", "Start, stop or look at a real Kafka on this machine."),
    Command("topics", "stream.cli.topics", "Create, list or describe the topics."),
    Command("load", "stream.cli.load", "Send a recording, or a data set, to the topics."),
    Command("simulate", "stream.cli.simulate.command", "Make up the trade of shops, and say which fail."),
    Command("worker", "stream.cli.worker", "Watch the shops: read events, write alerts and rates."),
    Command("watch", "stream.cli.watch.command", "Show a running system live: shops, rates, alerts, delays."),
    Command("ledger", "stream.cli.ledger", "Look into the worker's state, or make it again."),
    Command("alerts", "stream.cli.alerts", "Show the alerts."),
    Command("rates", "stream.cli.rates", "Show how the shops stand."),
    Command("explain", "stream.cli.explain.command", "Tell the story of an alert, a shop or an order."),
    Command("notify", "stream.cli.notify.command", "Deliver alerts by webhook, chat, mail; hold them."),
    Command("api", "stream.cli.api", "Serve merchants: an API, a live page; make tokens for it."),
    Command("replay", "stream.cli.replay", "Judge a recording without Kafka."),
    Command("archive", "stream.cli.archive", "Keep what Kafka has recorded as Parquet files."),
    Command("backtest", "stream.cli.backtest.command", "Say what a change of policy would have done."),
    Command("sweep", "stream.cli.sweep", "Try many variants of a policy on what was recorded."),
    Command(
        "verify", "stream.cli.verify.command", "Say whether the alerts are those of a replay, or why not."
    ),
    Command("policy", "stream.cli.policy", "Check, test or explain policy files."),
    Command("config", "stream.cli.config.command", "Show the settings in force, and where each comes from."),
)


class _Commands(TyperGroup):
    """Lists of options and commands that fit a narrow terminal, too: a long name has a line of its own."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """As ever, where there is room; the commands follow."""
        if formatter.width >= NARROW:
            super().format_options(ctx, formatter)
            return
        rows = [row for option in self.get_params(ctx) if (row := option.get_help_record(ctx)) is not None]
        with formatter.section("Options"):
            formatter.write_dl(rows, col_max=NARROW_NAME)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """As ever, where there is room."""
        if formatter.width >= NARROW:
            super().format_commands(ctx, formatter)
            return
        rows = [(name, self.commands[name].get_short_help_str(NARROW)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows, col_max=NARROW_NAME)


def make_app(chosen: str | None) -> typer.Typer:
    """All commands, of which only ``chosen`` can be run."""
    app = typer.Typer(
        cls=_Commands,
        help="Watches every shop of a marketplace while it trades: events in, rates and alerts out.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_narrow(shutil.get_terminal_size().columns),
        callback=_begin,
    )
    for command in COMMANDS:
        if command.name == chosen:
            command.add_to(app)
        else:
            command.announce_to(app)
    return app


def main() -> NoReturn:
    """The console's entry: exit code 0, 1 with a line that says why, 2 for a mistaken command or setting, 130 after Ctrl-C."""
    chosen = _chosen(sys.argv[1:])
    try:
        make_app(chosen)(prog_name="shopwatch")
    except BrokenPipeError:
        _end_quietly()
    except KeyboardInterrupt:
        # Before the command itself could hear it: its modules take seconds on a busy machine.
        sys.exit(INTERRUPTED)
    except MistakenSettingsError as error:
        for line in error.lines:
            sys.stderr.write(f"shopwatch {chosen}: {line}\n")
        sys.exit(MISTAKEN)
    except Exception as error:
        if os.environ.get("SHOPWATCH_TRACE"):
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())
        sys.stderr.write(
            f"shopwatch {chosen}: unexpected {text}; this is a mistake in shopwatch, SHOPWATCH_TRACE=1 shows where\n"
        )
        sys.exit(UNEXPECTED)
    raise AssertionError("the application exits by itself")


def _begin(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            envvar=CONFIG,
            show_envvar=False,
            metavar="FILE",
            help="Settings; else those of SHOPWATCH_CONFIG, or of shopwatch.toml here.",
        ),
    ] = None,
) -> None:
    """Find the settings, and let the chosen command's options begin with what they say."""
    given = context.obj = found(config, os.environ)
    if form := given.log():
        os.environ.setdefault(LOG, form)  # what a service says before its options are read is said so, too
    group = context.command
    if isinstance(group, TyperGroup):
        context.default_map = dict(given.defaults(group))


def _chosen(arguments: Sequence[str]) -> str | None:
    """The command's name, the first word that is neither an option nor the value of --config."""
    words = iter(arguments)
    for word in words:
        if word == "--config":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _stand_in() -> None:
    """Never run: whoever names a command gets the real one."""


def _narrow(columns: int) -> dict[str, int]:
    return {"terminal_width": columns} if columns < NARROW else {}


def _end_quietly() -> NoReturn:
    """Whoever read the output has gone; nor can the rest of it be written on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


if __name__ == "__main__":
    main()
