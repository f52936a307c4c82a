"""A file of subscriptions: what it says, and all that is wrong with it at once."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest

from stream.merchant.notify.chat import is_usable
from stream.merchant.notify.reading import SubscriptionError, Surroundings, read_subscriptions
from stream.merchant.notify.subscriptions import Book, Channel, Webhook
from tests.merchant.notify.stories import HOUR, MINUTE, SECRET

DOCS = Path(__file__).parents[3] / "docs" / "notify.md"
WEBHOOK = f'webhooks.erp = {{ url = "https://erp.acme.example/in", secrets = ["{SECRET}"] }}'
RIGHT = f'[merchants.acme]\nshops = ["s1"]\n{WEBHOOK}\n'


def read(
    text: str,
    folder: Path = Path("nowhere"),
    environment: Mapping[str, str] = {},
    *,
    allow_http: bool = False,
) -> Book:
    around = Surroundings(folder, environment, lambda url: "bad" not in url, allow_http)
    return read_subscriptions("s.toml", text, around)


def problems(text: str) -> list[str]:
    with pytest.raises(SubscriptionError) as error:
        read(text)
    return str(error.value).splitlines()


def test_what_is_left_out_has_its_default() -> None:
    book = read(RIGHT)
    (acme,) = book.merchants
    assert (acme.name, acme.shops, acme.language, str(acme.zone)) == ("acme", frozenset({"s1"}), "en", "UTC")
    assert (acme.min_rank, acme.repeat_ms, acme.quiet) == (0, None, ())
    (erp,) = acme.endpoints
    assert isinstance(erp, Webhook)
    assert (erp.name, erp.host) == ("acme/erp", "erp.acme.example")
    assert book.ops is None
    assert (book.hold.delay_ms, book.hold.mass_share, book.hold.mass_within_ms) == (
        10 * MINUTE,
        0.05,
        10 * MINUTE,
    )


def test_everything_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n{SECRET}\n")
    book = read(
        """
severities = ["warning", "demotion"]
[hold]
delay = "off"
lag = 5
silence = "1h"
mass_share = 0.5
mass_within = "1m"
mass_shops = 3
[ops.channels.room]
url_env = "ROOM"
[merchants.acme]
shops = ["s1", "s2"]
language = "zh"
time_zone = "Asia/Shanghai"
min_severity = "demotion"
repeat_interval = "12h"
quiet.night = { from = "22:00", to = "08:00", severities = ["warning"] }
[merchants.acme.webhooks.erp]
url = "https://erp.acme.example/in"
secrets_file = "secret"
[merchants.acme.channels.duty]
url = "wecombot://key.example"
per_minute = 5
digest = "10m"
""",
        tmp_path,
        {"ROOM": "slack://room.example"},
    )
    (acme,) = book.merchants
    (night,) = acme.quiet
    assert (acme.min_rank, acme.repeat_ms) == (1, 12 * HOUR)
    assert (night.begin, night.end, night.severities) == (time(22), time(8), frozenset({"warning"}))
    erp, duty = acme.endpoints
    assert isinstance(erp, Webhook)
    assert [secret.reveal() for secret in erp.secrets] == [SECRET, SECRET]
    assert isinstance(duty, Channel)
    assert (duty.host, duty.per_minute, duty.digest_ms) == ("wecombot", 5, 10 * MINUTE)
    assert book.ops is not None
    assert book.ops.endpoints[0].url.reveal() == "slack://room.example"
    assert (book.hold.delay_ms, book.hold.lag, book.hold.mass_share) == (None, 5, 0.5)


def test_no_secret_and_no_url_is_in_what_is_shown_of_a_book() -> None:
    book = read(RIGHT)
    assert SECRET not in repr(book)
    assert "acme.example/in" not in repr(book)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x", ["this is not TOML"]),
        ("", ["merchants is missing; write [merchants.NAME]"]),
        ("[merchants.acme]", ["merchants.acme.shops is missing", "merchants.acme has no endpoint"]),
        (
            RIGHT.replace("shops", "shop"),
            [
                "merchants.acme.shops is missing",
                'merchants.acme.shop is no key that is known here; did you mean "shops"?',
            ],
        ),
        (RIGHT.replace('["s1"]', '["*", "s1"]'), ['names shops beside "*"']),
        (RIGHT.replace("https://erp.acme.example/in", "http://erp.acme.example/in"), ["is not encrypted"]),
        (RIGHT.replace("https://erp.acme.example/in", "ftp://hidden.example"), ["is no URL of a webhook"]),
        (RIGHT.replace("erp.acme.example", "[bad"), ["is no URL of a webhook"]),
        (
            RIGHT.replace("https://erp.acme.example/in", "https://x.example:99999/"),
            ["is no URL of a webhook"],
        ),
        (RIGHT.replace(SECRET, "whsec_short"), ["secrets (entry 1) is not base64"]),
        (RIGHT.replace(f'["{SECRET}"]', "[]"), ["secrets names none"]),
        (RIGHT.replace("secrets =", "secrets_env ="), ["secrets_env is a list, not a text"]),
        (
            RIGHT.replace(f'secrets = ["{SECRET}"]', 'secrets_env = "NOT_SET"'),
            ['names "NOT_SET", which is not set'],
        ),
        (RIGHT.replace(f'secrets = ["{SECRET}"]', 'secrets_file = "gone"'), ["secrets_file cannot be read"]),
        (RIGHT + 'language = "fr"\n', ['merchants.acme.language has no word "fr"; it may be one of en, zh']),
        (RIGHT + 'time_zone = "Mars/Olympus"\n', ["no time zone"]),
        (RIGHT + 'min_severity = "bad"\n', ['merchants.acme.min_severity has no word "bad"']),
        (RIGHT + "repeat_interval = 12\n", ["a duration without a unit"]),
        (RIGHT + 'quiet.night = { from = "22", to = "08:00" }\n', ["no time of day"]),
        (RIGHT + 'quiet.night = { from = "08:00", to = "08:00" }\n', ["silence for ever"]),
        (RIGHT + 'channels.duty = { url = "bad://x.example" }\n', ["is no Apprise URL that can be used"]),
        (RIGHT + 'channels.erp = { url = "slack://room.example" }\n', ["has the name of a webhook"]),
        (RIGHT.replace("acme]", "ops]"), ["is called as operators are"]),
        (RIGHT + "[hold]\nmass_share = 5\n", ["hold.mass_share is 5, no share of all"]),
        (RIGHT + RIGHT.replace("acme]", "twin]"), ["has the URL of acme/erp, and both are told of shop"]),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(text: str, found: list[str]) -> None:
    said = problems(text)
    assert len(said) == len(found), said
    for line, words in zip(said, found, strict=True):
        assert line.startswith("s.toml:")
        assert words in line
        assert SECRET not in line


def test_all_mistakes_are_told_at_once() -> None:
    assert (
        len(problems('[merchants.a]\nshops = 3\nlanguage = "fr"\n[merchants.b]\nshops = []\n[ops]\nx = 1\n'))
        == 7
    )


def test_without_encryption_only_if_it_is_allowed() -> None:
    text = RIGHT.replace("https://", "http://")
    assert read(text, allow_http=True).merchants
    assert problems(text)


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("wecombot:///?key=abc", True),
        ("feishu:///abc123-token", True),
        ("mailtos://mail.example/?user=u&pass=p&to=a@b.example", True),
        ("json://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("nonsense", False),
        ("slack://", False),
    ],
)
def test_a_channel_is_of_a_service_that_goes_where_it_says(url: str, usable: bool) -> None:  # noqa: FBT001 - a case
    assert is_usable(url) == usable


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = DOCS.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "acme.secret").write_text(SECRET)
    around = Surroundings(
        tmp_path,
        {"ACME_WECOM": "wecombot:///?key=abc", "OPS_MAIL": "mailtos://mail.example/?user=u&pass=p"},
        is_usable,
    )
    book = read_subscriptions("docs", text, around)
    assert book.ops is not None
