"""How does a text fit into so many columns of a terminal, whatever somebody has put into it?

A column is a cell: Chinese letters take two, combining marks none.
"""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

HIDDEN = "\N{REPLACEMENT CHARACTER}"
CUT = "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str) -> str:
    """``text`` on one line, without what a terminal would obey: an id is whatever a producer likes."""
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else HIDDEN for sign in text)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells: filled up with blanks (to the ``right``: before it), or cut, and said to be."""
    if width <= 0:
        return ""
    shown = printable(text)
    length = cell_len(shown)
    if length > width:
        return set_cell_size(set_cell_size(shown, width - 1).rstrip() + CUT, width)
    blanks = " " * (width - length)
    return blanks + shown if right else shown + blanks


def width_of(texts: Sequence[str], least: int, most: int) -> int:
    """The cells that the longest of them takes, within bounds."""
    longest = max((cell_len(printable(text)) for text in texts), default=0)
    return min(max(longest, least), most)


def row(width: int, *parts: tuple[str, str]) -> Text:
    """Parts with their styles on one line of exactly ``width`` cells."""
    line = Text(no_wrap=True)
    for text, style in parts:
        line.append(text, style)
    if line.cell_len > width:
        line.truncate(width, overflow="ellipsis")
    line.pad_right(width - line.cell_len)
    return line


def between(width: int, left: Sequence[tuple[str, str]], right: tuple[str, str]) -> Text:
    """``left`` at the beginning of a line, and ``right`` at its end if there is room for both."""
    taken = sum(cell_len(text) for text, _ in left)
    blanks = width - taken - cell_len(right[0])
    return row(width, *left) if blanks < 2 else row(width, *left, (" " * blanks, ""), right)
