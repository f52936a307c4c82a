"""Nothing is sent to what is not public, however it is named."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import TCPConnector

from stream.merchant.notify.addresses import is_allowed, parse_network
from stream.merchant.notify.outcome import Verdict
from stream.merchant.notify.subscriptions import Hidden, Webhook
from stream.merchant.notify.webhook import WebhookSender
from tests.merchant.notify.receiver import Receiver
from tests.merchant.notify.stories import NOW, SECRET
from topics.notifications import Message

REFUSED = (
    "127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - refused
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2002:a00:1::", "2001:0:102:304::f5ff:fffe", "localhost", "",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address)


def test_a_network_that_an_operator_allows_is_allowed_and_no_other() -> None:
    allowed = [parse_network("10.1.0.0/16")]
    assert is_allowed("10.1.2.3", allowed)
    assert is_allowed("::ffff:10.1.2.3", allowed)
    assert not is_allowed("10.2.0.1", allowed)
    assert not is_allowed("::1", allowed)


def message() -> Message:
    return Message(
        endpoint="acme/erp",
        id="a.firing.0",
        news="firing",
        order=0,
        planned_at=NOW,
        since=NOW,
        title="t",
        body="{}",
    )


def sent(url: str, allowed: Sequence[str] = (), connector: Any = None) -> Any:
    async def send() -> Any:
        sender = WebhookSender(lambda: NOW, [parse_network(text) for text in allowed], timeout_s=5)
        async with sender:
            assert sender._session is not None
            if connector is not None:
                sender._session.connector._resolver = connector  # type: ignore[union-attr]
            return await sender.send(Webhook("acme/erp", Hidden(url), "x", (Hidden(SECRET),)), message())

    return asyncio.run(send())


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433", "127.1", "0"])
def test_a_receiver_on_loopback_gets_nothing_by_any_of_its_names(receiver: Receiver, host: str) -> None:
    outcome = sent(f"http://{host}:{receiver.port}/in")
    assert outcome.verdict is Verdict.FAILED
    assert receiver.got == []


class TwoFaced:
    """A name server that says something public first, and then what it wants."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        """Each time something else."""
        self.asked += 1
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": socket.AF_INET,
                "proto": 6,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        """Nothing is open."""


def test_a_name_is_refused_by_where_it_leads_at_the_moment_of_connecting(receiver: Receiver) -> None:
    names = TwoFaced()
    outcome = sent(f"http://public.example:{receiver.port}/in", connector=names)
    assert (outcome.verdict, outcome.why) == (Verdict.FAILED, "the address 127.0.0.1 is not public")
    assert (names.asked, receiver.got) == (1, [])


def test_a_redirection_is_followed_nowhere(receiver: Receiver) -> None:
    receiver.answers["/in"] = lambda _: (307, {"Location": receiver.url("/inside")})
    outcome = sent(receiver.url("/in"), ["127.0.0.0/8"])
    assert (outcome.verdict, outcome.why) == (Verdict.FAILED, "answered 307")
    assert [got.path for got in receiver.got] == ["/in"]


def test_the_library_makes_its_sockets_by_us() -> None:
    """What the rest hangs on: a parameter that went away would be a mistake, one that is passed over would not be seen."""

    async def connect() -> None:
        def make(info: Any) -> socket.socket:
            raise OSError(f"asked for {info[4][0]}")

        connector = TCPConnector(socket_factory=make)
        assert connector._socket_factory is make
        await connector.close()

    asyncio.run(connect())
