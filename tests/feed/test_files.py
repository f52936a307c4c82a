"""How is a file of lines read?"""

import gzip
from pathlib import Path

import pytest

from stream.feed.errors import UnreadableFileError
from stream.feed.files import opened

LINES = [b"one", b"", b" two\r", b"\xff\x00"]


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_lines_come_byte_for_byte_with_or_without_a_last_end_plain_or_compressed(
    tmp_path: Path, pack: type[bytes], end: bytes
) -> None:
    with opened(written(tmp_path, pack(b"\n".join(LINES) + end))) as source:
        assert list(source.lines(100)) == LINES


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    with opened(written(tmp_path, b"")) as source:
        assert list(source.lines(100)) == []


@pytest.mark.parametrize("length", [9, 10, 11, 12, 13, 3_000_000])
def test_of_a_line_beyond_the_limit_so_much_is_kept_that_it_can_be_told_and_the_next_is_whole(
    tmp_path: Path, length: int
) -> None:
    with opened(written(tmp_path, b"x" * length + b"\nnext\n")) as source:
        assert list(source.lines(10)) == [b"x" * min(length, 11), b"next"]


def test_a_position_reaches_the_size_of_the_file_also_of_a_compressed_one(tmp_path: Path) -> None:
    with opened(written(tmp_path, gzip.compress(b"line\n" * 1000))) as source:
        assert source.size
        assert source.size < 1000
        assert len(list(source.lines(100))) == 1000
        assert source.position == source.size


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: data[:30] + b"damage" + data[36:]])
def test_a_damaged_gz_is_refused_in_one_line(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    data = damage(gzip.compress(bytes(range(256)) * 40))
    with opened(written(tmp_path, data)) as source, pytest.raises(UnreadableFileError) as caught:
        list(source.lines(100))
    assert "cannot be read to its end" in str(caught.value)
    assert "\n" not in str(caught.value)
