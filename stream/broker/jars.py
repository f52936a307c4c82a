"""Which files is Kafka made of, and are the ones on this disk exactly those?

``jars.txt`` pins them: what Maven resolves for ``org.apache.kafka:kafka_2.13:4.3.1`` with log4j 2.24.3. jgo's
own mediation would choose other versions, which do not fit each other, so each file is asked for by itself.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.broker.errors import BrokerError, JarMismatchError
from stream.broker.files import locked, usable

LOCK_PATIENCE_S = 600.0
"""Another process that fetches over a slow line is waited for this long."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned file: its Maven coordinates, and the SHA-256 of its bytes in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinates(self) -> str:
        """``group:artifact:version``, as Maven has it."""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def file_name(self) -> str:
        """Its name in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def pinned() -> list[Jar]:
    """The files of the one version of Kafka that is used."""
    lines = Path(__file__).with_name("jars.txt").read_text("utf-8").splitlines()
    return [_jar(*line.split()) for line in lines]


def _jar(coordinates: str, checksum: str) -> Jar:
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, checksum.removeprefix("sha256:"))


def cache_dir() -> Path:
    """Where files are kept between starts: SHOPWATCH_CACHE, or ``~/.cache/shopwatch``."""
    named = os.environ.get("SHOPWATCH_CACHE")
    try:
        return Path(named or Path.home() / ".cache" / "shopwatch").absolute()
    except RuntimeError as error:
        raise BrokerError("this user has no home directory; name one for files in SHOPWATCH_CACHE") from error


def fetch(jars: Sequence[Jar], cache: Path, progress: Callable[[str], None]) -> list[Path]:
    """Return the files' paths in ``cache``, having downloaded those that are not there whole.

    Every file is checked at every call. Raises JarUnavailableError, JarMismatchError, DirectoryUnusableError or BusyError.
    """
    if not all(intact(cache, jar) for jar in jars):  # a complete cache may be read-only
        with (
            usable(cache),
            locked(cache / "lock", LOCK_PATIENCE_S, lambda: progress("waiting for another download")),
        ):
            missing = [jar for jar in jars if not intact(cache, jar)]
            for number, jar in enumerate(missing, 1):
                progress(f"jar {number} of {len(missing)}: {jar.file_name}")
                _download(jar, cache)
    return [cache / jar.file_name for jar in jars]


def intact(cache: Path, jar: Jar) -> bool:
    """Whether the cache holds the file with the bytes that were pinned."""
    path = cache / jar.file_name
    return path.is_file() and _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(jar: Jar, cache: Path) -> None:
    # Imported here: a start from a full cache, and every other command, need no Maven client (0.2 s).
    from stream.broker.maven import resolve  # noqa: PLC0415

    # Beside its place first: jgo writes in place, so a kill would leave half a file under the right name.
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as draft:
        path = resolve(jar.group, jar.artifact, jar.version, Path(draft))
        got = _sha256(path)
        if got != jar.sha256:
            raise JarMismatchError(jar.coordinates, jar.sha256, got)
        path.replace(cache / jar.file_name)
