"""What docs/deploy.md says that each program needs to be allowed, as Kafka is told it."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from tests.house.tree import ROOT
from topics.catalogue import INPUTS, TOPICS

TOPIC, GROUP, TRANSACTIONAL_ID = 2, 3, 5
READ, WRITE, DESCRIBE, DESCRIBE_SETTINGS = 3, 4, 8, 10
LITERAL, PREFIXED = 3, 4
ALLOW = 3
"""Kafka's own numbers."""

ROWS = {
    "read": (TOPIC, READ),
    "write": (TOPIC, WRITE),
    "describe, beside those": (TOPIC, DESCRIBE),
    "describe settings": (TOPIC, DESCRIBE_SETTINGS),
}


class Right(NamedTuple):
    """One entry of a list of what is allowed."""

    kind: int
    name: str
    operation: int
    pattern: int = LITERAL


def documented() -> dict[str, dict[str, str]]:
    """The cells of the table, by the program and the row's name."""
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    (table,) = re.findall(r"(?m)^\| \| worker \|.*\n\| ---.*\n((?:\|.*\n)+)", text)
    (head,) = re.findall(r"(?m)^\| \| (worker \|.*) \|$", text)
    rows = [[cell.strip() for cell in line.strip("|\n ").split(" | ")] for line in table.splitlines()]
    programs = [name.strip() for name in head.split("|")]
    return {
        program: {row[0].strip("| "): row[number + 1] for row in rows}
        for number, program in enumerate(programs)
    }


def rights_of(program: str, prefix: str, group: str) -> set[Right]:
    """All that the table says of a program."""
    cells = documented()[program]
    rights = {
        Right(kind, prefix + topic, operation)
        for row, (kind, operation) in ROWS.items()
        for topic in _topics(cells[row])
    }
    if cells["group"] != "none":
        rights.add(Right(GROUP, group, {"read": READ, "describe": DESCRIBE}[cells["group"].split()[0]]))
    if cells["transactional ids"] != "none":
        assert cells["transactional ids"] == "write `GROUP-*`"
        rights.add(Right(TRANSACTIONAL_ID, f"{group}-", WRITE, PREFIXED))
    return rights


def _topics(cell: str) -> Iterator[str]:
    if cell == "all topics":
        yield from (topic.name for topic in TOPICS)
    for name in re.findall(r"`([^`]+)`", cell):
        yield from [f"{topic}.dlt" for topic in INPUTS] if name == "<topic>.dlt" else [name]


async def grant(address: str, user: str, rights: Iterable[Right]) -> None:
    """Allow a user so much and, where nobody else is told anything of it, nothing else."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        for right in rights:
            request = CreateAclsRequest(
                right.kind, right.name, right.pattern, f"User:{user}", "*", right.operation, ALLOW
            )
            answer = await admin._send_request(request)
            assert [code for code, _ in answer.creation_responses] == [0]
    finally:
        await admin.close()
