"""Streams over HTTP."""

import socket
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from stream.merchant.api.tokens import digest_of, line_of
from tests.merchant.api.scene import MINE, OPS, Served, until
from tests.view.story import alert, late, rates


def test_a_stream_begins_with_all_there_is_and_goes_on_with_what_changes(served: Served) -> None:
    served.do(lambda: served.log.alert(alert(1, "s1", 1)))
    served.do(lambda: served.log.rates(rates("s1", late(9, 1))))
    with served.follow("/v1/shops/s1/events") as follower:
        assert follower.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        names = [event.name for event in follower.until("caught_up")]
        assert names == ["feed", "begin", "trend", "rates", "alert", "caught_up"]
        served.do(lambda: served.log.alert(alert(2, "s2", 1)))
        served.do(lambda: served.log.alert(alert(1, "s1", 1, because="recovered")))
        (event,) = follower.until("alert")
        assert (event.data["state"], event.id) == ("resolved", "1.3.1")


def test_a_reconnect_gets_exactly_what_it_missed(served: Served) -> None:
    served.do(lambda: served.log.alert(alert(1, "s1", 1)))
    with served.follow("/v1/shops/s1/events") as follower:
        follower.until("caught_up")
        last = follower.last
    served.do(lambda: served.log.alert(alert(2, "s1", 2)))
    served.do(lambda: served.log.alert(alert(1, "s1", 1, because="recovered")))
    for given in ({"last": last}, {"path": f"/v1/shops/s1/events?after={last}"}):
        with served.follow(given.get("path") or "/v1/shops/s1/events", last=given.get("last")) as follower:
            missed = [event for event in follower.until("caught_up") if event.name != "feed"]
        assert [event.data.get("alert_id") for event in missed] == ["a2", "a1", None]


def test_a_shop_of_which_nothing_was_known_is_told_once_something_is(served: Served) -> None:
    with served.follow("/v1/shops/s1/events") as follower:
        assert follower.until("caught_up")[-1].id is None
        served.do(lambda: served.log.rates(rates("s1", late(9, 1))))
        assert [event.name for event in follower.until("caught_up")] == [
            "begin",
            "trend",
            "rates",
            "caught_up",
        ]


def test_ops_follow_the_alerts_of_all_shops(served: Served) -> None:
    served.do(lambda: served.log.alert(alert(1, "s1", 1)))
    with served.follow("/v1/events", OPS) as follower:
        assert [event.name for event in follower.until("caught_up")] == [
            "feed",
            "begin",
            "alert",
            "caught_up",
        ]
        served.do(lambda: served.log.rates(rates("s1", late(9, 1))))
        served.do(lambda: served.log.alert(alert(2, "s2", 1), 2))
        (event,) = follower.until("alert")
        assert (event.data["shop_id"], event.id) == ("s2", "all.0.1.1")


def test_something_is_sent_when_nothing_happens(tmp_path: Path) -> None:
    with Served(tmp_path, beat_s=0.05) as served, served.follow("/v1/shops/s1/events") as follower:
        follower.until("caught_up")
        follower.until("feed")
        follower.until("feed")


def test_that_kafka_does_not_answer_is_told_at_once(served: Served) -> None:
    with served.follow("/v1/shops/s1/events") as follower:
        follower.until("caught_up")

        def lose() -> None:
            served.health.away_since = 5
            served.shops.wake_every()

        served.do(lose)
        (event,) = follower.until("feed")
        assert event.data["away_since"] == "1970-01-01T00:00:00.005Z"


def test_one_that_does_not_read_is_cut_off_and_the_others_are_served(tmp_path: Path) -> None:
    with Served(tmp_path, send_s=0.3) as served:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(
            f"GET /v1/shops/s1/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {MINE}\r\n\r\n".encode()
        )
        until(lambda: len(served.streams) == 1)
        with served.follow("/v1/shops/s1/events") as follower:
            follower.until("caught_up")
            number = 0
            while served.streams.cut_off == 0:
                number += 1
                assert number < 2_000
                document = alert(1, "s1", number, orders=100)
                served.do(partial(served.log.alert, document))
                follower.until("alert")
                if number > 100:
                    time.sleep(0.01)
            assert len(served.streams) == 1
        received = 0
        with suppress(ConnectionError):
            while part := slow.recv(1 << 20):
                received += len(part)
        slow.close()
        assert received < number * 10_000, "what was kept for it is let go"


def test_a_reader_who_leaves_is_forgotten(served: Served) -> None:
    with served.follow("/v1/shops/s1/events") as follower:
        follower.until("caught_up")
        assert len(served.streams) == 1
    until(lambda: len(served.streams) == 0)
    assert served.shops._watchers == {}


def test_a_token_that_is_taken_away_ends_its_streams(served: Served, tmp_path: Path) -> None:
    with served.follow("/v1/shops/s1/events") as mine, served.follow("/v1/events", OPS) as ops:
        mine.until("caught_up")
        ops.until("caught_up")
        line = line_of(digest_of(OPS), [], ops=True, name="ops")
        (tmp_path / "tokens.toml").write_text(line, "utf-8")

        def reread() -> None:
            assert served.tokens.read_if_changed()
            served.streams.end_those(served.access.lost_by)

        served.do(reread)
        assert list(mine.events()) == []
        served.do(lambda: served.log.alert(alert(1, "s1", 1)))
        ops.until("alert")
    assert served.ask("/v1/shops/s1/events").status == 401


def test_no_more_streams_are_opened_than_allowed(tmp_path: Path) -> None:
    with Served(tmp_path, most=1) as served, served.follow("/v1/shops/s1/events") as first:
        first.until("caught_up")
        answer = served.ask("/v1/shops/s1/events")
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")


def test_one_token_cannot_have_all_streams(served: Served) -> None:
    served.streams.most_each = 1
    with served.follow("/v1/shops/s1/events") as first, served.follow("/v1/events", OPS):
        first.until("caught_up")
        assert served.ask("/v1/shops/s1/events").status == 503


def test_the_end_of_the_process_ends_the_streams(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        follower = served.follow("/v1/shops/s1/events")
        follower.until("caught_up")
    assert list(follower.events()) == []
