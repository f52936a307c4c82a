"""`shopwatch ledger`: what does the worker's own topic hold, and how is what cannot be read of it made again?"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import orjson
import typer

from stream.cli.connecting import asking, once_kafka_answers
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.policy_files import policies_or_exit
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.cli.worker import PartitionerName, Policies
from stream.engine.alerts import document
from stream.engine.facts import Fact
from stream.engine.ledger import order_key, read_key, read_order, read_states, state_key
from stream.engine.order import PLACES, Order
from stream.engine.states import StateRecord
from stream.policy.spec import PolicySet
from stream.worker.errors import NoSuchPartitionError, WorkerError
from stream.worker.ledger import described, encode_clock, shown
from stream.worker.ledger_reading import Held, read_ledger
from stream.worker.ledger_repair import Repaired, rebuild
from stream.worker.observer import Observer
from stream.worker.preflight import check_topics
from stream.worker.settings import Group, Settings
from topics.times import rfc3339

COMMAND = "ledger"
LISTED = 20
"""So many orders that were given up are named; the others are counted."""

TIMES = {"at", "ship_by"}
"""Fields of facts that are times."""

app = typer.Typer(no_args_is_help=True, help="Look into the worker's own state, or make it again.")

Partition = Annotated[int | None, typer.Option(min=0, help="This partition only; default: all.")]


@app.command()
def inspect(
    shop: Annotated[
        str | None,
        typer.Argument(help="A shop, or the key of a record as it is shown: 0x...", show_default=False),
    ] = None,
    order: Annotated[str | None, typer.Argument(help="An order of the shop.", show_default=False)] = None,
    partition: Partition = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Say what each partition holds, and what of it cannot be read; of a shop or an order its record.  In JSON."""
    settings = asking(COMMAND, bootstrap, topic_prefix)
    with errors_in_one_line(COMMAND, WorkerError):
        held = asyncio.run(_read(settings, partition))
        if shop is None:
            for each in held:
                _print(_summary(each))
            _say_what_helps(held)
        else:
            for found in _records(held, shop, order):
                _print(found)


@asynccontextmanager
async def _observer(settings: Settings) -> AsyncIterator[Observer]:
    """One that is connected, once Kafka answers."""
    quiet_libraries()
    observer = await once_kafka_answers(COMMAND, settings.bootstrap, lambda: Observer(settings).__aenter__())
    try:
        yield observer
    finally:
        await observer.close()


async def _read(settings: Settings, partition: int | None) -> Sequence[Held]:
    async with _observer(settings) as observer:
        partitions = await check_topics(settings, observer)
        if partition is not None and partition >= partitions:
            raise NoSuchPartitionError(partition, partitions)
        found = await read_ledger(settings, range(partitions) if partition is None else [partition])
    return list(found.values())


def _print(found: Mapping[str, Any]) -> None:
    typer.echo(orjson.dumps(found))


def _summary(held: Held) -> Mapping[str, Any]:
    return {
        "partition": held.number,
        "clock": None if held.clock is None else orjson.loads(encode_clock(held.clock)),
        "orders": len(held.orders),
        "states": len(held.states),
        "unreadable": [
            {"key": shown(key), "what": described(key), "why": why} for key, why in held.unreadable.items()
        ],
    }


def _say_what_helps(held: Sequence[Held]) -> None:
    damaged = [each for each in held if each.unreadable]
    if damaged:
        count = sum(len(each.unreadable) for each in damaged)
        which = f"--partition {damaged[0].number}" if len(damaged) == 1 else "--all"
        say(
            COMMAND,
            f"{count} record{'s' if count > 1 else ''} cannot be read; make {'them' if count > 1 else 'it'} again from "
            f"the events with `shopwatch ledger rebuild {which} --policy FILE`",
        )


# -- one shop, one order, one key


def _records(held: Sequence[Held], shop: str, order: str | None) -> Sequence[Mapping[str, Any]]:
    if order is None:
        found = [one for each in held for one in _of_key(each, _typed(shop)) or _of_shop(each, shop)]
    else:
        found = [one for each in held for one in _of_key(each, order_key(shop, order))]
    if not found:
        what = f"shop {shop}" if order is None else f"order {order} of shop {shop}"
        raise CommandError(f"the ledger holds nothing of {what}; what cannot count any more is deleted")
    return found


def _typed(text: str) -> bytes:
    """The key that was typed as it is shown; none if it is something else."""
    try:
        return bytes.fromhex(text.removeprefix("0x")) if text.startswith("0x") else b""
    except ValueError:
        return b""


def _of_key(held: Held, key: bytes) -> Sequence[Mapping[str, Any]]:
    """The record of this key, if it is in this partition."""
    if key in held.unreadable:
        found = {"key": shown(key), "what": described(key), "unreadable": held.unreadable[key]}
        return [{"partition": held.number, **found}]
    if key in held.orders:
        shop, order = read_key(key)
        facts = _facts(read_order(key, held.orders[key]))
        return [{"partition": held.number, "shop_id": shop, "order_id": order, "facts": facts}]
    if key in held.states:
        return _of_shop(held, read_key(key)[0])
    return []


def _of_shop(held: Held, shop: str) -> Sequence[Mapping[str, Any]]:
    """The states of its tiers that are not inactive, and which orders are known of it."""
    key = state_key(shop)
    if key in held.unreadable:
        return _of_key(held, key)
    orders = [order for known, order in map(read_key, held.orders) if known == shop]
    if not orders and key not in held.states:
        return []
    states = [_state(record) for record in read_states(key, held.states[key])] if key in held.states else []
    return [{"partition": held.number, "shop_id": shop, "states": states, "orders": orders}]


def _facts(order: Order) -> Mapping[str, Any]:
    """An order's record: each kind of fact that there is."""
    kinds: Mapping[str, Any] = dict(zip(PLACES, order.fields(), strict=True))
    return {
        name: [_fact(each) for each in found] if isinstance(found, tuple) else _fact(found)
        for name, found in kinds.items()
        if found
    }


def _fact(fact: Fact) -> Mapping[str, Any]:
    return {
        name: rfc3339(value) if name in TIMES and value is not None else value
        for name, value in fact.told().items()
    }


def _state(record: StateRecord) -> Mapping[str, Any]:
    state = record.state
    return {
        "rule": record.rule,
        "severity": record.severity,
        "pending_since": _time(state.pending_since),
        "clear_since": _time(state.clear_since),
        "clear_because": state.clear_because,
        "alert": None if state.alert is None else document(state.alert, None),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


# -- made again


@app.command(name="rebuild")
def rebuild_command(  # noqa: PLR0913, PLR0917 - one parameter an option
    policy: Policies,
    partition: Annotated[int | None, typer.Option(min=0, help="The partition to repair.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Repair all partitions.")] = False,  # noqa: FBT002 - a flag
    everything: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--everything", help="Make also that again which can be read.")
    ] = False,
    group: Annotated[
        str, typer.Option(envvar="SHOPWATCH_GROUP", help="The group of the ledger; no worker of it may run.")
    ] = "shopwatch",
    partitioner: Annotated[
        PartitionerName, typer.Option(help="How producers choose a partition; other records are left out.")
    ] = PartitionerName.MURMUR2,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Make what cannot be read of the ledger again, from the events as far as they are kept."""
    if every == (partition is not None):
        raise typer.BadParameter("give either --partition N or --all", param_hint="--partition")
    settings = replace(
        asking(COMMAND, bootstrap, topic_prefix),
        policies=policy,
        group=Group(group),
        partitioner=partitioner.value,
    )
    numbers = None if partition is None else [partition]
    with errors_in_one_line(COMMAND, WorkerError):
        asyncio.run(
            _rebuild(
                settings, policies_or_exit(policy, partial(say, COMMAND)), numbers, everything=everything
            )
        )


async def _rebuild(
    settings: Settings, policy: PolicySet, numbers: Sequence[int] | None, *, everything: bool
) -> None:
    async with _observer(settings) as observer:
        await rebuild(settings, observer, policy, numbers, _tell, everything=everything)


def _tell(repaired: Repaired) -> None:
    where = f"partition {repaired.partition}"
    made = [_count(repaired.orders, "order"), _count(repaired.states, "shop's states", "shops' states")]
    made += ["the clock"] if repaired.clock else []
    if repaired.orders or repaired.states or repaired.clock:
        made_again = ", ".join(filter(None, made))
        typer.echo(f"{where}: {made_again} made again from {repaired.events} events")
    elif not (repaired.given_up or repaired.deleted):
        typer.echo(f"{where}: nothing to make again")
    for what in repaired.deleted:
        say(COMMAND, f"{where}: {what} is nobody's, and was deleted")
    for what in repaired.given_up[:LISTED]:
        say(COMMAND, f"{where}: {what} is unknown from now on: not all events that it was made of are kept")
    if len(repaired.given_up) > LISTED:
        say(COMMAND, f"{where}: and so are {len(repaired.given_up) - LISTED} orders more")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}" if number else ""
