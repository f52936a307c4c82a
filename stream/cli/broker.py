"""`shopwatch broker`: a real Kafka on this machine, for those who have none at hand."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stream.broker import Broker, BrokerError, KafkaFailedError

STOPPED = 3
"""Exit code of `status` when nothing runs, as service managers have it."""

app = typer.Typer(no_args_is_help=True, help="A real Apache Kafka on this machine, started and stopped.")

Directory = Annotated[Path, typer.Option("--dir", help="Where its data, log and state live.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Default: as last time, else a free one.")]


@app.command()
def start(directory: Directory, port: Port = None) -> None:
    """Start it, fetching Kafka first if need be; the last line printed is its address."""
    with _errors_in_one_line():
        broker = Broker(directory, port, progress=_progress)
        if not broker.start(detached=True):
            _progress(f"already running, pid {broker.pid}")
        typer.echo(broker.address)


@app.command()
def stop(directory: Directory) -> None:
    """Stop it, keeping its data; fine where nothing runs."""
    with _errors_in_one_line():
        stopped = Broker(directory, progress=_progress).stop()
        typer.echo("stopped" if stopped else "not running")


@app.command()
def status(directory: Directory) -> None:
    """Say whether it runs (exit code 0) or not (3), its pid and its address."""
    with _errors_in_one_line():
        broker = Broker(directory)
        pid = broker.pid
        typer.echo("stopped" if pid is None else f"running, pid {pid}, {broker.address}")
        if pid is None:
            raise typer.Exit(STOPPED)


def _progress(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except BrokerError as error:
        typer.echo(f"shopwatch broker: {error}", err=True)
        if isinstance(error, KafkaFailedError):
            sys.stderr.writelines(f"  {line}\n" for line in error.lines)
        raise typer.Exit(1) from None
