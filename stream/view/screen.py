"""What is on a terminal of so many columns and lines?"""

from collections.abc import Sequence

from rich.text import Text

from stream.view.cells import fit, row
from stream.view.heading import Now, heading
from stream.view.log import log
from stream.view.model import View
from stream.view.table import MOST_HEAD, table

LEAST_WIDTH, LEAST_HEIGHT = 20, 6
SHOPS_SHARE = 0.55
"""And what the log leaves."""
ROOMY = 20
"""From so many lines on there is room for blank ones."""


def draw(view: View, width: int, height: int, now: Now) -> Sequence[Text]:
    """Exactly ``height`` lines of ``width`` cells."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        too_small = f"{LEAST_WIDTH}x{LEAST_HEIGHT} at least"
        return _filled([row(width, (fit(too_small, width), ""))], width, height)
    top = heading(view, width, now)
    blank = [row(width)] if height >= ROOMY else []
    room = height - len(top) - 2 * len(blank)
    hint = view.hint if width >= 2 * LEAST_WIDTH else ""
    wanted = len(log(view, width, room, hint))
    shops = table(view.shops, width, max(int(room * SHOPS_SHARE), room - wanted, MOST_HEAD + 1))
    below = log(view, width, room - len(shops), hint)
    return _filled([*top, *blank, *shops, *blank, *below], width, height)


def _filled(lines: Sequence[Text], width: int, height: int) -> Sequence[Text]:
    shown = lines[:height]
    return [*shown, *(row(width) for _ in range(height - len(shown)))]
