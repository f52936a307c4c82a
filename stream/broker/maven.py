"""How is one file fetched from a Maven repository?"""

import time
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from stream.broker.errors import JarUnavailableError
from stream.broker.repositories import repositories

PAUSES_S = (0.5, 2.0)
"""A connection that breaks is tried again after each of these."""
TIMEOUT_S = 20
"""How long a silent repository is waited for."""


def resolve(group: str, artifact: str, version: str, into: Path) -> Path:
    """Fetch the jar of these coordinates to somewhere below ``into``. Raises JarUnavailableError."""
    coordinates = f"{group}:{artifact}:{version}"
    for pause in PAUSES_S:
        try:
            return _ask(group, artifact, version, into)
        except (requests.RequestException, RuntimeError):
            time.sleep(pause)
    try:
        return _ask(group, artifact, version, into)
    except requests.RequestException as error:
        raise JarUnavailableError(coordinates, type(error).__name__) from error
    except RuntimeError as error:  # jgo's word for an answer other than 200
        raise JarUnavailableError(coordinates, "no repository gave it") from error


def _ask(group: str, artifact: str, version: str, into: Path) -> Path:
    remotes = repositories(MAVEN_CENTRAL_URL, Path.home(), GlobalSettings.load().repositories)
    context = MavenContext(repo_cache=into, remote_repos=remotes, timeout=TIMEOUT_S)
    found = context.project(group, artifact).at_version(version).artifact()
    # What a connection that broke has left would be taken for the whole file.
    found.cached_path.unlink(missing_ok=True)
    return Path(found.resolve())
