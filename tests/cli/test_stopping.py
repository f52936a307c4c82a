"""Does a command that is told to end leave nothing behind?"""

import asyncio
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from stream.cli.stopping import folder_for_once


def at_work(number: int) -> None:
    signal.raise_signal(number)


def waiting_in_a_loop(number: int) -> None:
    """As a client of Kafka does."""

    async def wait() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, number)
        await asyncio.sleep(60)

    asyncio.run(wait())


def copy(and_then: Callable[[], None]) -> None:
    with folder_for_once("verify") as folder:
        (folder / "copy").write_bytes(b"of topics")
        and_then()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are put."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("stand", [at_work, waiting_in_a_loop])
def test_a_signal_takes_the_folder_and_is_one_line(
    temporary: Path, stand: Callable[[int], None], number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    with pytest.raises(typer.Exit) as caught:
        copy(lambda: stand(number))
    assert caught.value.exit_code == 128 + number
    assert capsys.readouterr().err == "shopwatch verify: stopped\n"
    assert list(temporary.iterdir()) == []
    assert signal.getsignal(number) is before


def test_an_error_takes_the_folder_too(temporary: Path) -> None:
    def fail() -> None:
        assert len(list(temporary.iterdir())) == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        copy(fail)
    assert list(temporary.iterdir()) == []
