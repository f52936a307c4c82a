"""What was a command given beside its options?  Read when it is first asked for: most commands need none of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from typer.core import TyperCommand, TyperGroup

from stream.cli.config.names import CONFIG, LOG, OWN_FILE, says_security
from stream.kafka.access import Security
from stream.ops.logs import Form

if TYPE_CHECKING:
    from stream.cli.config.reading import InForce


@dataclass(slots=True)
class Given:
    """The environment, and a file of settings, if there is one."""

    environ: Mapping[str, str]
    file: Path | None
    _in_force: "InForce | None" = field(default=None, repr=False)

    @property
    def in_force(self) -> "InForce":
        """All settings; raises MistakenSettingsError."""
        if self._in_force is None:
            # pydantic takes a third of a second, which a command without such settings need not wait for.
            from stream.cli.config.reading import read  # noqa: PLC0415 - see above

            self._in_force = read(self.environ, self.file)
        return self._in_force

    def security(self) -> Security:
        """How Kafka is spoken to; raises MistakenSettingsError."""
        if self.file is None and not any(map(says_security, self.environ)):
            return Security()
        return self.in_force.security()

    def log(self) -> str | None:
        """How the file would have services log, if it says so; raises MistakenSettingsError, of a mistaken variable, too."""
        mistaken = self.environ.get(LOG, "") not in ("", *get_args(Form))
        return self.in_force.from_file().get(LOG) if mistaken or self.file is not None else None

    def defaults(self, command: TyperCommand | TyperGroup) -> Mapping[str, Any]:
        """What the file says for the options of ``command``, and of those below it, in the shape of click's default map.

        An option is that setting whose variable it names, so command line, environment, file and default go before one
        another by click's own rules.  Raises MistakenSettingsError.
        """
        return {} if self.file is None else _of(command, self.in_force.from_file())


def found(named: Path | None, environ: Mapping[str, str]) -> Given:
    """Settings for a command: of the file that is ``named``, or of the one that lies where the command was started."""
    here = Path(OWN_FILE)
    return Given(environ, named or (here if here.is_file() else None))


def without_settings(environ: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which a file of settings, and what protects another Kafka, play no part."""
    kept = {name: value for name, value in environ.items() if not says_security(name)}
    return {**kept, CONFIG: os.devnull}


def _of(command: object, values: Mapping[str, Any]) -> dict[str, Any]:
    options = command.params if isinstance(command, TyperCommand | TyperGroup) else []
    own = {
        option.name: values[option.envvar]
        for option in options
        if option.name and isinstance(option.envvar, str) and option.envvar in values
    }
    below = command.commands if isinstance(command, TyperGroup) else {}
    return {**own, **{name: _of(one, values) for name, one in below.items()}}
