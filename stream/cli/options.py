"""Which options do several commands share, and what do they accept?"""

from typing import Annotated

import typer

DEFAULT_BOOTSTRAP = "127.0.0.1:9092"


def addresses(text: str) -> str:
    """Where Kafka is: HOST:PORT, or several with commas; raises typer's BadParameter."""
    for address in text.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536):
            raise typer.BadParameter(f"{address!r} is not HOST:PORT")
    return text


Bootstrap = Annotated[
    str,
    typer.Option(
        envvar="SHOPWATCH_BOOTSTRAP", callback=addresses, help="Kafka, HOST:PORT; several with commas."
    ),
]
TopicPrefix = Annotated[
    str,
    typer.Option(envvar="SHOPWATCH_TOPIC_PREFIX", help="Stands before every topic's name."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
