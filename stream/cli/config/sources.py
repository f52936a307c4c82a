"""What do the environment and a file say of the settings, and where exactly?

Each source gives what it says in the shape of `Settings`, and remembers of every value where it stands.  A secret may lie in a
file of its own: ``sasl_password_file`` in a file of settings, SHOPWATCH_SASL_PASSWORD_FILE in the environment.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from stream.cli.config.names import FILE, variable
from stream.cli.config.settings import Settings
from stream.policy.locating import locate


class Name(NamedTuple):
    """A setting: its table, empty where it stands in none, and its key there."""

    table: str
    key: str

    def __str__(self) -> str:
        return ".".join(filter(None, self))

    @property
    def variable(self) -> str:
        """What it is called in the environment."""
        return variable(*self)


def fields() -> Mapping[Name, FieldInfo]:
    """Every setting there is, in the order in which they are declared."""
    return dict(_fields("", Settings))


def _fields(table: str, model: type[BaseModel]) -> Iterator[tuple[Name, FieldInfo]]:
    for key, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _fields(key, info.annotation)
        else:
            yield Name(table, key), info


def is_secret(info: FieldInfo) -> bool:
    """Whether a value must not be shown."""
    return SecretStr in (info.annotation, *get_args(info.annotation))


def _is_path(info: FieldInfo) -> bool:
    return Path in (info.annotation, *get_args(info.annotation))


def _is_list(info: FieldInfo) -> bool:
    return ... in get_args(info.annotation)


def _split(info: FieldInfo, value: str) -> list[str]:
    """As click splits the variable of an option: paths at colons, anything else at spaces."""
    return value.split(os.pathsep if _is_path(info) else None)


@dataclass(slots=True)
class Found:
    """What a source says: values and, in words, where each stands; and what is wrong with it."""

    values: dict[Name, Any] = field(default_factory=dict)
    origins: dict[Name, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def take(self, name: Name, value: Any, origin: str) -> None:
        """Keep a value."""
        self.values[name], self.origins[name] = value, origin

    def take_secret(self, name: Name, path: Path, origin: str) -> None:
        """Keep what stands in the file at ``path``, but for a line's end that an editor may have left."""
        if name in self.values:
            self.mistakes.append(f"{origin}: {name} is given twice, by value and by file; give one")
            return
        try:
            secret = path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            self.mistakes.append(f"{origin}: {path} cannot be read ({why})")
            return
        if not secret:
            self.mistakes.append(f"{origin}: {path} is empty")
            return
        self.take(name, secret, f"{origin} ({path})")

    def nested(self) -> dict[str, Any]:
        """The values in the shape of `Settings`."""
        shaped: dict[str, Any] = {}
        for (table, key), value in self.values.items():
            (shaped.setdefault(table, {}) if table else shaped)[key] = value
        return shaped


def in_environment(environ: Mapping[str, str]) -> Found:
    """What variables say; an empty one says nothing."""
    found = Found()
    for name, info in fields().items():
        if value := environ.get(name.variable):
            found.take(name, _split(info, value) if _is_list(info) else value, name.variable)
        by_file = name.variable + FILE.upper()
        if is_secret(info) and (path := environ.get(by_file)):
            found.take_secret(name, Path(path), by_file)
    return found


def in_file(path: Path) -> Found:
    """What a file of settings says; paths in it are seen from where it lies."""
    found = Found()
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        found.mistakes.append(f"{path} cannot be read ({error.strerror})")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found.mistakes.append(f"{path} is not TOML: {error}")
    else:
        _Document(path, found, {place: spot.line for place, spot in locate(text).items()}).take(document)
    return found


@dataclass(frozen=True, slots=True)
class _Document:
    path: Path
    found: Found
    lines: Mapping[tuple[str | int, ...], int]

    def take(self, document: Mapping[str, Any]) -> None:
        known = fields()
        tables = {name.table for name in known} - {""}
        for key, value in document.items():
            if key not in tables:
                self._take(
                    known, Name("", key), value, {name.key for name in known if not name.table} | tables
                )
            elif isinstance(value, Mapping):
                keys = {name.key for name in known if name.table == key}
                for inner, one in value.items():
                    self._take(known, Name(key, inner), one, keys)
            else:
                self.found.mistakes.append(f"{self._origin(Name('', key))}: {key} is a table: write [{key}]")

    def _take(self, known: Mapping[Name, FieldInfo], name: Name, value: Any, others: Iterable[str]) -> None:
        origin = self._origin(name)
        secret = Name(name.table, name.key.removesuffix(FILE))
        if name in known:
            self.found.take(name, self._seen_from_here(value) if _is_path(known[name]) else value, origin)
        elif secret in known and is_secret(known[secret]) and isinstance(value, str):
            self.found.take_secret(secret, self.path.parent / value, origin)
        else:
            self.found.mistakes.append(f"{origin}: {name} is no setting; {_meant(name.key, others)}")

    def _origin(self, name: Name) -> str:
        return f"{self.path}:{self.lines[tuple(filter(None, name))]}"

    def _seen_from_here(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._seen_from_here(each) for each in value]
        return str(self.path.parent / value) if isinstance(value, str) else value


def _meant(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, known, 1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"


class Source(PydanticBaseSettingsSource):
    """What was found, as pydantic-settings asks for it."""

    def __init__(self, settings: type[Settings], found: Found) -> None:
        super().__init__(settings)
        self._found = found

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's signature
        """The value of one setting or table of the top level."""
        return self._found.nested().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All of them."""
        return self._found.nested()
