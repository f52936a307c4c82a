"""Standard Webhooks 1.0.0, checked by somebody else's verifier, against a real receiver."""

import asyncio
import json
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import standardwebhooks

from stream.merchant.notify.addresses import parse_network
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.signing import UnfitSecretError, check_secret, headers
from stream.merchant.notify.subscriptions import Hidden, Webhook
from stream.merchant.notify.webhook import WebhookSender, verdict
from tests.merchant.notify.receiver import Receiver
from tests.merchant.notify.stories import NOW, SECRET
from topics.notifications import Message

OLD = "whsec_bm90LXRoYXQtb25lLWJ1dC10aGUtb25lLWJlZm9yZQ=="
LOOPBACK = [parse_network("127.0.0.0/8")]


def real_ms() -> int:
    return time.time_ns() // 1_000_000  # noqa: TID251 - the verifier looks at the real time


def message(body: str = '{"type":"alert.firing"}') -> Message:
    return Message(
        endpoint="acme/erp",
        id="a.firing.0",
        news="firing",
        order=0,
        planned_at=NOW,
        since=NOW,
        title="t",
        body=body,
    )


def send(url: str, *secrets: str, body: str = '{"type":"alert.firing"}', timeout_s: float = 5) -> Outcome:
    async def post() -> Outcome:
        async with WebhookSender(real_ms, LOOPBACK, timeout_s) as sender:
            target = Webhook("acme/erp", Hidden(url), "x", tuple(map(Hidden, secrets or (SECRET,))))
            return await sender.send(target, message(body))

    return asyncio.run(post())


def test_an_independent_verifier_accepts_it(receiver: Receiver) -> None:
    said = '{"type":"alert.firing","data":{"shop_id":"店铺"}}'
    assert send(receiver.url("/in"), body=said).verdict is Verdict.DELIVERED
    (got,) = receiver.got
    assert standardwebhooks.Webhook(SECRET).verify(got.body, dict(got.headers)) == json.loads(said)
    assert got.headers["content-type"] == "application/json"
    assert got.id == "a.firing.0"


def test_while_secrets_are_rotated_the_old_and_the_new_one_verify_and_no_other(receiver: Receiver) -> None:
    send(receiver.url("/in"), SECRET, OLD)
    (got,) = receiver.got
    assert len(got.headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OLD):
        standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCBhbHRvZ2V0aGVy").verify(
            got.body, dict(got.headers)
        )


def test_a_changed_body_does_not_verify(receiver: Receiver) -> None:
    send(receiver.url("/in"))
    (got,) = receiver.got
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(got.body + b" ", dict(got.headers))


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("whsec_%%%", "is not base64"),
        ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "does not begin with whsec_"),
        ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY=", "has 23 bytes"),
        ("whsec_" + "YWFh" * 21 + "YWE=", "has 65 bytes"),
    ],
)
def test_a_secret_that_the_standard_does_not_allow_is_refused_and_not_shown(secret: str, why: str) -> None:
    with pytest.raises(UnfitSecretError) as error:
        check_secret(secret)
    assert str(error.value) == why
    for fit in (b"a" * 24, b"a" * 64):
        check_secret(f"whsec_{__import__('base64').b64encode(fit).decode()}")


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (200, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (301, Verdict.FAILED),
        (304, Verdict.FAILED),
        (400, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (408, Verdict.FAILED),
        (410, Verdict.GONE),
        (429, Verdict.FAILED),
        (500, Verdict.FAILED),
        (503, Verdict.FAILED),
    ],
)
def test_2xx_alone_is_a_delivery_and_each_answer_says_who_waits(status: int, found: Verdict) -> None:
    assert verdict(status, None, NOW) == Outcome(found, f"answered {status}")


@pytest.mark.parametrize(
    ("text", "after_ms"),
    [
        ("120", 120_000),
        (" 7 ", 7_000),
        (format_datetime(datetime.fromtimestamp(NOW / 1000 + 60, UTC), usegmt=True), 60_000),
        (format_datetime(datetime.fromtimestamp(NOW / 1000 - 60, UTC), usegmt=True), 0),
        ("soon", None),
        ("-5", None),
        ("9" * 400, 999_999_999_000),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, after_ms: int | None) -> None:
    assert verdict(503, text, NOW // 1000 * 1000).retry_after_ms == after_ms


def test_a_receiver_that_does_not_answer_is_not_waited_for_for_ever(receiver: Receiver) -> None:
    def slow(_got: Any) -> Any:
        time.sleep(1)
        return 204, {}

    receiver.answers["/in"] = slow
    outcome = send(receiver.url("/in"), timeout_s=0.2)
    assert (outcome.verdict, outcome.why) == (Verdict.FAILED, "did not answer in time")


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/in", "https://no-such-host.example/in"])
def test_what_cannot_be_reached_is_a_failure_that_does_not_show_the_url(url: str) -> None:
    outcome = send(url)
    assert outcome.verdict is Verdict.FAILED
    assert "/in" not in outcome.why


def test_a_receiver_without_tls_where_it_should_have_it_gets_nothing(receiver: Receiver) -> None:
    assert send(receiver.url("/in").replace("http:", "https:")).verdict is Verdict.FAILED
    assert receiver.got == []


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The vector of the reference libraries: secret, id, time and body."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    found = headers([Hidden(secret)], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
