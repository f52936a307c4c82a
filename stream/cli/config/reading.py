"""Which settings are in force?  Variables over a file over defaults, checked all at once, each with where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import PydanticBaseSettingsSource

from stream.cli.config.errors import MistakenSettingsError
from stream.cli.config.settings import Kafka, Settings
from stream.cli.config.sources import Found, Name, Source, fields, in_environment, in_file, is_secret
from stream.kafka.access import Security, Tls, security
from stream.kafka.errors import SecurityError

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Value:
    """A setting, what it is, and where that stands; a secret is None, as is what nobody has set."""

    name: str
    variable: str
    value: Any
    origin: str
    secret: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """All settings of a command, without what its own options say."""

    settings: Settings
    _environment: Found
    _file: Found

    def values(self) -> Sequence[Value]:
        """Every setting, in the order of the tables."""
        return [self._value(name, is_secret(info)) for name, info in fields().items()]

    def from_file(self) -> Mapping[str, Any]:
        """What the file says, by variable; for options, which read their variables themselves, and first."""
        return {
            name.variable: _told(self._get(name))
            for name in self._file.values
            if name not in self._environment.values
        }

    def security(self) -> Security:
        """How Kafka is spoken to; raises MistakenSettingsError."""
        try:
            return _security(self.settings.kafka)
        except SecurityError as error:
            raise MistakenSettingsError([str(error)]) from None

    def _value(self, name: Name, secret: bool) -> Value:  # noqa: FBT001 - one of its fields
        origin = self._environment.origins.get(name) or self._file.origins.get(name) or DEFAULT
        return Value(str(name), name.variable, None if secret else _told(self._get(name)), origin, secret)

    def _get(self, name: Name) -> Any:
        table = getattr(self.settings, name.table) if name.table else self.settings
        return getattr(table, name.key)


def read(environ: Mapping[str, str], file: Path | None) -> InForce:
    """The settings in force; raises MistakenSettingsError with all that is wrong with them."""
    environment, of_file = in_environment(environ), Found() if file is None else in_file(file)

    class Here(Settings):
        """With the sources of this command."""

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: Any, *_sources: Any, **_more: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return Source(settings_cls, environment), Source(settings_cls, of_file)

    mistakes = [*environment.mistakes, *of_file.mistakes]
    try:
        settings = Here()
    except ValidationError as error:
        mistakes += [_mistake(each, environment, of_file) for each in error.errors()]
    if mistakes:
        raise MistakenSettingsError(mistakes)
    return InForce(settings, environment, of_file)


def _mistake(error: Any, environment: Found, of_file: Found) -> str:
    """Where, which, and what; never the value of a secret, and pydantic's words name no value."""
    table, *key = error["loc"]
    name = Name(table, str(key[0])) if key else Name("", table)
    origin = environment.origins.get(name) or of_file.origins.get(name) or "settings"
    what = error["msg"].removeprefix("Value error, ")
    return f"{origin}: {name}: {what}"


def _security(kafka: Kafka) -> Security:
    tls = Tls(kafka.ssl_ca_file, kafka.ssl_cert_file, kafka.ssl_key_file, _revealed(kafka.ssl_key_password))
    return security(
        kafka.security_protocol,
        mechanism=kafka.sasl_mechanism,
        username=kafka.sasl_username,
        password=_revealed(kafka.sasl_password),
        tls=tls,
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _told(value: Any) -> Any:
    """As an option takes it, and JSON."""
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    return str(value) if isinstance(value, Path) else value
