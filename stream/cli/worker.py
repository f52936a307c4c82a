"""`shopwatch worker`: the live host, one process of as many as there are partitions to share."""

from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix, address
from stream.cli.policy_files import policies_or_exit
from stream.ops.logs import Log, new_log
from stream.policy.durations import milliseconds
from stream.policy.spec import PolicySet
from stream.worker.clock import now_ms
from stream.worker.live import compiled, live_parts
from stream.worker.run import run
from stream.worker.settings import Group, Settings, Topics, Transactions
from topics.times import TimeError, parse_time

Policies = Annotated[
    list[Path],
    typer.Option(
        "--policy",
        envvar="SHOPWATCH_POLICY",
        exists=True,
        dir_okay=False,
        help="A policy file; repeat it for further versions (in the variable: with colons).",
    ),
]
Until = Annotated[str | None, typer.Option(help="Where a drain ends, included: RFC 3339 with an offset.")]


class ClockName(Enum):
    """Where time comes from when nothing is read."""

    REAL = "real"
    EVENTS = "events"


class FormName(Enum):
    """How the log is written."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class PartitionerName(Enum):
    """How producers choose a partition."""

    MURMUR2 = "murmur2"
    CRC32 = "crc32"
    ANY = "any"


def worker(  # noqa: PLR0913, PLR0917 - one parameter an option
    policy: Policies,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    group: Annotated[
        str, typer.Option(envvar="SHOPWATCH_GROUP", help="Workers of one group share the partitions.")
    ] = "shopwatch",
    topic_prefix: TopicPrefix = "",
    lateness: Annotated[
        str,
        typer.Option(
            envvar="SHOPWATCH_LATENESS", help="How much older than the newest of its topic an event may be."
        ),
    ] = "10s",
    max_ahead: Annotated[
        str,
        typer.Option(
            envvar="SHOPWATCH_MAX_AHEAD",
            help="Events further ahead of real time go to the dead letters (--clock real).",
        ),
    ] = "1d",
    clock: Annotated[
        ClockName,
        typer.Option(
            envvar="SHOPWATCH_CLOCK",
            help="When all is read, time goes on (real), or stands still (events: for recordings).",
        ),
    ] = ClockName.REAL,
    http: Annotated[
        str | None,
        typer.Option(
            envvar="SHOPWATCH_HTTP",
            help="Serve /livez, /readyz and /metrics: HOST:PORT; without a host on loopback only.",
        ),
    ] = None,
    drain: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--drain", help="Read what is there, decide all of it, and end.")
    ] = False,
    until: Until = None,
    rates_per_second: Annotated[
        int,
        typer.Option(
            envvar="SHOPWATCH_RATES_PER_SECOND",
            min=1,
            help="So many documents of rates are written a second at most.",
        ),
    ] = 2_000,
    worst_shops: Annotated[
        int,
        typer.Option(
            envvar="SHOPWATCH_WORST_SHOPS",
            min=0,
            help="So many shops are shown by name in /metrics, of each metric and window.",
        ),
    ] = 50,
    partitioner: Annotated[
        PartitionerName,
        typer.Option(
            envvar="SHOPWATCH_PARTITIONER",
            help="How producers choose a partition; others' keys are dead letters.",
        ),
    ] = PartitionerName.MURMUR2,
    rewrite_history: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option(
            "--rewrite-history", help="Accept a policy that changes the past; it is judged at the clock."
        ),
    ] = False,
    session_timeout: Annotated[
        str,
        typer.Option(envvar="SHOPWATCH_SESSION_TIMEOUT", help="A worker silent for so long is replaced."),
    ] = "20s",
    linger: Annotated[
        str | None,
        typer.Option(
            envvar="SHOPWATCH_LINGER",
            help="A transaction waits so long for more; default 20ms, 50ms from 16 partitions up.",
        ),
    ] = None,
    log: Annotated[
        FormName,
        typer.Option(
            envvar="SHOPWATCH_LOG", help="What it says: JSON lines, or sentences (auto: those on a terminal)."
        ),
    ] = FormName.AUTO,
) -> None:
    """Watch every shop of the partitions that the group gives this worker, until told to stop (SIGTERM)."""
    if until is not None and not drain:
        raise typer.BadParameter("it says where a drain ends: give --drain too", param_hint="--until")
    session_s = _duration("--session-timeout", session_timeout) / 1000
    settings = Settings(
        policies=policy,
        bootstrap=bootstrap,
        group=Group(group, session_timeout_s=session_s, heartbeat_s=min(1.0, session_s / 6)),
        topics=Topics(topic_prefix),
        transactions=Transactions(linger_ms=None if linger is None else _duration("--linger", linger)),
        lateness_ms=_duration("--lateness", lateness),
        max_ahead_ms=_duration("--max-ahead", max_ahead),
        clock=clock.value,
        partitioner=partitioner.value,
        drain=drain,
        until_ms=None if until is None else _instant(until),
        rewrite_history=rewrite_history,
        rates_per_second=rates_per_second,
        worst_shops=worst_shops,
        http=None if http is None else address("--http", http),
        log=log.value,
    )
    told = new_log("worker", settings.log, now_ms)
    parts = live_parts(policies_or_exit(policy, told.error), rewrite=rewrite_history)
    _begin(settings, parts.succession.policy, told)
    run(settings, parts)


def _begin(settings: Settings, policy: PolicySet, told: Log) -> None:
    made = "compiled" if compiled() else "not compiled"
    told.info(
        f"begins; the engine is {made}",
        version=version("shopwatch"),
        kafka=str(settings.bootstrap),
        group=settings.group.name,
        policy=policy.name,
        digest=policy.digest[:12],
    )


def _duration(option: str, text: str) -> int:
    length = milliseconds(text)
    if length is None:
        raise typer.BadParameter(f"{text!r} is not a duration such as 10s or 1d12h", param_hint=option)
    return length


def _instant(text: str) -> int:
    try:
        return parse_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from None
