"""What ends a command that watches, and what does not?"""

import asyncio
import os
import signal

import pytest

from stream.cli.first import told_to_stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_told(number: signal.Signals) -> None:
    async def listen() -> int | None:
        with told_to_stop() as told:
            os.kill(os.getpid(), number)
            await told.wait()
        return told.signal

    assert asyncio.run(listen()) == number


def test_what_nohup_has_shut_out_stays_shut_out() -> None:
    async def listen() -> tuple[int | None, object]:
        with told_to_stop() as told:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            await told.wait()
        return told.signal, signal.getsignal(signal.SIGHUP)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert asyncio.run(listen()) == (signal.SIGTERM, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, before)
