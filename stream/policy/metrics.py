"""How are the metrics of a policy file read?  ``[metrics.NAME]`` (SEMANTICS U1-U6)."""

from typing import cast

from stream.policy.durations import UNITS
from stream.policy.kinds import (
    ALL_FAULTS,
    ALL_GOODS,
    ALL_REASONS,
    ALL_REFUND_KINDS,
    KINDS,
    KindTraits,
)
from stream.policy.spec import Kind, Metric, MetricAnchor
from stream.policy.tables import Table
from stream.policy.values import duration, flag, length, list_of, listed, one_of, shown, some_of, text

_PICKUP_WITHIN = UNITS["d"]


def read_metrics(document: Table) -> dict[str, Metric | None]:
    """Every metric of the file by its name; None for one whose kind is not known, which has been noted."""
    return {name: _read_metric(name, table) for name, table in document.named_tables("metrics")}


def _read_metric(name: str, table: Table) -> Metric | None:
    kind = cast("Kind | None", table.need("kind", one_of(KINDS), '"on_time_ship"'))
    if kind is None:
        return None
    traits = KINDS[kind]
    _check_keys(table, kind, traits)
    return Metric(
        name=name,
        kind=kind,
        goods=table.take("goods", some_of(one_of(ALL_GOODS)), traits.goods),
        anchor=_read_anchor(table, kind, traits),
        lag=table.take("lag", duration, 0),
        promise_reasons=frozenset(
            table.take("promise_reasons", list_of(one_of(ALL_REASONS)), tuple(ALL_REASONS))
        ),
        retroactive_promises=table.take("retroactive_promises", flag, default=False),
        pickup_within=table.take("pickup_within", length, _PICKUP_WITHIN),
        resolve_within=_read_resolve_within(table, traits),
        kinds=table.take("kinds", some_of(one_of(ALL_REFUND_KINDS)), ALL_REFUND_KINDS),
        reasons=table.take("reasons", some_of(text)),
        faults=table.take("faults", some_of(one_of(ALL_FAULTS)), ALL_FAULTS),
    )


def _check_keys(table: Table, kind: Kind, traits: KindTraits) -> None:
    """Keys of other kinds are told from keys that no kind has."""
    owners = {key: [other for other in KINDS if key in KINDS[other].keys] for key in table.values}
    for key in table.values:
        if owners[key] and key not in traits.keys:
            message = f"{table.name_of(key)} does not go with {kind}"
            table.note(key, message, f"it is for {listed(owners[key])} only; leave it out")
    table.refuse_others(traits.keys | {key for key in table.values if owners[key]})


def _read_anchor(table: Table, kind: Kind, traits: KindTraits) -> MetricAnchor:
    """Where its units are placed; a kind with one place only has no such key, which ``_check_keys`` has seen to."""
    default = traits.anchors[0]
    if len(traits.anchors) == 1:
        return default
    word: str = table.take("anchor", text) or default
    if word not in traits.anchors:
        message = f"{table.name_of('anchor')} is {shown(word)}, by which {kind} places nothing"
        table.note("anchor", message, f"write one of {listed(traits.anchors)}")
    return cast("MetricAnchor", word)


def _read_resolve_within(table: Table, traits: KindTraits) -> int | None:
    if "resolve_within" in traits.options:
        return table.need("resolve_within", length, '"48h"')
    return None
