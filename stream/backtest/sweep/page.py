"""How is a sweep made into one page that stands by itself?  A heat map of two varied paths, or a curve of one, and the grid.

Same sweep, same bytes; nothing is fetched from anywhere.
"""

from collections.abc import Mapping, Sequence
from html import escape

from stream.backtest.sweep.documents import figures
from stream.backtest.sweep.grid import Row, Sweep
from stream.backtest.sweep.paths import Vary
from topics.times import rfc3339

_SHOWN: Mapping[str, str] = {
    "alerts_a_day": "alerts a day",
    "shops": "shops with an alert",
    "precision": "precision",
    "recall": "recall",
    "lead_ms": "lead time, hours",
}
_HOUR = 3_600_000
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #ddd; }
tr.unbeaten { background: #e8f4ea; font-weight: 600; }
"""


def page(found: Sweep, varied: Sequence[Vary], name: str, labels: str) -> bytes:
    """The page, in UTF-8; raises ModuleNotFoundError where there is no Plotly."""
    title = escape(", ".join(vary.name for vary in varied))
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>sweep: {title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
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
        f"{name}: {found.events:,} events of {found.shops:,} shops, from {rfc3339(found.span.begin)} to "
        f"{rfc3339(found.span.end)}. Counted are the alerts of {tiers}. Precision, recall and lead time are against {against}. "
        "Marked is what no other variant beats: none is better in one of the three and no worse in the others."
    )


def _drawing(found: Sweep, varied: Sequence[Vary]) -> str:
    """A heat map or a curve, with buttons for what is shown; nothing for three paths and more."""
    if len(varied) > 2:
        return ""
    import plotly.graph_objects as go  # noqa: PLC0415 - an extra, and slow to import: only where a page is drawn

    shown = [_values(found, key) for key in _SHOWN]
    make = _heat if len(varied) == 2 else _curve
    figure = go.Figure(
        [make(go, found, varied, values, visible=index == 0) for index, values in enumerate(shown)]
    )
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


def _heat(
    go: object, found: Sweep, varied: Sequence[Vary], values: Sequence[float | None], *, visible: bool
) -> object:
    across = len(varied[1].values)
    marks = ["unbeaten" if row.unbeaten else "" for row in found.rows]
    return go.Heatmap(  # type: ignore[attr-defined]
        x=list(varied[1].values),
        y=list(varied[0].values),
        z=[list(values[at : at + across]) for at in range(0, len(values), across)],
        text=[
            ["*" if mark else "" for mark in marks[at : at + across]] for at in range(0, len(marks), across)
        ],
        texttemplate="%{text}",
        hovertemplate=f"{varied[0].name} %{{y}}<br>{varied[1].name} %{{x}}<br>%{{z}} %{{text}}<extra></extra>",
        colorscale="Viridis",
        visible=visible,
    )


def _curve(
    go: object, found: Sweep, varied: Sequence[Vary], values: Sequence[float | None], *, visible: bool
) -> object:
    sizes = [12 if row.unbeaten else 6 for row in found.rows]
    return go.Scatter(  # type: ignore[attr-defined]
        x=list(varied[0].values),
        y=list(values),
        mode="lines+markers",
        marker={"size": sizes},
        visible=visible,
    )


def _table(found: Sweep, varied: Sequence[Vary]) -> str:
    head = [*(vary.name for vary in varied), *_SHOWN.values(), ""]
    rows = "\n".join(_row(found, row) for row in found.rows)
    return f"<table><thead><tr>{_cells(head, 'th')}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _row(found: Sweep, row: Row) -> str:
    told = figures(found, row)
    cells = [*row.variant.values, *(_shown(key, told[key]) for key in _SHOWN), "*" if row.unbeaten else ""]
    of = ' class="unbeaten"' if row.unbeaten else ""
    return f"<tr{of}>{_cells(cells, 'td')}</tr>"


def _shown(key: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value / _HOUR:.1f}" if key == "lead_ms" else f"{value:g}"


def _cells(texts: Sequence[str], kind: str) -> str:
    return "".join(f"<{kind}>{escape(text)}</{kind}>" for text in texts)
