"""Which settings are there, what do they accept, and what holds where nothing is said?

The options of the commands say the same: a test holds names, variables and defaults of both together.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from stream.policy.durations import milliseconds


def _duration(text: str) -> str:
    if milliseconds(text) is None:
        raise ValueError(f"{text!r} is not a duration such as 10s or 1d12h")
    return text


def _place(text: str) -> str:
    _, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port[:6]) < 65_536):
        raise ValueError(f"{text!r} is not HOST:PORT")
    return text


def _places(text: str) -> str:
    for place in text.split(","):
        if not place.strip().rpartition(":")[0]:
            raise ValueError(f"{place!r} is not HOST:PORT")
        _place(place.strip())
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}; write one such as 10.1.0.0/16") from None
    return text


Duration = Annotated[str, AfterValidator(_duration)]
Place = Annotated[str, AfterValidator(_place)]
Places = Annotated[str, AfterValidator(_places)]
Network = Annotated[str, AfterValidator(_network)]


class Table(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kafka(Table):
    """How every command comes to Kafka."""

    bootstrap: Places = "127.0.0.1:9092"
    topic_prefix: str = ""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None
    ssl_key_password: SecretStr | None = None


class Worker(Table):
    """`shopwatch worker`; what is of one start only (--drain, --until, --rewrite-history) is no setting."""

    policy: tuple[Path, ...] = ()
    group: str = "shopwatch"
    lateness: Duration = "10s"
    max_ahead: Duration = "1d"
    clock: Literal["real", "events"] = "real"
    http: Place | None = None
    rates_per_second: int = Field(default=2_000, ge=1)
    worst_shops: int = Field(default=50, ge=0)
    partitioner: Literal["murmur2", "crc32", "any"] = "murmur2"
    session_timeout: Duration = "20s"
    linger: Duration | None = None


class Api(Table):
    """`shopwatch api`."""

    tokens: Path | None = None
    http: Place = "127.0.0.1:8080"
    metrics_http: Place | None = None
    clock: Literal["real", "events"] = "real"
    streams: int = Field(default=20_000, ge=1)


class Notify(Table):
    """`shopwatch notify`."""

    subscriptions: Path | None = None
    group: str = "shopwatch-notify"
    http: Place | None = None
    session_timeout: Duration = "20s"
    allow_network: tuple[Network, ...] = ()
    allow_http: bool = False


class Settings(BaseSettings):
    """All of them, by table."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    log: Literal["auto", "json", "console"] = "auto"
    kafka: Kafka = Kafka()
    worker: Worker = Worker()
    api: Api = Api()
    notify: Notify = Notify()
