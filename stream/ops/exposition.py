"""How are families written for Prometheus?  Its text format, version 0.0.4, a line a sample.

Written here, and not by the client library, because that renders a family as a whole, and all of them under Python's lock; and
because it adds a ``_created`` series to every counter, which nobody asks for.  Tests read back what it writes with the library's own
reader and with promtool.
"""

from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric as Family
from prometheus_client.utils import floatToGoString

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_TYPES = {"gaugehistogram": "histogram", "unknown": "untyped"}
"""A histogram of what is there now is written as a histogram: the format has no other word."""

_LABEL = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


def lines(family: Family) -> Iterator[str]:
    """One after the other, each with its end."""
    name = f"{family.name}_total" if family.type == "counter" else family.name
    yield f"# HELP {name} {family.documentation.translate(_HELP)}\n"
    yield f"# TYPE {name} {_TYPES.get(family.type, family.type)}\n"
    for sample in family.samples:
        if not sample.name.endswith("_created"):
            yield f"{sample.name}{_labels(sample.labels)} {_number(sample.value)}\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return (
        "{" + ",".join(f'{name}="{value.translate(_LABEL)}"' for name, value in sorted(labels.items())) + "}"
    )


def _number(value: float) -> str:
    """As Go reads it: the library's own spelling, which knows infinity."""
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # the library has no types there
