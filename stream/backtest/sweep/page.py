"""How is a sweep made into one page that stands by itself?  A heat map of two varied paths, or a curve of one, and the grid.

Same sweep, same bytes; nothing is fetched from anywhere.
"""

from collections.abc import Mapping, Sequence
from html import escape

from stream.backtest.sweep.documents import figures, readable
from stream.backtest.sweep.grid import Row, Sweep
from stream.backtest.sweep.paths import Vary

_SHOWN: Mapping[str, str] = {
    "alerts_a_day": "alerts a day",
    "shops": "shops with an alert",
    "precision": "precision",
    "recall": "recall",
    "lead_ms": "lead time",
}
_OF_ITS_SCALE: Mapping[str, Mapping[str, str]] = {
    "precision": {"tickformat": ".0%"},
    "recall": {"tickformat": ".0%"},
    "lead_ms": {"ticksuffix": " h"},
}
_HOUR = 3_600_000
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; background: #fff; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .25rem .75rem; text-align: right; vertical-align: bottom; border-bottom: 1px solid #ddd; white-space: nowrap; }
th { white-space: normal; }
tr.unbeaten { background: #e8f4ea; font-weight: 600; }
"""


def page(found: Sweep, varied: Sequence[Vary], name: str, labels: str) -> bytes:
    """The page, in UTF-8; raises ModuleNotFoundError where there is no Plotly."""
    title = escape(", ".join(vary.name for vary in varied))
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>sweep: {title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_breaking(title)}</h1>",
        f"<p>{escape(_told(found, name, labels))}</p>",
        _drawing(found, varied),
        _table(found, varied),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part).encode()


def _told(found: Sweep, name: str, labels: str) -> str:
    tiers = ", ".join(" ".join(key) for key in sorted(found.tiers))
    against = "the incidents given" if labels == "given" else "matured cohorts that ended beyond the line"
    return (
        f"{name}: {found.events:,} events of {found.shops:,} shops, {found.span.local(found.zone)}. "
        f"Counted are the alerts of {tiers}. Precision, recall and lead time are against {against}. "
        "Marked is what no other variant beats: none is better in one of the three and no worse in the others."
    )


def _drawing(found: Sweep, varied: Sequence[Vary]) -> str:
    """A heat map or a curve, with buttons for what is shown; nothing for three paths and more."""
    if len(varied) > 2:
        return ""
    import plotly.graph_objects as go  # noqa: PLC0415 - an extra, and slow to import: only where a page is drawn

    make = _heat if len(varied) == 2 else _curve
    figure = go.Figure([make(go, found, varied, key, visible=index == 0) for index, key in enumerate(_SHOWN)])
    buttons = [
        {
            "label": label,
            "method": "update",
            "args": [{"visible": [each == index for each in range(len(_SHOWN))]}, {"title.text": label}],
        }
        for index, label in enumerate(_SHOWN.values())
    ]
    figure.update_layout(
        title={"text": next(iter(_SHOWN.values())), "y": 0.98, "yanchor": "top"},
        margin={"t": 120},
        updatemenus=[
            {
                "buttons": buttons,
                "type": "buttons",
                "direction": "right",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "xanchor": "left",
            }
        ],
        xaxis={"title": {"text": varied[-1].name}, "type": "category"},
        height=560,
    )
    if len(varied) == 2:
        figure.update_yaxes(title_text=varied[0].name, type="category")
    html: str = figure.to_html(full_html=False, include_plotlyjs=True, div_id="sweep")
    return html


def _values(found: Sweep, key: str) -> list[float | None]:
    told = [figures(found, row)[key] for row in found.rows]
    return [None if each is None else each / _HOUR if key == "lead_ms" else float(each) for each in told]


def _texts(found: Sweep, key: str) -> list[str]:
    """As on a terminal: the figure, and a star where no other variant beats this one."""
    return [readable(key, figures(found, row)[key]) + ("*" if row.unbeaten else "") for row in found.rows]


def _heat(go: object, found: Sweep, varied: Sequence[Vary], key: str, *, visible: bool) -> object:
    across = len(varied[1].values)
    values, texts = _values(found, key), _texts(found, key)
    begins = range(0, len(values), across)
    return go.Heatmap(  # type: ignore[attr-defined]
        x=list(varied[1].values),
        y=list(varied[0].values),
        z=[values[at : at + across] for at in begins],
        text=[texts[at : at + across] for at in begins],
        texttemplate="%{text}",
        hovertemplate=f"{varied[0].name} %{{y}}<br>{varied[1].name} %{{x}}<br>%{{text}}<extra></extra>",
        colorscale="Viridis",
        colorbar=_OF_ITS_SCALE.get(key, {}),
        visible=visible,
    )


def _curve(go: object, found: Sweep, varied: Sequence[Vary], key: str, *, visible: bool) -> object:
    return go.Scatter(  # type: ignore[attr-defined]
        x=list(varied[0].values),
        y=_values(found, key),
        text=_texts(found, key),
        hovertemplate=f"{varied[0].name} %{{x}}<br>%{{text}}<extra></extra>",
        mode="lines+markers",
        marker={"size": [12 if row.unbeaten else 6 for row in found.rows]},
        visible=visible,
    )


def _table(found: Sweep, varied: Sequence[Vary]) -> str:
    head = [*(vary.name for vary in varied), *_SHOWN.values(), ""]
    rows = "\n".join(_row(found, row) for row in found.rows)
    named = "".join(f"<th>{_breaking(escape(text))}</th>" for text in head)
    return (
        f'<div class="scroll"><table><thead><tr>{named}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )


def _row(found: Sweep, row: Row) -> str:
    told = figures(found, row)
    cells = [*row.variant.values, *(readable(key, told[key]) for key in _SHOWN), "*" if row.unbeaten else ""]
    of = ' class="unbeaten"' if row.unbeaten else ""
    return f"<tr{of}>{''.join(f'<td>{escape(text)}</td>' for text in cells)}</tr>"


def _breaking(escaped: str) -> str:
    """A path may go on in the next line behind any of its dots."""
    return escaped.replace(".", ".<wbr>")
