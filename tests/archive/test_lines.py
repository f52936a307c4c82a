"""Is a file of JSON lines a recording like an archive?"""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from stream.archive.errors import NoRecordingError, UnreadableRecordingError
from stream.archive.recorded import Recorded
from stream.archive.recording import open_jsonl
from topics.inputs import MAX_VALUE_BYTES

LINES = [b'{"type": "order_paid"}', b"", b"\xff\r", b"x"]


def written(path: Path, lines: Sequence[bytes]) -> Path:
    data = b"\n".join(lines)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["recording.jsonl", "recording.jsonl.gz"])
def test_every_line_is_a_record_of_partition_0(tmp_path: Path, name: str) -> None:
    recording = open_jsonl(written(tmp_path / name, LINES))
    wanted = [Recorded(None, None, line, 0, number, 0) for number, line in enumerate(LINES, 1)]
    assert list(recording.partitions()) == [0]
    assert list(recording.read(0)) == wanted
    assert list(recording.read(0, frozenset({b"shop"}))) == wanted, (
        "a second time, and whose they are is not known"
    )
    assert recording.name == str(tmp_path / name)
    assert list(recording.gaps) == []


def test_the_fingerprint_is_that_of_the_lines(tmp_path: Path) -> None:
    marks = [
        open_jsonl(written(tmp_path / name, lines)).fingerprint()
        for name, lines in (("a", LINES), ("b.gz", LINES), ("c", [*LINES[:-1], b"y"]))
    ]
    assert marks[0] == marks[1] != marks[2]


def test_a_line_too_long_for_any_value_is_a_line_that_is_a_byte_too_long(tmp_path: Path) -> None:
    longest = b"x" * MAX_VALUE_BYTES
    path = written(tmp_path / "long", [longest, longest + b"yz", longest + b"y" * 3_000_000, b"z"])
    lengths = [len(record.value or b"") for record in open_jsonl(path).read(0)]
    assert lengths == [MAX_VALUE_BYTES, MAX_VALUE_BYTES + 1, MAX_VALUE_BYTES + 1, 1]


def test_a_file_that_is_not_whole_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"line\n" * 100_000)[:-9])
    recording = open_jsonl(path)
    for reading in (lambda: list(recording.read(0)), recording.fingerprint):
        with pytest.raises(
            UnreadableRecordingError, match=f"{path} cannot be read to its end: .*; give the file whole"
        ):
            reading()


@pytest.mark.parametrize(("name", "why"), [("nowhere", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_is_not_there_is_told_at_once(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(NoRecordingError, match=rf"cannot be read \({why}\); give a file of JSON lines"):
        open_jsonl(tmp_path / name)
