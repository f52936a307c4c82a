"""Are files written whole, all of them or none?"""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from stream.cli.writing import CannotWriteError, Draft, must_be_writable, whole_files


def names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def write(paths: tuple[Path, Path], act: Callable[[Draft, Draft], None]) -> None:
    with whole_files("load", *paths) as (first, second):
        act(first, second)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two files, of which one is there."""
    (tmp_path / "a").write_bytes(b"old")
    return tmp_path / "a", tmp_path / "b"


def test_they_take_their_places_together_at_the_end(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    with whole_files("load", *pair) as (first, second):
        first.write(b"new ")
        second.write(b"other")
        first.write(b"one")
        assert [path.exists() for path in pair] == [True, False]
        assert pair[0].read_bytes() == b"old"
    assert [path.read_bytes() for path in pair] == [b"new one", b"other"]
    assert names(tmp_path) == ["a", "b"]


def test_an_error_on_the_way_leaves_what_was_there(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    def fail(first: Draft, _: Draft) -> None:
        first.write(b"new")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(pair, fail)
    assert names(tmp_path) == ["a"]
    assert pair[0].read_bytes() == b"old"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_one_line_and_leaves_what_was_there(
    tmp_path: Path, pair: tuple[Path, Path], number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    def tell(first: Draft, _: Draft) -> None:
        first.write(b"new")
        signal.raise_signal(number)

    before = signal.getsignal(number)
    with pytest.raises(typer.Exit) as caught:
        write(pair, tell)
    assert caught.value.exit_code == 128 + number
    assert (
        capsys.readouterr().err
        == f"shopwatch load: stopped; nothing was written to {pair[0]} and {pair[1]}\n"
    )
    assert names(tmp_path) == ["a"]
    assert pair[0].read_bytes() == b"old"
    assert signal.getsignal(number) is before


def test_a_signal_that_whoever_started_it_ignores_is_ignored(pair: tuple[Path, Path]) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        write(pair, lambda *_: signal.raise_signal(signal.SIGHUP))
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert [path.read_bytes() for path in pair] == [b"", b""]


def test_a_signal_while_they_take_their_places_comes_too_late(
    tmp_path: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_place = Draft.take_place

    def interrupted(draft: Draft) -> None:
        take_place(draft)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Draft, "take_place", interrupted)
    with whole_files("load", *pair) as (first, second):
        first.write(b"new")
        second.write(b"other")
    assert [path.read_bytes() for path in pair] == [b"new", b"other"]
    assert names(tmp_path) == ["a", "b"]


def test_a_signal_before_the_first_byte_and_one_while_it_tidies_up_leave_nothing_hidden(
    tmp_path: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    enter, leave = Draft.__enter__, Draft.__exit__

    def entered(draft: Draft) -> Draft:
        found = enter(draft)
        signal.raise_signal(signal.SIGTERM)
        return found

    def left(draft: Draft, *why: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        leave(draft, *why)

    monkeypatch.setattr(Draft, "__enter__", entered)
    monkeypatch.setattr(Draft, "__exit__", left)
    with pytest.raises(typer.Exit), whole_files("load", *pair):
        raise AssertionError("it was told to end before")
    assert names(tmp_path) == ["a"]


def test_a_full_disk_is_said_of_the_file_that_it_hits(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    def fill(first: Draft, second: Draft) -> None:
        second.write(b"small")
        os.dup2(os.open("/dev/full", os.O_WRONLY), first._file.fileno())
        first.write(b"x" * (2 << 20))

    with pytest.raises(CannotWriteError) as caught:
        write(pair, fill)
    assert (
        str(caught.value)
        == f"{pair[0]} cannot be written: {os.strerror(errno.ENOSPC)}; nothing of it was kept"
    )
    assert names(tmp_path) == ["a"]


def test_the_last_bytes_for_which_there_is_no_room_keep_the_others_back(
    tmp_path: Path, pair: tuple[Path, Path]
) -> None:
    def fill(first: Draft, second: Draft) -> None:
        first.write(b"new")
        second.write(b"in the buffer still")
        os.dup2(os.open("/dev/full", os.O_WRONLY), second._file.fileno())

    with pytest.raises(CannotWriteError):
        write(pair, fill)
    assert names(tmp_path) == ["a"]
    assert pair[0].read_bytes() == b"old"


def test_a_place_that_is_none_is_known_before(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "file", Path("/dev/null")):
        with pytest.raises(CannotWriteError, match="nothing of it was kept"):
            must_be_writable(place)
    must_be_writable(tmp_path / "file")
    assert names(tmp_path) == []
