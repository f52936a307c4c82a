"""How does the application come to the network?  uvicorn on a socket of ours, without access log, with connections that can be cut.

Its numbers have a port of their own.
"""

import asyncio
import logging
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from stream.merchant.api.numbers import Numbers
from stream.ops import serving

SEND_BUFFER = 64 << 10
"""What the kernel keeps for a reader; left to itself it would keep megabytes for one that does not read."""

HEAD_S = 10.0
"""So long a request may take until it is whole; uvicorn itself would wait for ever."""

OTHERS = 2_000
"""So many connections beside the streams are served at once."""

SHUTDOWN_S = 5
BACKLOG = 4_096


class AddressError(Exception):
    """The address cannot be listened on; one line for the user."""

    def __init__(self, host: str, port: int, error: OSError, option: str = "--http") -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with {option} HOST:PORT"
        )


class Cuttable(H11Protocol):
    """A connection that a response can break off, through ``abort`` in the state of its scope; one that asks nothing is, too.

    Closing it would wait until all that was written has been read, by a reader that does not read.
    """

    head_s = HEAD_S

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.app_state = {**self.app_state, "abort": self._abort}
        self._asking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there, and has to ask soon."""
        super().connection_made(transport)
        self._asking = self.loop.call_later(self.head_s, self._abort)

    def data_received(self, data: bytes) -> None:
        """A request that is whole may take its time to be answered; the next one has to be whole soon again."""
        super().data_received(data)
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and self._asking is not None:
            self._asking.cancel()
            self._asking = None
        elif not answering and self._asking is None:
            self._asking = self.loop.call_later(self.head_s, self._abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        if self._asking is not None:
            self._asking.cancel()
        super().connection_lost(exc)

    def _abort(self) -> None:
        self.transport.abort()


class Server(uvicorn.Server):
    """One that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are captured."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, and not served yet; port 0: any that is free.  Raises AddressError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise AddressError(host, port, error) from None
    return made


def raise_limit() -> None:
    """Every reader is an open file: as many as this process may have at all, not the few that a shell begins with."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def make_server(app: ASGIApp, streams: int) -> Server:
    """Uvicorn for so many streams, silent: what is wrong is said by the application, and no log has what somebody asked for."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    config = uvicorn.Config(
        app,
        http=Cuttable,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=streams + OTHERS,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return Server(config)


async def serve(server: Server, listening: socket.socket, over: asyncio.Event) -> None:
    """Until ``over`` is set, and what is under way then has been answered."""
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    waiting = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await running
    finally:
        waiting.cancel()


@contextmanager
def numbers_served(host: str, port: int, numbers: Numbers) -> Iterator[None]:
    """Serve /metrics within the ``with``, on a port that no merchant reaches; raises AddressError."""
    try:
        stop = serving.serve(host, port, numbers.answer)
    except OSError as error:
        raise AddressError(host, port, error, "--metrics-http") from None
    try:
        yield
    finally:
        stop()
