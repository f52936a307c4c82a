"""How is the notifier?  ``/livez``, ``/readyz`` and ``/metrics``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from stream.cli.notify.counting import Counted
from stream.cli.notify.host import Host
from stream.cli.saying import CommandError


class AddressInUseError(CommandError):
    """The address of ``--http`` cannot be listened on."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with --http HOST:PORT"
        )


@asynccontextmanager
async def served(address: tuple[str, int] | None, host: Host, tally: Counted) -> AsyncIterator[None]:
    """Listen within the ``with``; raises AddressInUseError.  Without an address nothing is served."""
    if address is None:
        yield
        return
    app = web.Application()
    app.router.add_get("/livez", _alive)
    app.router.add_get("/readyz", _Ready(host).answer)
    app.router.add_get("/metrics", _Numbers(host, tally).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, *address).start()
        except OSError as error:
            raise AddressInUseError(*address, error) from error
        yield
    finally:
        await runner.cleanup()


async def _alive(_request: web.Request) -> web.Response:
    """The loop turns, or this would not be answered."""
    return web.Response(text="alive\n")


class _Ready:
    def __init__(self, host: Host) -> None:
        self._host = host

    async def answer(self, _request: web.Request) -> web.Response:
        """Whoever has no partitions because others have them all stands by."""
        if not self._host.assigned:
            return web.Response(text="not yet a member of the group\n", status=503)
        return web.Response(text=f"{len(self._host.desks)} partitions\n")


class _Numbers:
    def __init__(self, host: Host, tally: Counted) -> None:
        self._host = host
        self._tally = tally

    async def answer(self, _request: web.Request) -> web.Response:
        """From a thread, for it is written in slices that wait for others."""
        waiting, held = {"webhook": 0, "channel": 0}, 0
        for desk in list(self._host.desks.values()):
            mine, mine_held = desk.desk.waiting()
            held += mine_held
            waiting = {channel: count + mine[channel] for channel, count in waiting.items()}
        self._tally.show_waiting(waiting, held)
        text = await asyncio.to_thread(self._tally.metrics.text)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
