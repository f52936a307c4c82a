"""Files of Kafka's are taken only as they were pinned, and fetched only if they have to be."""

import hashlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stream.broker import BrokerError, JarMismatchError, JarUnavailableError
from stream.broker.jars import Jar, fetch, pinned
from stream.broker.ports import free_port

BYTES = b"not really a jar"
JAR = Jar("org.example", "thing", "1.0", hashlib.sha256(BYTES).hexdigest())


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home whose Maven settings name a mirror that nobody answers at."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("stream.broker.maven.PAUSES_S", (0.0,))
    use_mirror(home, free_port())
    return home


@pytest.fixture
def mirror(tmp_path: Path, home: Path) -> Iterator[Path]:
    """The folder that the user's mirror serves: it holds the one jar."""
    root = tmp_path / "mirror"
    folder = root / "org" / "example" / "thing" / "1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(BYTES)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use_mirror(home, server.server_port)
    yield root
    server.shutdown()
    server.server_close()


def use_mirror(home: Path, port: int) -> None:
    """Have the Maven settings of that home name a mirror on this machine."""
    (home / ".m2").mkdir(parents=True, exist_ok=True)
    mirror = f"<mirror><mirrorOf>central</mirrorOf><url>http://127.0.0.1:{port}/</url></mirror>"
    (home / ".m2" / "settings.xml").write_text(f"<settings><mirrors>{mirror}</mirrors></settings>", "utf-8")


def test_pins_name_each_file_once_with_its_sum_and_no_place() -> None:
    jars = pinned()
    assert len({jar.file_name for jar in jars}) == len(jars) == 46
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert any(jar.coordinates == "org.apache.kafka:kafka_2.13:4.3.1" for jar in jars)


def test_fetches_from_the_users_mirror_and_says_which_of_how_many(mirror: Path, tmp_path: Path) -> None:
    said: list[str] = []
    assert fetch([JAR], tmp_path / "cache", said.append) == [tmp_path / "cache" / "thing-1.0.jar"]
    assert (tmp_path / "cache" / "thing-1.0.jar").read_bytes() == BYTES
    assert said == ["jar 1 of 1: thing-1.0.jar"]


def test_asks_nobody_for_what_the_cache_holds(home: Path, tmp_path: Path) -> None:
    (tmp_path / "thing-1.0.jar").write_bytes(BYTES)
    assert fetch([JAR], tmp_path, pytest.fail) == [tmp_path / "thing-1.0.jar"]
    assert not (tmp_path / "lock").exists(), "a complete cache may be read-only"


def test_replaces_a_damaged_file_of_the_cache(mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "thing-1.0.jar").write_bytes(BYTES[:5])
    assert fetch([JAR], tmp_path, lambda _: None)[0].read_bytes() == BYTES


def test_refuses_a_file_with_another_sum_and_says_which(mirror: Path, tmp_path: Path) -> None:
    other = Jar(JAR.group, JAR.artifact, JAR.version, "0" * 64)
    with pytest.raises(JarMismatchError, match=r"refused org.example:thing:1.0.*not 0{64} as pinned"):
        fetch([other], tmp_path / "cache", lambda _: None)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"], "it was thrown away"


def test_an_unreachable_index_is_one_line_that_names_the_way_around(home: Path, tmp_path: Path) -> None:
    with pytest.raises(JarUnavailableError) as caught:
        fetch([JAR], tmp_path, lambda _: None)
    text = str(caught.value)
    assert "org.example:thing:1.0" in text
    assert "--bootstrap HOST:PORT" in text
    assert "SHOPWATCH_BOOTSTRAP" in text
    assert "\n" not in text


def test_a_file_that_no_repository_has_is_said_so(mirror: Path, tmp_path: Path) -> None:
    with pytest.raises(JarUnavailableError, match=r"org.example:none:1.0 .*no repository gave it"):
        fetch([Jar("org.example", "none", "1.0", "0" * 64)], tmp_path, lambda _: None)


def test_a_cache_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrokerError, match=r"cannot use .*/file/cache"):
        fetch([JAR], tmp_path / "file" / "cache", lambda _: None)
