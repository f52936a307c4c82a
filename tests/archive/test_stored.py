"""Is an archive read whole, in one order and in little memory, and is what is broken told?"""

import fcntl
import shutil
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.archive.errors import (
    ArchiveError,
    BrokenFileError,
    BrokenManifestError,
    BusyError,
    ForeignFileError,
    NoArchiveError,
    OccupiedError,
)
from stream.archive.keeping import Keeper
from stream.archive.layout import date_of
from stream.archive.manifest import Source
from stream.archive.merging import merged
from stream.archive.recorded import Recorded
from stream.archive.recording import open_archive
from tests.archive.filling import DAY, T, fill, record
from topics.catalogue import INPUTS


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Two files of orders and one of ships in partition 0, one of refunds in partition 2."""
    directory = tmp_path / "archive"
    orders = [record(n, T + 10 * n, b"o%d" % n, key=b"shop %d" % (n % 2)) for n in range(4)]
    fill(directory, "orders", 0, orders, size=2)
    fill(directory, "ships", 0, [record(5, T + 10, b"s", None), record(9, T + DAY, None)])
    fill(directory, "refunds", 2, [record(0, T, b"r")])
    return directory


def files(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*.parquet"))


def test_all_topics_of_a_partition_come_in_the_order_of_recording(filled: Path) -> None:
    archive = open_archive(filled)
    assert list(archive.partitions()) == [0, 2]
    assert list(archive.read(0)) == [
        Recorded("orders", b"shop 0", b"o0", 0, 0, T),
        Recorded("orders", b"shop 1", b"o1", 0, 1, T + 10),
        Recorded("ships", None, b"s", 0, 5, T + 10),
        Recorded("orders", b"shop 0", b"o2", 0, 2, T + 20),
        Recorded("orders", b"shop 1", b"o3", 0, 3, T + 30),
        Recorded("ships", b"shop", None, 0, 9, T + DAY),
    ]
    assert [type(each) for each in archive.read(2)] == [Recorded]
    assert list(archive.read(1)) == []
    assert archive.name == str(filled)


def test_a_time_is_read_from_its_begin_and_before_its_end(filled: Path) -> None:
    assert [each.value for each in open_archive(filled, T + 10, T + 30).read(0)] == [b"o1", b"s", b"o2"]
    assert open_archive(filled, T + 10, T + 30).partitions() == [0]
    assert [each.offset for each in open_archive(filled, T + 30).read(0)] == [3, 9]


def test_chosen_shops_alone_can_be_read(filled: Path) -> None:
    archive = open_archive(filled)
    assert [each.offset for each in archive.read(0, frozenset({b"shop 1"}))] == [1, 3]
    assert [each.offset for each in archive.read(0, frozenset({b"shop 0", b"shop"}))] == [0, 2, 9]
    assert list(archive.read(0, frozenset())) == []


def test_files_are_read_as_they_are_needed_and_checked_then(filled: Path) -> None:
    last = filled / "topic=orders/date=2026-03-01/00000-0000000000000000002-0000000000000000003.parquet"
    data = bytearray(last.read_bytes())
    data[len(data) // 2] ^= 1
    last.write_bytes(data)
    records = open_archive(filled).read(0)
    assert [next(records).value for _ in range(2)] == [b"o0", b"o1"]
    with pytest.raises(BrokenFileError, match=f"{last} is not what was written"):
        next(records)


def test_what_lies_between_two_days_is_read_in_the_logs_order(tmp_path: Path) -> None:
    times = [T + DAY - 1, T + DAY, T + DAY - 2, T + DAY + 1, T]
    fill(tmp_path / "a", "pickups", 0, [record(n, at) for n, at in enumerate(times)])
    assert len(files(tmp_path / "a")) == 2
    assert [each.timestamp for each in open_archive(tmp_path / "a").read(0)] == times


Rows = list[tuple[int, int]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=8), min_size=1, max_size=3),
)
def test_the_order_does_not_depend_on_how_records_are_spread_over_files(
    topics: list[list[tuple[int, bool]]],
) -> None:
    """Each record has a time, and may be the last of its file."""
    whole = [[[(n, at) for n, (at, _) in enumerate(topic)]] for topic in topics]
    spread = [spread_over_files(topic) for topic in topics]
    assert rows_of(spread) == rows_of(whole)
    for rank, topic in enumerate(topics):
        assert [n for own, n, _ in rows_of(spread) if own == rank] == list(range(len(topic)))
    if all(topic == sorted(topic) for topic in topics):
        times = [at for _, _, at in rows_of(spread)]
        assert times == sorted(times)


def spread_over_files(topic: list[tuple[int, bool]]) -> list[Rows]:
    spread: list[Rows] = [[]]
    for n, (at, ends) in enumerate(topic):
        spread[-1].append((n, at))
        if ends:
            spread.append([])
    return spread


def rows_of(topics: list[list[Rows]]) -> list[tuple[int, int, int]]:
    schema = {"offset": pl.Int64, "timestamp": pl.Int64}
    frames = [(pl.DataFrame(part, schema, orient="row") for part in topic) for topic in topics]
    told = [frame.select("rank", "offset", "timestamp").rows() for frame in merged(frames)]
    return list(chain.from_iterable(told))


def test_the_fingerprint_is_that_of_the_records_wherever_they_lie(filled: Path, tmp_path: Path) -> None:
    mark = open_archive(filled).fingerprint()
    shutil.copytree(filled, tmp_path / "copy")
    assert open_archive(tmp_path / "copy").fingerprint() == mark
    part = open_archive(filled, T, T + 20).fingerprint()
    assert part != mark
    fill(filled, "orders", 0, [record(4, T + 40)])
    assert open_archive(filled).fingerprint() != mark
    assert open_archive(filled, T, T + 20).fingerprint() == part, "nothing of that time was added"


def test_another_value_of_the_same_length_is_another_fingerprint(tmp_path: Path) -> None:
    for name, value in (("a", b"1"), ("b", b"2")):
        fill(tmp_path / name, "orders", 0, [record(0, T, value)])
    assert open_archive(tmp_path / "a").fingerprint() != open_archive(tmp_path / "b").fingerprint()


def cut_off(directory: Path) -> Path:
    path = files(directory)[0]
    path.write_bytes(path.read_bytes()[:-7])
    return path


def gone(directory: Path) -> Path:
    files(directory)[0].unlink()
    return directory / "topic=orders/date=2026-03-01/00000-0000000000000000000-0000000000000000001.parquet"


def foreign(directory: Path) -> Path:
    path = directory / "topic=orders" / "mine.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    return path


def no_json(directory: Path) -> Path:
    with (directory / "manifest.jsonl").open("ab") as file:
        file.write(b"{]\n")
    return directory / "manifest.jsonl"


def unknown_format(directory: Path) -> Path:
    path = directory / "manifest.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    return path


@pytest.mark.parametrize(
    ("breaking", "error", "said"),
    [
        (cut_off, BrokenFileError, " bytes, and "),
        (gone, BrokenFileError, " cannot be read (No such file or directory); put back the file"),
        (foreign, ForeignFileError, " was not written by `shopwatch archive`; move it out of the archive"),
        (no_json, BrokenManifestError, ":6: JSON is malformed: "),
        (
            unknown_format,
            BrokenManifestError,
            ":1: it is not the first line of an archive that this version knows",
        ),
    ],
)
def test_what_is_not_as_it_was_written_is_told_at_once(
    filled: Path, breaking: Callable[[Path], Path], error: type[ArchiveError], said: str
) -> None:
    path = breaking(filled)
    with pytest.raises(error) as raised:
        open_archive(filled)
    assert str(raised.value).startswith(str(path))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", " is not there; give a directory that"),
        ("empty", " is no archive, for it has no manifest.jsonl; give"),
        ("file", " is no directory; give"),
        ("begun", " holds nothing yet, "),
    ],
)
def test_what_is_no_archive_is_told_at_once(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "manifest.jsonl").write_bytes(b'{"type":"sou')
    with pytest.raises(NoArchiveError) as raised:
        open_archive(tmp_path / name)
    assert f"{tmp_path / name}{said}" in str(raised.value)


def test_two_do_not_write_at_once(filled: Path) -> None:
    with (filled / "manifest.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BusyError):
            Keeper(filled, Source("cluster", ""))
        assert len(list(open_archive(filled).read(0))) == 6, "it can be read meanwhile"


def test_a_directory_with_something_else_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OccupiedError):
        Keeper(tmp_path, Source("cluster", ""))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_foreign_files_in_an_archive_are_not_deleted(filled: Path) -> None:
    path = foreign(filled)
    with pytest.raises(ForeignFileError):
        Keeper(filled, Source("cluster", ""))
    assert path.exists()


def test_times_beyond_the_calendar_have_a_place_too(tmp_path: Path) -> None:
    times = [-1, 1 << 62, -(1 << 60), (1 << 62) + 2 * DAY]
    fill(tmp_path / "a", "orders", 0, [record(n, at) for n, at in enumerate(times)])
    assert [date_of(at) for at in times] == ["1969-12-31", "9999-12-31", "0001-01-01", "9999-12-31"]
    assert [each.timestamp for each in open_archive(tmp_path / "a").read(0)] == times


def test_in_blocks_it_has_the_same_records_topic_by_topic(filled: Path) -> None:
    archive = open_archive(filled)
    in_blocks = [
        (block.topic, *record)
        for block in archive.blocks(0)
        for record in zip(block.keys, block.values, block.offsets, strict=True)
    ]
    one_by_one = [(each.topic, each.key, each.value, each.offset) for each in archive.read(0)]
    assert in_blocks == sorted(one_by_one, key=lambda each: (INPUTS.index(str(each[0])), each[3]))
