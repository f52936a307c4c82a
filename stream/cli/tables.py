"""How do tables of results look to a person?"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

PAPER = 200
"""Columns where there is no terminal: what is written to a file need not be folded to 80."""


def new_table(*left: str, right: Sequence[str] = ()) -> Table:
    """An empty table; nothing in it is cut off, however narrow the terminal."""
    table = Table(box=SIMPLE, pad_edge=False)
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", overflow="fold")
    return table


def print_table(table: Table, nothing: str) -> None:
    """On standard output; ``nothing`` is said where it has no rows."""
    if table.row_count:
        Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PAPER).print(table)
    else:
        typer.echo(nothing)


def time(at: datetime | None) -> str:
    """UTC to the second, without what is the same in all."""
    return "" if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def number(value: float | None) -> str:
    """As it is; nothing where there is none."""
    return "" if value is None else str(value)
