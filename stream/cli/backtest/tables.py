"""How does a backtest look on a terminal?"""

from collections.abc import Iterator, Sequence

import typer
from rich.table import Table

from stream.backtest.accuracy import Accuracy
from stream.backtest.answer import Answer, Explained, Side
from stream.backtest.comparing import WORDS
from stream.backtest.reasons import Seen, Why
from stream.backtest.span import date_of
from stream.cli.tables import new_table, print_table
from stream.policy.durations import duration_text

MOST_CHANGES = 20
MOST_CLASSES = 8
MOST_SETTINGS = 4

_SAYS = {
    "added": "fire under the candidate only",
    "removed": "fired under the baseline only",
    "earlier": "fire earlier",
    "later": "fire later",
    "longer": "fire for longer",
    "shorter": "fire for less long",
    "unchanged": "the same under both",
    "added_before": "already firing at --from, under the candidate only",
    "removed_before": "already firing at --from, under the baseline only",
}


def show(answer: Answer) -> None:
    """All tables, on standard output."""
    typer.echo(_heading(answer))
    print_table(_settings(answer), "the policies say the same at the end of the range")
    print_table(_diff(answer), "")
    print_table(_summary(answer), "")
    print_table(_accuracy(answer), "")
    for name in answer.breakdown:
        print_table(_breakdown(answer, name), "no shops")
    changed = [each for each in answer.changes if each.change.changed]
    print_table(_changes(answer, changed[:MOST_CHANGES]), "nothing changes")
    if len(changed) > MOST_CHANGES:
        typer.echo(f"and {len(changed) - MOST_CHANGES} more")
    if changed:
        typer.echo("--html, --csv and --json have all of them, each with why")


def _heading(answer: Answer) -> str:
    known, span = answer.known, answer.span
    return (
        f"{answer.recording}: {known.events} events of {len(answer.profiles)} shops, compared {span.local(answer.zone)}; "
        f"{answer.touched} shops touched\n"
    )


def _settings(answer: Answer) -> Table:
    table = new_table("setting", right=("baseline", "candidate"))
    for setting in answer.settings:
        table.add_row(*setting)
    return table


def _diff(answer: Answer) -> Table:
    table = new_table("alerts", right=("",))
    table.add_column("")
    for word in WORDS:
        if answer.words[word] or not word.endswith("_before"):
            table.add_row(word.replace("_", " "), str(answer.words[word]), _SAYS[word])
    return table


def _summary(answer: Answer) -> Table:
    table = new_table("", right=("baseline", "candidate"))
    for name, *values in _rows(answer.baseline, answer.candidate):
        table.add_row(name, *values)
    return table


def _rows(*sides: Side) -> Iterator[Sequence[str]]:
    every = [side.summary for side in sides]
    yield ("alerts fired", *(str(one.alerts) for one in every))
    yield ("firing before --from", *(str(one.firing_before) for one in every))
    yield ("firing at the end", *(str(one.firing_at_end) for one in every))
    yield ("shops alerted", *(str(one.shops) for one in every))
    yield ("alerts a shop-day", *(f"{one.alerts_a_shop_day:.6f}" for one in every))
    yield ("flaps", *(str(one.flaps) for one in every))
    yield ("time in breach", *(short(one.in_breach_ms) for one in every))


def _accuracy(answer: Answer) -> Table:
    title = "against cohorts" if answer.labels == "cohorts" else "against labels"
    table = new_table(title, right=("baseline", "candidate"))
    both = answer.baseline.accuracy, answer.candidate.accuracy
    table.add_row("precision", *map(precision, both))
    table.add_row("recall", *map(recall, both))
    table.add_row("delay (median)", *(short(one.delay_ms) for one in both))
    table.add_row("lead time (median)", *(short(one.lead_ms) for one in both))
    return table


def precision(accuracy: Accuracy) -> str:
    """With what it is the share of."""
    return _share(accuracy.precision, accuracy.right, accuracy.judged)


def recall(accuracy: Accuracy) -> str:
    """With what it is the share of."""
    return _share(accuracy.recall, accuracy.found, accuracy.incidents)


def _share(share: float | None, part: int, whole: int) -> str:
    return f"none (0 of {whole})" if share is None else f"{share:.1%} ({part} of {whole})"


def _breakdown(answer: Answer, name: str) -> Table:
    table = new_table(
        name, right=("shops", "touched", "baseline", "candidate", "added", "removed", "otherwise")
    )
    classes = answer.breakdown[name]
    for each in classes[:MOST_CLASSES]:
        added, removed = each.words["added"], each.words["removed"]
        otherwise = each.changed - added - removed
        numbers = (each.shops, each.touched, each.baseline, each.candidate, added, removed, otherwise)
        table.add_row(each.name, *map(str, numbers))
    if len(classes) > MOST_CLASSES:
        table.add_row(f"and {len(classes) - MOST_CLASSES} more", *[""] * 7)
    return table


def _changes(answer: Answer, changed: Sequence[Explained]) -> Table:
    table = new_table("day", "shop", "rule", "severity", "what", "settings", "seen")
    for each in changed:
        change = each.change
        settings = {setting.name: setting for why in each.why for setting in why.settings}
        said = [f"{one.name} {one.baseline} → {one.candidate}" for one in settings.values()]
        more = [f"and {len(said) - MOST_SETTINGS} more"] if len(said) > MOST_SETTINGS else []
        table.add_row(
            date_of(change.at, answer.zone),
            *change.tier,
            ", ".join(change.words),
            "\n".join([*said[:MOST_SETTINGS], *more]),
            "\n".join(_seen(why) for why in each.why),
        )
    return table


def _seen(why: Why) -> str:
    """The rate that both saw when they parted, or both rates."""
    return " → ".join(dict.fromkeys(_rate(seen) for seen in (why.baseline, why.candidate)))


def _rate(seen: Seen | None) -> str:
    if seen is None:
        return "no tier"
    return seen.rate_text if seen.counted is None else f"{seen.rate_text} of {seen.counted}"


def short(length: int | None) -> str:
    """A length of time to the minute; of one below a minute all of it."""
    if length is None:
        return "none"
    if length < 0:
        return f"-{short(-length)}"
    return duration_text(length if length < 60_000 else length - length % 60_000)
