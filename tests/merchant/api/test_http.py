"""What is asked over HTTP, and who gets an answer."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec import structs

from stream.broker.ports import free_port
from stream.merchant.api.access import COOKIE
from stream.merchant.api.documents import AlertPage, OrdersAtRisk, ShopStanding
from stream.merchant.api.numbers import Numbers
from stream.merchant.api.serving import AddressError, Cuttable, numbers_served
from tests.merchant.api.scene import MINE, OPS, OTHERS, Served, ask, until
from tests.view.story import BEGINS, alert, late, rates, returns, score
from topics.rates import AtRisk, DueOrder, Rates

SLASHED = "a/b c"


@pytest.fixture(scope="module")
def module_told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With three shops."""
    with Served(tmp_path_factory.mktemp("api")) as made:
        _tell(made)
        yield made


@pytest.fixture
def told(module_told: Served) -> Iterator[Served]:
    """The same for all tests that change nothing, or only for their own time."""
    yield module_told
    module_told.health.ready, module_told.health.away_since = True, None
    assert module_told.said == []


def _tell(served: Served) -> None:
    def tell() -> None:
        for shop, partition in (("s1", 1), ("s2", 1), (SLASHED, 2)):
            served.log.rates(rates(shop, late(78, 22), returns(3), score(88.5)), partition)
        for number in range(5):
            served.log.alert(alert(number, "s1", number, because="recovered" if number % 2 else None))
        served.log.alert(alert(9, "s2", 9))

    served.do(tell)


def test_a_shop_is_told_with_its_rates_trend_and_counts(told: Served) -> None:
    answer = told.ask("/v1/shops/s1")
    assert answer.status == 200
    standing = msgspec.json.decode(answer.body, type=ShopStanding)
    sent = msgspec.json.encode(rates("s1", late(78, 22), returns(3), score(88.5)))
    assert standing.rates == msgspec.json.decode(sent, type=Rates)
    assert [trend.rule for trend in standing.trend] == ["late_shipping", "poor_service", "returns"]
    assert (standing.alerts.firing, standing.alerts.resolved) == (3, 2)
    assert standing.position == "1.6.2"
    assert standing.feed.read_to == "2025-03-06T01:00:00.000Z"


def test_ones_own_shop_is_there_before_anything_is_known_of_it(served: Served) -> None:
    standing = msgspec.json.decode(served.ask("/v1/shops/s1").body, type=ShopStanding)
    assert (standing.rates, standing.position) == (None, None)
    assert served.ask("/v1/shops/s1/alerts").json == {"alerts": [], "next": None}
    assert served.ask("/v1/shops/s1/orders/at-risk").json["orders"] == []


@pytest.mark.parametrize("path", ["", "/alerts", "/orders/at-risk", "/events"])
def test_anothers_shop_and_one_that_is_not_there_are_answered_alike(told: Served, path: str) -> None:
    answers = [told.ask(f"/v1/shops/{shop}{path}") for shop in ("s2", "s9", "", "%00", "%FF")]
    assert {answer.status for answer in answers} == {404}
    same = [(_without_date(answer.headers), answer.body) for answer in answers[:2]]
    assert same[0] == same[1]
    assert answers[0].json["detail"] == "there is no such shop"
    assert told.ask(f"/v1/shops/s9{path}", OPS).body == answers[0].body


def test_another_shop_is_hidden_before_all_has_been_read_as_well(told: Served) -> None:
    told.health.ready = False
    assert [told.ask(f"/v1/shops/{shop}").status for shop in ("s1", "s2", "s9")] == [503, 404, 404]
    assert told.ask("/v1/alerts", OPS).headers["retry-after"] == "2"
    assert told.ask("/readyz", None).body == b"the topics are being read\n"


def _without_date(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "date"}


def test_a_shops_id_may_have_any_signs(told: Served) -> None:
    answer = told.ask(f"/v1/shops/{quote(SLASHED, safe='')}")
    assert (answer.status, answer.json["shop_id"]) == (200, SLASHED)
    assert told.ask("/v1/shops/a/b%20c").status == 404


@pytest.mark.parametrize("token", [None, "sw_nobody", "", "\xe9"])
def test_without_a_token_that_opens_something_nothing_is_shown(told: Served, token: str | None) -> None:
    for path in (
        "/v1/shops/s1",
        "/v1/shops/s1/events",
        "/v1/alerts",
        "/v1/events",
        "/v1/session",
    ):
        answer = told.ask(path, token)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/events"])
def test_all_shops_are_shown_to_ops_only(told: Served, path: str) -> None:
    answer = told.ask(path)
    assert (answer.status, answer.json["title"]) == (403, "Forbidden")


def test_alerts_come_in_pages_the_one_that_fired_last_first(told: Served) -> None:
    for path, token, wanted in (
        ("/v1/shops/s1/alerts", MINE, ["a4", "a3", "a2", "a1", "a0"]),
        ("/v1/alerts", OPS, ["a9", "a4", "a3", "a2", "a1", "a0"]),
    ):
        found, after = [], ""
        while True:
            answer = told.ask(f"{path}?limit=2{after}", token)
            page = msgspec.json.decode(answer.body, type=AlertPage)
            found += [each.alert_id for each in page.alerts]
            if page.next is None:
                break
            after = f"&after={page.next}"
        assert found == wanted


def test_alerts_are_shown_by_their_state(told: Served) -> None:
    for state, wanted in (("firing", ["a4", "a2", "a0"]), ("resolved", ["a3", "a1"])):
        page = told.ask(f"/v1/shops/s1/alerts?state={state}").json
        assert [each["alert_id"] for each in page["alerts"]] == wanted


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "state=over", "after=x", "after=eA", "after=%FF"]
)
def test_a_parameter_that_is_wrong_is_told(told: Served, query: str) -> None:
    for path, token in (("/v1/shops/s1/alerts", MINE), ("/v1/alerts", OPS)):
        answer = told.ask(f"{path}?{query}", token)
        assert answer.status == 422
        assert answer.json["detail"].startswith(query.partition("=")[0] + ": ")


def test_orders_at_risk_are_named_once_by_when_they_are_due(served: Served) -> None:
    hour = timedelta(hours=1)
    orders = [
        DueOrder(order_id="o1", due=BEGINS + 2 * hour),
        DueOrder(order_id="o2", due=BEGINS + hour),
    ]
    at_risk = [
        AtRisk(metric=metric, open=3, within_1h=1, within_6h=2, within_24h=2, due_next=orders)
        for metric in ("strict", "lenient")
    ]
    document = structs.replace(rates("s1", late(78, 22), returns(3)), at_risk=at_risk)
    served.do(lambda: served.log.rates(document))
    found = msgspec.json.decode(served.ask("/v1/shops/s1/orders/at-risk").body, type=OrdersAtRisk)
    assert [(order.order_id, order.due, order.metrics) for order in found.orders] == [
        ("o2", "2025-03-06T02:00:00.000Z", ["strict", "lenient"]),
        ("o1", "2025-03-06T03:00:00.000Z", ["strict", "lenient"]),
    ]
    assert [(each.metric, each.open, each.within_1h) for each in found.metrics] == [
        ("strict", 3, 1),
        ("lenient", 3, 1),
    ]
    assert found.as_of == "2025-03-06T01:00:00.000Z"


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_can_use(told: Served) -> None:
    opened = told.ask("/v1/session", MINE, "POST")
    assert opened.json == {"name": "Ann", "shops": ["s1", SLASHED], "ops": False, "clock": "real"}
    kept = opened.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}={MINE}; ")
    assert {"HttpOnly", "SameSite=strict", "Path=/v1"} <= set(kept.split("; "))
    assert "Secure" not in kept, "over plain HTTP on this machine it would not be kept"
    assert told.ask("/v1/shops/s1", None, Cookie=f"{COOKIE}={MINE}").status == 200
    assert told.ask("/v1/shops/s2", None, Cookie=f"{COOKIE}={MINE}").status == 404
    assert told.ask("/v1/shops/s2", OTHERS, Cookie=f"{COOKIE}={MINE}").status == 200, "the header counts more"


def test_elsewhere_than_on_this_machine_the_cookie_wants_tls(told: Served) -> None:
    assert "Secure" in told.ask("/v1/session", MINE, "POST", Host="shops.example").headers["set-cookie"]


def test_a_session_needs_the_header_so_that_no_other_site_can_open_one(told: Served) -> None:
    assert told.ask("/v1/session", None, "POST", Cookie=f"{COOKIE}={MINE}").status == 401


def test_a_session_is_given_back(told: Served) -> None:
    answer = told.ask("/v1/session", None, "DELETE")
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "path", ["/", "/page/app.js", "/v1/shops/s1", "/v1/nothing", "/livez", "/openapi.json"]
)
def test_every_answer_has_the_headers_that_protect_a_browser(told: Served, path: str) -> None:
    headers = told.ask(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_what_is_private_is_kept_nowhere_and_the_page_only_as_long_as_it_is_the_same(told: Served) -> None:
    assert told.ask("/v1/shops/s1").headers["cache-control"] == "no-store"
    page = told.ask("/", None)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    again = told.ask("/", None, If_None_Match=page.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_paths_and_methods_that_are_not_there_are_problems_too(told: Served) -> None:
    for answer in (told.ask("/v1/nothing"), told.ask("/v1/shops/s1", MINE, "PUT"), told.ask("/docs")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["status"] == answer.status


def test_what_nobody_thought_of_is_said_and_the_asker_sees_no_trace(told: Served) -> None:
    def broken(_shop_id: str) -> None:
        raise RuntimeError("boom")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(told.shops, "find", broken)
        answer = told.ask("/v1/shops/s1")
    assert (answer.status, b"boom" in answer.body) == (500, False)
    until(lambda: told.said != [])
    assert told.said == ["unexpected RuntimeError at GET /v1/shops/{shop_id}: boom"]
    told.said.clear()


def test_whether_it_is_well_is_asked_without_a_token(told: Served) -> None:
    assert (told.ask("/livez", None).status, told.ask("/readyz", None).body) == (200, b"ready\n")
    told.health.away_since = 7
    assert told.ask("/readyz", None).body == b"Kafka does not answer\n"
    assert told.ask("/v1/shops/s1").json["feed"]["away_since"] == "1970-01-01T00:00:00.007Z"


@pytest.mark.parametrize("token", [None, MINE, OPS])
def test_its_own_numbers_are_not_where_merchants_are(told: Served, token: str | None) -> None:
    answer = told.ask("/metrics", token)
    assert answer.status == 404
    assert b"shopwatch_" not in answer.body


def test_its_own_numbers_are_for_whoever_asks_where_they_are_and_name_no_shop(told: Served) -> None:
    numbers, port = Numbers(told.shops, told.streams, told.health), free_port()
    with numbers_served("127.0.0.1", port, numbers):
        body = ask(port, "/metrics").body.decode()
        assert "\nshopwatch_api_shops 3.0\n" in body
        assert "\nshopwatch_api_firing 4.0\n" in body
        assert "\nprocess_start_time_seconds " in body
        assert "s1" not in body
        assert (ask(port, "/v1/alerts").status, ask(port, "/").body) == (404, b"/metrics\n")
        with pytest.raises(AddressError, match="--metrics-http"), numbers_served("127.0.0.1", port, numbers):
            pass
    with pytest.raises(OSError, match="refused"):
        ask(port, "/metrics")


def test_what_is_no_http_is_not_served_and_disturbs_nobody(told: Served) -> None:
    for raw in (b"\x16\x03\x01 nonsense\r\n\r\n", b"GET /v1/shops/%zz HTTP/1.1\r\nHost: h\r\n\r\n"):
        connection = http.client.HTTPConnection("127.0.0.1", told.port, timeout=5)
        connection.connect()
        connection.sock.sendall(raw)
        assert connection.sock.recv(100).startswith(b"HTTP/1.1 4")
        connection.close()
    assert told.said == []


LIVEZ = b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"


def test_whoever_does_not_ask_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cuttable, "head_s", 0.3)
    with Served(tmp_path) as served:
        for before, begun in ((b"", b""), (b"", b"GET / HTTP/1.1\r\nHost: h\r\n"), (LIVEZ, b"GET /livez")):
            with socket.create_connection(("127.0.0.1", served.port), 5) as connection:
                connection.sendall(before)
                received = b"alive\n" if not before else b""
                while not received.endswith(b"alive\n"):
                    received += connection.recv(1_000)
                connection.sendall(begun)
                with suppress(ConnectionResetError):
                    assert connection.recv(1_000) == b""
        with served.follow("/v1/shops/s1/events") as follower:
            follower.until("caught_up")
            time.sleep(0.5)
            served.do(lambda: served.log.alert(alert(1, "s1", 1)))
            follower.until("caught_up")


def test_no_token_is_in_what_is_said(told: Served) -> None:
    told.ask(f"/v1/shops/s1?token={MINE}")
    told.ask("/v1/session", MINE, "POST")
    assert MINE not in "".join(told.said)
