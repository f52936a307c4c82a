"""How are figures shown?  A table in the terminal, and the same between two markers of a document."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

BEGIN = "<!-- figures: written by `make bench` from benchmarks/results.json -->"
END = "<!-- end of figures -->"
_BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


class NoBlockError(Exception):
    """The document has no place for the figures."""

    def __init__(self, document: Path) -> None:
        super().__init__(f"{document} has no block of figures; put these two lines in it:\n{BEGIN}\n{END}")


def show(figures: Sequence[Figure]) -> None:
    """Print them."""
    table = Table("figure", "value", "unit", "least to most", "beside")
    for each in figures:
        table.add_row(each.figure, number(each.value), each.unit, spread(each), each.beside)
    Console(width=170).print(table)


def block(figures: Sequence[Figure]) -> str:
    """The table of a document, with its markers."""
    head = ["| figure | value | unit | least to most | beside |", "| --- | ---: | --- | --- | --- |"]
    rows = [
        f"| {each.figure} | {number(each.value)} | {each.unit} | {spread(each)} | {each.beside} |"
        for each in figures
    ]
    return "\n".join([BEGIN, "", *head, *rows, "", END])


def put_into(document: Path, figures: Sequence[Figure]) -> None:
    """Replace the block of ``document``; raises NoBlockError."""
    text = document.read_text("utf-8")
    if not _BLOCK.search(text):
        raise NoBlockError(document)
    document.write_text(_BLOCK.sub(lambda _: block(figures), text), "utf-8")


def number(value: float) -> str:
    """With commas, and no more digits than were measured."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"


def spread(each: Figure) -> str:
    """How far the runs lay apart."""
    return "one run" if each.runs == 1 else f"{number(each.low)} - {number(each.high)} of {each.runs}"
