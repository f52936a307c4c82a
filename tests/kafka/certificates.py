"""An authority that lives as long as its directory, and the certificates that it signs; all in PEM form, made by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

SIGNED = ("-addext", "basicConstraints=critical,CA:FALSE")


@dataclass(frozen=True)
class Authority:
    """Whom ``ca`` is the certificate of; one that was made anew in another directory knows nothing of this one's."""

    place: Path

    def __post_init__(self) -> None:
        self._make("ca", "authority", "-noenc")

    @property
    def ca(self) -> Path:
        """Whom to trust."""
        return self.place / "ca.pem"

    def signs(self, name: str, *more: str, password: str | None = None) -> tuple[Path, Path]:
        """A certificate of ``name`` and its key, under ``password`` if there is one."""
        key = ("-noenc",) if password is None else ("-passout", f"pass:{password}")
        own = ("-CA", str(self.ca), "-CAkey", str(self.place / "ca.key"))
        return self._make(name, name, *key, *own, *SIGNED, *more)

    def signs_server(self, name: str) -> Path:
        """One file with the key and the certificate of a server on loopback, as Kafka wants them."""
        certificate, key = self.signs(name, "-addext", "subjectAltName=IP:127.0.0.1")
        both = self.place / f"{name}-both.pem"
        both.write_text(key.read_text() + certificate.read_text())
        return both

    def _make(self, file: str, name: str, *more: str) -> tuple[Path, Path]:
        certificate, key = self.place / f"{file}.pem", self.place / f"{file}.key"
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2")
        made = ("-subj", f"/CN={name}", "-out", str(certificate), "-keyout", str(key))
        subprocess.run(["openssl", "req", "-x509", *kind, *made, *more], check=True, capture_output=True)  # noqa: S603, S607
        return certificate, key
