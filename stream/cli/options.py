"""Which options do several commands share, and what do they accept?"""

from dataclasses import replace
from typing import Annotated

import typer

from stream.cli.config.given import Given
from stream.kafka.access import HERE, Access

DEFAULT_BOOTSTRAP = HERE


def access(text: str) -> Access:
    """Where Kafka is: HOST:PORT, or several with commas; raises typer's BadParameter."""
    servers = str(text)  # a default comes as it is
    for address in servers.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536):
            raise typer.BadParameter(f"{address!r} is not HOST:PORT")
    return Access(servers)


def address(option: str, text: str) -> tuple[str, int]:
    """Where to serve, HOST:PORT, of an ``option``: on loopback without a host; raises typer's BadParameter."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal()) or int(port[:6]) > 65_535:
        raise typer.BadParameter(f"{text!r} is not HOST:PORT", param_hint=option)
    return host.strip("[]") or "127.0.0.1", int(port)


def secured(context: typer.Context, found: Access | None) -> Access | None:
    """The same with the security that is in force: no option says that, see docs/config.md."""
    given = context.find_object(Given)
    return found if found is None or given is None else replace(found, security=given.security())


Bootstrap = Annotated[
    Access,
    typer.Option(
        envvar="SHOPWATCH_BOOTSTRAP",
        parser=access,
        callback=secured,
        metavar="HOST:PORT",
        help="Kafka, HOST:PORT; several with commas.",
    ),
]
TopicPrefix = Annotated[
    str,
    typer.Option(envvar="SHOPWATCH_TOPIC_PREFIX", help="Stands before every topic's name."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
