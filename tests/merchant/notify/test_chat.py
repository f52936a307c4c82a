"""Chats and mail, by Apprise: to a receiver on loopback, as JSON."""

import asyncio
import json

import pytest

from stream.merchant.notify.chat import ChatSender, is_usable
from stream.merchant.notify.outcome import Verdict
from stream.merchant.notify.subscriptions import Channel, Hidden
from tests.merchant.notify.receiver import Receiver
from tests.merchant.notify.stories import NOW
from topics.notifications import Message


def message(number: int) -> Message:
    return Message(
        endpoint="acme/duty",
        id=f"a{number}.firing.0",
        news="firing",
        order=number,
        planned_at=NOW,
        since=NOW,
        title=f"title {number}",
        body=f"text {number}\nof two lines",
    )


def send(receiver: Receiver, *numbers: int) -> Verdict:
    async def write() -> Verdict:
        channel = Channel("acme/duty", Hidden(f"json://127.0.0.1:{receiver.port}/chat"), "json", 20, 0)
        async with ChatSender(lambda: NOW) as sender:
            return (await sender.send(channel, [message(number) for number in numbers], "en")).verdict

    return asyncio.run(write())


def test_a_message_has_its_title_and_its_lines(receiver: Receiver) -> None:
    assert send(receiver, 1) is Verdict.DELIVERED
    said = json.loads(receiver.got[0].body)
    assert (said["title"], said["message"]) == ("title 1", "text 1\nof two lines")


def test_several_are_told_in_one(receiver: Receiver) -> None:
    assert send(receiver, 1, 2, 3) is Verdict.DELIVERED
    (got,) = receiver.got
    said = json.loads(got.body)
    assert (said["title"], said["message"]) == ("3 messages on your shops", "title 1\ntitle 2\ntitle 3")


def test_a_service_that_does_not_take_it_has_failed(receiver: Receiver) -> None:
    receiver.answers["/chat"] = lambda _: (500, {})
    assert send(receiver, 1) is Verdict.FAILED


def test_where_networks_are_allowed_so_are_ways_to_any_host() -> None:
    assert not is_usable("json://127.0.0.1/")
    assert is_usable("json://127.0.0.1/", ["json"])


def test_a_url_is_in_no_log(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers["/chat"] = lambda _: (500, {})
    send(receiver, 1)
    assert "127.0.0.1" not in caplog.text
