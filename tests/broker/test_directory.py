"""What a broker's directory remembers, and who may use it at a time."""

import os
import socket
import threading
from pathlib import Path

import pytest

from stream.broker import (
    Broker,
    BrokerError,
    BusyError,
    DirectoryUnusableError,
    NotStartedError,
    PortInUseError,
)
from stream.broker.files import locked
from stream.broker.ports import free_port, is_free, require_free
from stream.broker.process import started_at
from stream.broker.settings import properties_file, server_properties
from stream.broker.state import State, read, write


def test_state_is_read_back(tmp_path: Path) -> None:
    written = State(pid=1, started="then", address="127.0.0.1:9092")
    write(tmp_path / "broker.json", written)
    assert read(tmp_path / "broker.json") == written
    assert [path.name for path in tmp_path.iterdir()] == ["broker.json"]


@pytest.mark.parametrize("content", ["", "{", '{"pid": "x"}', "[]"])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "broker.json").write_text(content, "utf-8")
    assert read(tmp_path / "broker.json") is None


def test_stop_leaves_alone_a_process_that_took_over_the_id(tmp_path: Path) -> None:
    itself = os.getpid()  # were it signalled, this test would not end well
    write(tmp_path / "broker.json", State(pid=itself, started="long ago", address="127.0.0.1:9092"))
    assert started_at(itself) is not None
    broker = Broker(tmp_path)
    assert not broker.running
    assert not broker.stop()
    assert broker.address == "127.0.0.1:9092"


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "none")
    assert not broker.running
    assert not broker.stop()
    with pytest.raises(NotStartedError):
        _ = broker.address
    assert not (tmp_path / "none").exists()


def test_a_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryUnusableError, match=r"cannot use .*Not a directory"):
        Broker(tmp_path / "file" / "kafka").start()


def test_one_lock_one_holder(tmp_path: Path) -> None:
    waited: list[str] = []
    with (
        locked(tmp_path / "lock", 1.0, lambda: None),
        pytest.raises(BusyError),
        locked(tmp_path / "lock", 0.1, lambda: waited.append("waited")),
    ):
        pytest.fail("two held it")
    assert waited == ["waited"]


def test_the_lock_is_had_as_soon_as_it_is_let_go(tmp_path: Path) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(tmp_path / "lock", 1.0, lambda: None):
            held.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with locked(tmp_path / "lock", 5.0, release.set):
        holder.join()


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortInUseError, match=rf"port {port} .*--port"):
            require_free(port)
    assert is_free(free_port())


def test_extra_settings_win_over_the_defaults() -> None:
    assert server_properties(1, 2, {"num.io.threads": "9"})["num.io.threads"] == "9"


@pytest.mark.parametrize("name", ["listeners", "log.dirs", "node.id"])
def test_what_makes_it_one_node_here_is_not_open_to_change(name: str) -> None:
    with pytest.raises(BrokerError, match=f"the setting {name} is not open to change"):
        server_properties(1, 2, {name: "x"})


@pytest.mark.parametrize(("name", "value"), [("a b", "1"), ("a", "1\nlisteners=x"), ("a=b", "1"), ("a", "é")])
def test_a_setting_cannot_smuggle_in_another(name: str, value: str) -> None:
    with pytest.raises(BrokerError, match="is no server setting"):
        server_properties(1, 2, {name: value})


def test_a_backslash_reaches_java() -> None:
    assert properties_file({"a": r"\d+"}) == b"a=\\\\d+\n"


def test_a_port_that_is_wanted_for_something_else_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([20_001, 20_002, 20_003])
    monkeypatch.setattr("stream.broker.ports.random.randint", lambda _first, _last: next(drawn))
    monkeypatch.setattr("stream.broker.ports.is_free", lambda _port: True)
    assert free_port(20_001, 20_002) == 20_003
