"""Does docs/worker.md say what the worker has?"""

import inspect
from pathlib import Path

from typer.main import get_group

from stream.cli import ledger
from stream.cli.worker import worker

TEXT = (Path(__file__).parents[2] / "docs" / "worker.md").read_text("utf-8")


def test_every_option_has_its_row() -> None:
    options = {"--" + name.replace("_", "-") for name in inspect.signature(worker).parameters}
    assert {option for option in options if f"| `{option}" not in TEXT} == set()


def test_every_option_of_the_ledgers_commands_is_told() -> None:
    commands = get_group(ledger.app).commands.values()
    options = {
        name for command in commands for each in command.params for name in each.opts if name[:2] == "--"
    }
    assert {option for option in options - {"--help"} if f"`{option}" not in TEXT} == set()
    assert {"--everything", "--all"} <= options


def test_every_reason_of_the_hosts_own_has_its_row() -> None:
    for reason in ("wrong_partition", "from_the_future", "too_old"):
        assert f"| `{reason}` |" in TEXT
