"""How are the exemptions of a policy file read?  ``[[exemptions]]`` (SEMANTICS E1-E6)."""

from collections.abc import Collection, Mapping
from typing import cast, get_args

from stream.policy.kinds import ALL_GOODS, KINDS
from stream.policy.spec import Effect, Exemption, ExemptionAnchor, Kind, RegionOf
from stream.policy.tables import NAME, Table
from stream.policy.values import length, listed, nearest, one_of, shown, some_of, text

_REQUIRED = {"id", "metrics", "effect", "anchor"}
_CONDITIONS = {"from", "to", "regions", "region_of", "goods", "categories", "published_at"}
_KEYS = _REQUIRED | _CONDITIONS | {"by", "until"}
_EFFECTS: tuple[str, ...] = get_args(Effect)
_ANCHORS: tuple[str, ...] = get_args(ExemptionAnchor)
_REGION_OF: tuple[str, ...] = get_args(RegionOf)


def read_exemptions(
    document: Table, kinds: Mapping[str, Kind | None], *, all_known: bool
) -> list[tuple[Table, Exemption]]:
    """Every exemption of the file, each with the table it stands in.

    ``kinds`` are those of the metrics of all the policy's files (E2); unless ``all_known``, there may be more of them.
    """
    return [
        (table, _read_exemption(table, kinds, all_known=all_known))
        for table in map(_called_by_id, document.listed_tables("exemptions"))
    ]


def _called_by_id(table: Table) -> Table:
    name = table.text_at("id")
    return (
        table if name is None else table.called(f"exemptions.{name if NAME.fullmatch(name) else shown(name)}")
    )


def _read_exemption(table: Table, kinds: Mapping[str, Kind | None], *, all_known: bool) -> Exemption:
    table.refuse_others(_KEYS)
    metrics = table.need("metrics", some_of(text), '["on_time"]') or frozenset()
    effect = cast("Effect | None", table.need("effect", one_of(_EFFECTS), '"drop"'))
    anchor = cast("ExemptionAnchor | None", table.need("anchor", one_of(_ANCHORS), '"due"'))
    if all_known:
        _check_metrics_known(table, metrics, kinds)
    used = {kind for name in metrics if (kind := kinds.get(name))}
    _check_anchor(table, anchor, effect, used)
    _check_extension(table, effect, used)
    exemption = Exemption(
        id=table.need("id", text, '"xian-2021-10"') or "",
        metrics=metrics,
        effect=effect or "drop",
        anchor=anchor or "decided",
        start=table.instant("from"),
        end=table.last_instant("to"),
        regions=table.take("regions", some_of(text)),
        region_of=cast("RegionOf", table.take("region_of", one_of(_REGION_OF), "either")),
        goods=_all_is_none(table.take("goods", some_of(one_of(ALL_GOODS)))),
        categories=table.take("categories", some_of(text)),
        published_at=table.instant("published_at"),
        by=table.take("by", length),
        until=table.instant("until"),
    )
    if exemption.start is not None and exemption.end is not None and exemption.end < exemption.start:
        table.note("to", f"{table.name_of('to')} lies before from", "exchange them")
    return exemption


def _all_is_none(goods: frozenset[str] | None) -> frozenset[str] | None:
    """All goods written out mean what leaving them out means (SEMANTICS E2 compares after defaults)."""
    return None if goods == ALL_GOODS else goods


def _check_metrics_known(table: Table, metrics: Collection[str], kinds: Mapping[str, Kind | None]) -> None:
    for name in sorted(metrics):
        if name not in kinds:
            message = f"{table.name_of('metrics')} names {shown(name)}, and there is no metric of this name"
            table.note("metrics", message, nearest(name, kinds))


def _check_anchor(
    table: Table, anchor: ExemptionAnchor | None, effect: Effect | None, used: Collection[Kind]
) -> None:
    """Every anchor fits the kinds of its metrics (SEMANTICS E3)."""
    for kind in sorted(used):
        if anchor and anchor not in KINDS[kind].exemption_anchors:
            message = f'{table.name_of("anchor")} is "{anchor}", which {kind} does not have'
            table.note("anchor", message, f"write one of {listed(sorted(KINDS[kind].exemption_anchors))}")
    if anchor == "decided" and effect == "extend":
        message = f'{table.name_of("anchor")} is "decided", which an extension would move'
        table.note("anchor", message, "write another time, such as due or paid")


def _check_extension(table: Table, effect: Effect | None, used: Collection[Kind]) -> None:
    """Exactly one of ``by`` and ``until``, and only to extend, and only what has a deadline (SEMANTICS E4)."""
    given = [key for key in ("by", "until") if key in table]
    if effect == "extend":
        for kind in sorted(kind for kind in used if not KINDS[kind].has_deadline):
            message = f'{table.name_of("effect")} is "extend", and {kind} has no deadline'
            table.note("effect", message, "choose another effect, or other metrics")
        if not given:
            table.missing("by", 'an extension says how far: write by = "24h", or until and a time')
        if len(given) == 2:
            message = f"{table.label} says both by and until"
            table.note("until", message, "leave one of them")
    elif effect:
        for key in given:
            table.note(
                key,
                f'{table.name_of(key)} does not go with "{effect}"',
                'leave it out, or write effect = "extend"',
            )
