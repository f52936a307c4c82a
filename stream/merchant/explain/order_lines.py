"""How is the story of an order told?  Lines of plain text."""

from collections.abc import Iterator

from stream.engine.facts import Fact
from stream.merchant.explain.known import Known
from stream.merchant.explain.order import OrderStory, Standing, counts_for_nothing
from stream.merchant.explain.steps import Change, Step
from stream.merchant.explain.windows import Stay
from stream.merchant.explain.words import (
    STATES,
    alert_in_words,
    decided_in_words,
    duty_in_words,
    fact_in_words,
    move_in_words,
    name_of,
)
from stream.policy.durations import duration_text, duration_words


def order_lines(story: OrderStory) -> Iterator[str]:
    """Its facts with what each did, then where it stands."""
    known = story.known
    yield f"order {story.order_id} of shop {known.shop}{_paid_under(story)}"
    yield decided_in_words(known)
    yield ""
    for step in story.steps:
        yield from _step(story, step)
    if story.ahead:
        yield ""
        yield "known, but ahead of what is decided:"
        yield from (f"  {known.says(fact.at)}  {fact_in_words(fact, known.says)}" for fact in story.ahead)
    if story.standings or story.left_out:
        yield ""
        yield "where it stands:"
        for standing in story.standings:
            yield from _standing(known, standing)
        if story.left_out and story.order.paid is not None:
            yield f"  {', '.join(story.left_out)}: {story.order.paid.goods} goods are not counted"
    yield ""
    yield from _named_by(story)


def _paid_under(story: OrderStory) -> str:
    if story.order.paid is None:
        return ", not paid as far as is known: nothing is decided of it"
    if story.version is None:
        return f", paid before the first version of policy {story.known.policy.name}: it is not judged"
    return f", paid under version {story.version.version} of policy {story.known.policy.name}"


def _step(story: OrderStory, step: Step) -> Iterator[str]:
    said = [_fact(story, fact) for fact in step.facts]
    said += [move_in_words(metric, move) for metric, move in step.moves.items()]
    said += [_change(story.known, change) for change in step.changes]
    if not step.facts:
        said = [f"{_silence(story, step)}", *said]
    stamp = story.known.says(step.at)
    for number, line in enumerate(said):
        indent = "" if number < max(1, len(step.facts)) else "  "
        yield f"{stamp if number == 0 else ' ' * len(stamp)}  {indent}{line}"


def _silence(story: OrderStory, step: Step) -> str:
    """No fact is dated so: an exemption is published, or a deadline passes."""
    published = [each.id for each in story.known.policy.exemptions if each.published_at == step.at]
    return f"exemption published: {', '.join(published)}" if published else "a deadline passed"


def _fact(story: OrderStory, fact: Fact) -> str:
    said = fact_in_words(fact, story.known.says)
    if story.version is None or not counts_for_nothing(story.known, story.order, fact):
        return said
    return f"{said}; counts for nothing, more than {duration_words(story.version.keep)} after the payment"


def _change(known: Known, change: Change) -> str:
    before, after = change
    if after is None:
        return f"{'' if before is None else name_of(before)}: not judged any more"
    was = "" if before is None or before.state in {"open", after.state} else f" (was {STATES[before.state]})"
    return f"{name_of(after)}: {duty_in_words(after, known.says)}{was}"


def _standing(known: Known, standing: Standing) -> Iterator[str]:
    account = standing.account
    yield f"  {name_of(account)}: {duty_in_words(account, known.says)}"
    held = [f"{each.id} ({each.effect})" for each in account.duty.held]
    yield f"    exemptions that hold: {', '.join(held) or 'none'}"
    deadline, promised = account.duty.deadline, account.duty.promised
    if deadline is not None and promised is not None:
        moved = f", {account.duty.extension(known.says)}" if deadline != promised else ""
        yield f"    deadline: {known.says(deadline)}{moved}"
    for unit in account.units:
        yield f"    placed at {known.says(unit.place)}{'' if unit.counted else ' (the mark)'}"
    yield from (f"    {_stay(known, stay)}" for stay in standing.stays)


def _stay(known: Known, stay: Stay) -> str:
    which = f"{stay.rule} ({', '.join(stay.severities)}; {duration_text(stay.length)})"
    if stay.spared:
        return f"{which}: not counted there, for these are penalties"
    if stay.now:
        return f"{which}: counted until {known.says(stay.leaves)}"
    if known.clock is not None and stay.enters > known.clock:
        return f"{which}: counted from {known.says(stay.enters)} until {known.says(stay.leaves)}"
    return f"{which}: counted until {known.says(stay.leaves)}, not any more"


def _named_by(story: OrderStory) -> Iterator[str]:
    if not story.alerts:
        yield "no alert names it as evidence"
    for alert in story.alerts:
        yield f"evidence of alert {alert.alert_id}: {alert_in_words(story.known, alert)}"
