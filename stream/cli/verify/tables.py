"""How does it look on a terminal what was verified?"""

from collections.abc import Mapping, Sequence

import typer
from rich.table import Table

from stream.backtest.verify.documents import Answer, what
from stream.backtest.verify.verifying import Explained, Reason
from stream.cli.tables import new_table, print_table
from topics.times import rfc3339

MOST_DIFFERENCES = 20

_SAYS: Mapping[Reason, str] = {
    "late": "judged as the facts came, some behind the clock, the live answer comes out",
    "policy": "the policy set that was in force is not on record any more",
    "restart": "left by workers before the group's ledger began anew",
    "gap": "hangs on events that are not kept any more, or on what was before --from",
    "unexplained": "nothing that is recorded says why",
}


def show(answer: Answer) -> None:
    """All tables, on standard output."""
    typer.echo(
        f"{answer.name}: {answer.events} events of {answer.shops} shops replayed up to the clock of each partition\n"
    )
    print_table(_partitions(answer), "")
    print_table(_counts(answer), "")
    differing = answer.differing
    if differing:
        print_table(_differences(differing[:MOST_DIFFERENCES]), "")
    if len(differing) > MOST_DIFFERENCES:
        typer.echo(f"and {len(differing) - MOST_DIFFERENCES} more: --json has all of them, with both alerts")
    typer.echo(_sentence(answer))


def _partitions(answer: Answer) -> Table:
    table = new_table("partition", "decided up to", "policies since", right=("events", "equal", "differ"))
    for left, found in zip(answer.lefts, answer.found, strict=True):
        policies = [
            f"{each.policy.digest[:12]} {'the beginning' if each.since is None else rfc3339(each.since)}"
            for each in left.policies
        ]
        table.add_row(
            str(found.partition),
            "nothing yet" if found.decided is None else rfc3339(found.decided),
            "\n".join(policies),
            *map(str, (found.events, found.equal, len(found.differing))),
        )
    return table


def _counts(answer: Answer) -> Table:
    table = new_table("alerts", right=("",))
    table.add_column("")
    table.add_row("equal", str(answer.equal), "in all fields but emitted_at")
    for reason, count in answer.counts.items():
        if count:
            table.add_row(reason, str(count), _SAYS[reason])
    if answer.ahead:
        table.add_row("ahead", str(answer.ahead), "written while this was read; not compared")
    return table


def _differences(differing: Sequence[Explained]) -> Table:
    table = new_table("fired", "shop", "rule", "severity", "what", "reason", "why")
    for difference, because in differing:
        fields = f" in {', '.join(difference.fields)}" if difference.fields else ""
        table.add_row(
            rfc3339(difference.fired_at),
            *difference.tier,
            what(difference) + fields,
            because.reason,
            because.text,
        )
    return table


def _sentence(answer: Answer) -> str:
    differing, unexplained = len(answer.differing), answer.counts["unexplained"]
    if not differing:
        return f"all {answer.equal} alerts are equal"
    said = "each of them is explained" if not unexplained else f"{unexplained} of them have no explanation"
    return f"{differing} of {answer.equal + differing} alerts differ; {said}"
