"""`shopwatch topics`: are the topics there, and as the contract has them?"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from stream.admin import schemas
from stream.admin.cluster import Cluster
from stream.admin.errors import AdminError
from stream.admin.plan import Difference, Found, differences, plan_of
from stream.cli.connecting import once_kafka_answers
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import errors_in_one_line
from stream.kafka.access import Access
from topics.catalogue import TOPICS
from topics.settings import TopicSettings

COMMAND = "topics"
PARTITIONS = 4

app = typer.Typer(no_args_is_help=True, help="Create, list or describe the topics.")

Partitions = Annotated[int, typer.Option(min=1, help="How many each has; a shop lives in one of them.")]
Replication = Annotated[int, typer.Option(min=1, help="On how many brokers each partition lies.")]
Out = Annotated[Path, typer.Option(file_okay=False, help="Where the files are.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing: exit with 1 and name what is stale.")]


@app.command()
def create(
    partitions: Partitions = PARTITIONS,
    replication: Replication = 1,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Make what is missing, and put right the settings of what is there; fine where all is as it should be."""
    with errors_in_one_line(COMMAND, AdminError):
        asyncio.run(_create(bootstrap, topic_prefix, partitions, replication))


@app.command("list")
def show(bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = "") -> None:
    """Show each topic: its partitions, its settings and why, and whether the broker's is like that."""
    with errors_in_one_line(COMMAND, AdminError):
        found = asyncio.run(_found(bootstrap, topic_prefix))
        for topic in TOPICS:
            typer.echo("\n".join(_described(topic_prefix, topic, found.get(topic.name))))


@app.command()
def schema(out: Out = Path("docs/schemas"), check: Check = False) -> None:  # noqa: FBT002 - a flag
    """Write a JSON Schema for each type of record, and one AsyncAPI document; needs no Kafka."""
    with errors_in_one_line(COMMAND, AdminError):
        if check:
            schemas.check(out)
        else:
            for name in schemas.write(out):
                typer.echo(f"wrote {out / name}")


async def _create(bootstrap: Access, prefix: str, partitions: int, replication: int) -> None:
    async with await _cluster(bootstrap, prefix) as cluster:
        names = [topic.name for topic in TOPICS]
        found = await cluster.found(names)
        plan = plan_of(TOPICS, found, partitions)
        made = await cluster.create(plan.missing, partitions, replication)
        for topic in made:
            typer.echo(f"made {prefix}{topic.name}, partitions {partitions}")
        if len(made) < len(plan.missing):  # somebody else made one meanwhile, maybe with other settings
            found = await cluster.found(names)
            plan = plan_of(TOPICS, found, partitions)
        for topic, differing in plan.differing:
            await cluster.change(topic, found[topic.name])
            typer.echo(f"changed {prefix}{topic.name}: {'; '.join(map(_change, differing))}")
        if not (made or plan.differing):
            typer.echo(f"all {len(TOPICS)} topics are there, as they should be")


async def _found(bootstrap: Access, prefix: str) -> Mapping[str, Found]:
    async with await _cluster(bootstrap, prefix) as cluster:
        return await cluster.found([topic.name for topic in TOPICS])


async def _cluster(bootstrap: Access, prefix: str) -> Cluster:
    quiet_libraries()
    return await once_kafka_answers(COMMAND, bootstrap, lambda: Cluster(bootstrap, prefix).open())


def _change(difference: Difference) -> str:
    return f"{difference.name} from {difference.found} to {difference.wanted}"


def _described(prefix: str, topic: TopicSettings, found: Found | None) -> Iterator[str]:
    differing = [] if found is None else differences(topic, found)
    yield f"{prefix}{topic.name}: {_state(found, differing)}"
    yield f"  {topic.carries}"
    wrong = {difference.name: difference.found for difference in differing}
    for name, setting in topic.settings.items():
        yield f"  {name} = {setting.value}" + (f", but is {wrong[name]}" if name in wrong else "")
        yield f"      {setting.why}"


def _state(found: Found | None, differing: Sequence[Difference]) -> str:
    if found is None:
        return "missing"
    return f"partitions {found.partitions}, " + (
        f"differs in {', '.join(difference.name for difference in differing)}"
        if differing
        else "as it should be"
    )
