"""How long is a Kafka waited for that does not answer?"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import typer
from aiokafka.errors import KafkaConnectionError

from stream.broker.ports import free_port
from stream.cli import connecting
from stream.cli.connecting import asking, once_kafka_answers
from stream.cli.saying import CommandError
from stream.cli.verify.command import verify
from stream.kafka import connecting as waiting
from stream.kafka.access import Access

NOBODY = Access("127.0.0.1:1")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """All at a hundredth of the time."""
    monkeypatch.setattr(connecting, "PATIENCE_S", 0.1)
    monkeypatch.setattr(waiting, "RETRY_S", 0.02)


def there_at(attempt: int) -> Callable[[], Awaitable[str]]:
    """A Kafka that answers so late."""
    attempts = iter(range(attempt - 1))

    async def connect() -> str:
        await asyncio.sleep(0)
        if next(attempts, None) is not None:
            raise KafkaConnectionError
        return "connected"

    return connect


async def never() -> str:
    await asyncio.Event().wait()
    raise AssertionError("it was set")


@pytest.mark.parametrize("connect", [there_at(10_000), never])
def test_a_question_ends_with_one_line(connect: Callable[[], Awaitable[str]]) -> None:
    with pytest.raises(CommandError, match=r"no Kafka has answered at 127\.0\.0\.1:1 for 0 s; start it"):
        asyncio.run(once_kafka_answers("verify", NOBODY, connect))


@pytest.mark.parametrize("command", ["watch", "notify", "api", "load", "topics"])
def test_a_service_and_a_feed_go_on_waiting(command: str) -> None:
    assert asyncio.run(once_kafka_answers(command, NOBODY, there_at(20))) == "connected"


def test_a_gate_that_asks_a_kafka_which_is_away_ends_with_exit_code_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(typer.Exit) as caught:
        verify(Access(address))
    assert caught.value.exit_code == 1
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith(f"shopwatch verify: no Kafka answers at {address}; trying again")
    assert last.startswith(f"shopwatch verify: no Kafka has answered at {address} for 0 s; start it")


@pytest.mark.parametrize(
    ("command", "silence_s"), [("verify", 0.1), ("explain", 0.1), ("watch", None), ("notify", None)]
)
def test_a_question_has_enough_of_a_kafka_that_goes_meanwhile(command: str, silence_s: float | None) -> None:
    assert asking(command, NOBODY, "t-").patience.silence_s == silence_s
