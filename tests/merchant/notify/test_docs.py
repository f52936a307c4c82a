"""Does docs/notify.md say what the code has?"""

from pathlib import Path

from typer.main import get_command

from stream.cli.notify.command import app
from stream.merchant.notify.chat import SERVICES

OF_TYPER = ("--help", "--install-completion", "--show-completion")
TEXT = (Path(__file__).parents[3] / "docs" / "notify.md").read_text("utf-8")


def test_every_option_has_its_row() -> None:
    options = [
        name for parameter in get_command(app).params for name in parameter.opts if name.startswith("--")
    ]
    assert [name for name in options if f"| `{name}" not in TEXT and name not in OF_TYPER] == []


def test_every_command_and_every_service_is_named() -> None:
    assert [name for name in get_command(app).commands if f"shopwatch notify {name}" not in TEXT] == []  # type: ignore[attr-defined]
    assert [service for service in SERVICES if f"`{service}://" not in TEXT] == []
