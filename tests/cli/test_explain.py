"""`shopwatch explain`, on a real Kafka: what a worker has left, told of an alert, a shop and an order."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from stream.cli.explain.command import What, explain
from stream.engine.ledger import order_key, state_key
from stream.kafka.access import Access
from tests.backtest.asking import cancelled, hours, order, policy
from tests.cli.shell import Shell
from tests.cli.test_alerts import alert, rates
from tests.worker.rig import Rig
from topics.times import rfc3339

pytestmark = pytest.mark.kafka

EVENTS = [
    *order("a", 1, good=True),
    *order("b", 3, good=False),
    {**order("b", 4.5, good=True)[1]},
    *order("c", 6, good=True),
    cancelled(30),
]
"""Shop S fires at hour 3, when b is late, and has no data at hour 17."""


@dataclass(frozen=True)
class Told:
    """What came of a question."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Asker:
    """Asks in this process: another for each question would take a second more."""

    rig: Rig
    capsys: pytest.CaptureFixture[str]

    def __call__(self, name: str, order_id: str | None = None, what: What | None = None, **more: Any) -> Told:
        """Run it to its end."""
        code = 0
        try:
            explain(
                name, order_id, what, bootstrap=Access(self.rig.address), topic_prefix=self.rig.prefix, **more
            )
        except typer.Exit as error:
            code = error.exit_code
        return Told(code, *self.capsys.readouterr())

    def line(self, *asked: Any) -> str:
        """What is said of a question that has no answer."""
        told = self(*asked)
        assert (told.code, told.out, told.err.count("\n")) == (1, "", 1), told
        return told.err.removeprefix("shopwatch explain: ")


@pytest.fixture
def ask(rig: Rig, capsys: pytest.CaptureFixture[str]) -> Asker:
    return Asker(rig, capsys)


@pytest.fixture
def drained(rig: Rig, shell: Shell, tmp_path: Path, ask: Asker) -> str:
    """The id of the one alert."""
    asyncio.run(rig.create(2))
    assert ask.line("S").startswith("the ledger has no clock: no worker has judged anything here")
    rules = tmp_path / "rules.toml"
    rules.write_text(policy(window="10h", zone="Asia/Shanghai"))
    assert shell("load", "-", stdin=b"\n".join(json.dumps(event).encode() for event in EVENTS)).code == 0
    done = shell("worker", "--drain", "--policy", rules, "--session-timeout", "6s")
    assert done.code == 0, done.err
    ((name, _),) = asyncio.run(rig.latest("alerts")).items()
    return str(name.decode())


def test_an_alert_a_shop_and_an_order_are_told_and_what_is_not_there_is_one_line(
    shell: Shell, drained: str, ask: Asker
) -> None:
    _assert_told(shell, drained, ask)
    _assert_documents(drained, ask)
    assert ask.line("nobody").startswith("nothing is known of an alert or a shop nobody; ")
    assert ask.line("S", "z").startswith("nothing is known of order z of shop S: no fact of it was read")
    assert "is not UTF-8" in ask.line("\udcff")
    assert "no id has more than 256" in ask.line("é" * 129)


def _assert_told(shell: Shell, name: str, ask: Asker) -> None:
    done = shell("explain", name)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == f"alert {name} of shop S: r alarm, resolved"
    assert any(
        line.startswith("2024-01-01 11:00:00  fired: 1 good and 1 bad, 2 counted") for line in done.lines
    )
    assert any("now: bad: to be shipped by 2024-01-01 11:00:00, shipped at" in line for line in done.lines)
    assert "no_data" in done.out.decode() or "recovered" in done.out.decode()
    shop = ask("S").out.splitlines()
    assert shop[0] == "shop S: 4 orders known, 1 alert"
    assert any(line.startswith(f"  {name}: r alarm, fired 2024-01-01 11:00:00, resolved") for line in shop)
    of_order = ask("S", "b").out.splitlines()
    assert of_order[0] == "order b of shop S, paid under version 1 of policy test"
    assert any(line.startswith(f"evidence of alert {name}: ") for line in of_order)


def _assert_documents(name: str, ask: Asker) -> None:
    alerted, shop, order_ = (
        json.loads(told.out)
        for told in (ask(name, as_json=True), ask("S", as_json=True), ask("S", "b", as_json=True))
    )
    assert [each["story"] for each in (alerted, shop, order_)] == ["alert", "shop", "order"]
    assert alerted["alert"] == shop["alerts"][0]
    assert alerted["evidence"][0]["now"]["done"] == rfc3339(hours(4.5))
    assert shop["rates"]["as_of"] == shop["decided"] == rfc3339(hours(30))
    assert order_["alerts"] == [name]
    assert order_["duties"][0]["verdict"] == "late"


@pytest.mark.long
def test_a_shop_is_found_wherever_its_producers_put_it(rig: Rig, drained: str, ask: Asker) -> None:
    """Producers may be told to choose partitions otherwise (`--partitioner`)."""
    shops = [f"W{number}" for number in range(2)]
    documents = {shop: json.dumps(rates(shop, "firing")).encode() for shop in shops}
    asyncio.run(
        rig.send(("rates", number, shop.encode(), documents[shop]) for number, shop in enumerate(shops))
    )
    for shop in shops:
        assert ask(shop).out.startswith(f"shop {shop}: 0 orders known, 0 alerts\n")


@pytest.mark.long
def test_whatever_cannot_be_told_is_one_line_that_says_why(rig: Rig, drained: str, ask: Asker) -> None:
    place = next(record.partition for record in asyncio.run(rig.read("alerts")))
    assert ask.line("nobody", "b").startswith("nothing is known of shop nobody; ")
    assert ask.line("S", None, What.ALERT).startswith("there is no alert S; ")
    both = json.dumps(alert("S", "T", "2024-01-01T00:00:00.000Z")).encode()
    asyncio.run(
        rig.send(
            [
                ("ledger", place, order_key("S", "a"), b"\xff"),
                ("ledger", place, order_key("S", "b"), None),
                ("ledger", place, order_key("S", "c"), None),
                ("alerts", place, b"S", both),
            ]
        )
    )
    assert ask.line("S") == "S is the id of an alert and of a shop; say which with --as alert or --as shop\n"
    assert ask("S", None, What.SHOP).out.startswith("shop S: 2 orders known")
    assert "order a of shop S cannot be read" in ask.line("S", "a")
    assert ask.line("S", "b").endswith(f"count any more; it was evidence of alert {drained}\n")
    assert ask.line("S", "c") == "order c of shop S was let go, for nothing of it can count any more\n"
    assert "now: not known any more" in ask(drained).out
    asyncio.run(rig.send([("ledger", place, state_key("S"), b"\xff"), ("alerts", place, b"y", b"no json")]))
    assert "a record of alerts is not what the contract says" in ask.line("S", None, What.SHOP)
    asyncio.run(rig.send([("alerts", place, b"y", None)]))
    assert "the states of shop S cannot be read" in ask.line("S", None, What.SHOP)
    digest = next(iter(asyncio.run(rig.latest("policies"))))
    asyncio.run(rig.send([("policies", place, digest, None), ("ledger", place, state_key("S"), None)]))
    assert "is not in the topic policies, so nothing can be explained by it" in ask.line(drained)


def test_an_order_of_an_alert_is_a_mistake() -> None:
    with pytest.raises(typer.BadParameter, match="an order is one of a shop"):
        explain("S", "o", What.ALERT)
