"""`shopwatch config`: which settings are in force here, and where does each of them come from?"""

import difflib
from collections.abc import Mapping, Sequence

import orjson
import typer

from stream.cli.config.given import Given
from stream.cli.config.names import ELSEWHERE, FILE, PREFIX
from stream.cli.config.reading import DEFAULT, Value
from stream.cli.options import Json
from stream.cli.saying import say
from stream.cli.tables import new_table, print_table

COMMAND = "config"
HIDDEN = "(hidden)"


def config(context: typer.Context, json: Json = False) -> None:  # noqa: FBT002 - a flag
    """Show the settings in force: variables of the environment over a file over defaults; secrets are hidden.

    Exit code 2 with a line for each mistake, where they cannot be used.
    """
    given = context.ensure_object(Given)
    values = given.in_force.values()
    given.security()  # what does not fit together is no setting in force
    for line in _unknown(given.environ, values):
        say(COMMAND, line)
    if json:
        for value in values:
            typer.echo(orjson.dumps(_document(value)))
    else:
        _print(values)


def _print(values: Sequence[Value]) -> None:
    table = new_table("setting", "value", "from")
    for value in values:
        table.add_row(value.name, _shown(value), value.origin)
    print_table(table, "")


def _shown(value: Value) -> str:
    if value.secret:
        return "" if value.origin == DEFAULT else HIDDEN
    if isinstance(value.value, list):
        return ", ".join(value.value)
    return "" if value.value is None else str(value.value)


def _document(value: Value) -> Mapping[str, object]:
    """``value`` is null of what nobody has set, and of a secret, which is ``set`` or not."""
    return {
        "name": value.name,
        "variable": value.variable,
        "value": value.value,
        "from": value.origin,
        "secret": value.secret,
        "set": value.origin != DEFAULT,
    }


def _unknown(environ: Mapping[str, str], values: Sequence[Value]) -> Sequence[str]:
    """Variables that look like settings and are none; they may be somebody else's, so they are no mistake."""
    known = {value.variable for value in values}
    known |= {value.variable + FILE.upper() for value in values if value.secret} | ELSEWHERE
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    close = {name: difflib.get_close_matches(name, known, 1, 0.8) for name in strange}
    return [f"{name} is no setting; did you mean {near[0]}?" for name, near in close.items() if near]
