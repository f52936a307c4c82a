"""Where is Kafka, and how is it spoken to?  One frozen value, which every client of it is made from.

The names are those of Kafka's own clients: ``security.protocol`` and ``sasl.mechanism``.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from stream.kafka.errors import SecurityError

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class Security:
    """How connections are encrypted, and who we are; the password is in no text that is made of it.

    Nobody can be two things at once: a context goes with SSL and SASL_SSL only, the rest with SASL_PLAINTEXT and SASL_SSL only;
    `security` sees to that.
    """

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM form: whom to trust (default: whom this machine trusts), and what to show where the broker asks who we are."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """With it the broker's name is checked, too; raises SecurityError."""
        if self.key_file is not None and self.cert_file is None:
            raise SecurityError(
                "ssl_key_file is given without ssl_cert_file, the certificate that it belongs to"
            )
        context = self._trusting()
        self._show_who_we_are(context)
        return context

    def _trusting(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise SecurityError(f"ssl_ca_file {self.ca_file} cannot be used: {error}") from None

    def _show_who_we_are(self, context: ssl.SSLContext) -> None:
        if self.cert_file is None:
            return
        try:
            # Without a password OpenSSL would ask whoever sits at the terminal.
            context.load_cert_chain(self.cert_file, self.key_file, self.key_password or "")
        except OSError as error:
            key = "" if self.key_file is None else f" with ssl_key_file {self.key_file}"
            raise SecurityError(
                f"ssl_cert_file {self.cert_file}{key} cannot be used: {error}{_hint(error)}"
            ) from None


def _hint(error: OSError) -> str:
    """Of a key that it cannot read OpenSSL says in which part of it the trouble was, and not what."""
    if not isinstance(error, ssl.SSLError) or error.reason is not None:
        return ""
    return "; certificate and key have to be there, in PEM form, and ssl_key_password that of the key"


def security(
    protocol: Protocol,
    *,
    mechanism: Mechanism | None = None,
    username: str | None = None,
    password: str | None = None,
    tls: Tls | None = None,
) -> Security:
    """What is said of security as one value; raises SecurityError where it does not fit together.

    A password that would not be used is an error as well: whoever gave it believes that the connection is protected.
    """
    sasl = {"sasl_mechanism": mechanism, "sasl_username": username, "sasl_password": password}
    given = [name for name, value in sasl.items() if value is not None]
    if protocol in {"SASL_PLAINTEXT", "SASL_SSL"}:
        missing = [name for name in ("sasl_username", "sasl_password") if sasl[name] is None]
        if missing:
            raise SecurityError(f"security_protocol is {protocol}, but {' and '.join(missing)} is not given")
        mechanism = mechanism or "PLAIN"
    elif given:
        raise SecurityError(
            f"{' and '.join(given)} is given, but security_protocol is {protocol}: nobody would ask for it; "
            "set it to SASL_SSL, or SASL_PLAINTEXT within a network that you trust"
        )
    if protocol in {"SSL", "SASL_SSL"}:
        return Security(protocol, mechanism, username, password, (tls or Tls()).context())
    if tls is not None and tls != Tls():
        raise SecurityError(
            f"files of TLS are given, but security_protocol is {protocol}: nothing would be encrypted; "
            "set it to SSL or SASL_SSL"
        )
    return Security(protocol, mechanism, username, password)


@dataclass(frozen=True, slots=True)
class Access:
    """Kafka's address, ``HOST:PORT`` or several with commas, and how it is spoken to there; its text is the address."""

    servers: str
    security: Security = Security()

    def __str__(self) -> str:
        return self.servers

    def client(self) -> Mapping[str, Any]:
        """What each of aiokafka's clients is told first, as keyword arguments."""
        secured = self.security
        told: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": secured.protocol}
        if secured.context is not None:
            told["ssl_context"] = secured.context
        if secured.mechanism is not None:
            told["sasl_mechanism"] = secured.mechanism
            told["sasl_plain_username"], told["sasl_plain_password"] = secured.username, secured.password
        return told


HERE = Access("127.0.0.1:9092")
"""Where Kafka is if nobody says otherwise."""
