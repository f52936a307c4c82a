"""Is the first pass done once, in as many processes as there are partitions, and whole or not at all?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given

from stream.archive.errors import ArchiveError, BrokenFileError
from stream.archive.recorded import Recorded
from stream.backtest.columns.judge import alerts
from stream.backtest.replay import replay
from stream.backtest.timeline import run as timeline_run
from stream.backtest.timeline.rows import Timeline
from stream.backtest.timeline.run import Processes, beside, timeline
from tests.backtest.timeline.recorded import Held, as_archive, as_lines, timeline_of
from tests.backtest.timeline.test_orders import PLAIN, QUICK
from tests.properties.policies import policies
from tests.properties.running import lines, policy_of
from tests.properties.streams import Event, streams


def late(shop: str, number: int) -> bytes:
    """An order that is never shipped."""
    return (
        f'{{"type":"order_paid","event_id":"e{number}","shop_id":"{shop}","order_id":"o{number}",'
        '"occurred_at":"2024-01-01T00:00:00Z","ship_by":"2024-01-02T00:00:00Z","goods":"physical","ship_from":"1",'
        '"ship_to":"2","items":1,"amount":1,"currency":"CNY"}'
    ).encode()


LINES = [late(shop, number) for number in range(3) for shop in "STUV"]
POLICY = policy_of([PLAIN])


@dataclass(frozen=True)
class Unreadable(Held):
    """Whose records nobody gets to see."""

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """Never gets so far."""
        raise BrokenFileError(Path("orders.parquet"), "is cut off")


def same(found: Timeline, recording: Held) -> bool:
    return (
        alerts(POLICY, found)
        == alerts(POLICY, timeline_of(POLICY, recording))
        == replay(POLICY, LINES).alerts
    )


def test_it_is_made_once_and_found_again(tmp_path: Path) -> None:
    recording = as_archive(LINES, 3)
    with timeline(POLICY, recording, tmp_path / "kept", spread=Processes(1)) as made:
        assert same(made, recording)
    with timeline(POLICY, Unreadable(recording.records), tmp_path / "kept") as again:
        assert same(again, recording)
        assert (again.events, again.end_ms) == (len(LINES), made.end_ms)


def test_a_change_of_rule_does_not_read_again_and_one_of_metric_does(tmp_path: Path) -> None:
    recording = Unreadable(as_lines(LINES).records)
    with timeline(POLICY, as_lines(LINES), tmp_path):
        pass
    with timeline(policy_of([PLAIN.replace("below = 0.9", "below = 0.5")]), recording, tmp_path):
        pass
    with (
        pytest.raises(ArchiveError, match="is cut off"),
        timeline(
            policy_of([PLAIN.replace("on_time_ship", "return").replace("below", "above")]),
            recording,
            tmp_path,
        ),
    ):
        pass


def test_partitions_are_read_in_processes_and_their_progress_is_told(tmp_path: Path) -> None:
    recording, told = as_archive(LINES, 3), list[tuple[int, int]]()
    with timeline(
        POLICY, recording, tmp_path, spread=Processes(2), progress=lambda *done: told.append(done)
    ) as made:
        assert same(made, recording)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_an_archive_that_cannot_be_read_is_said_in_its_own_words_and_nothing_is_kept(tmp_path: Path) -> None:
    recording = Unreadable(as_archive(LINES, 2).records)
    for jobs in (1, 2):
        with (
            pytest.raises(ArchiveError, match="is cut off; put back the file"),
            timeline(POLICY, recording, tmp_path, spread=Processes(jobs)),
        ):
            pass
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_it_is_made_all_the_same(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("no directory")
    for kept in (None, occupied):
        with timeline(POLICY, as_lines(LINES), kept) as made:
            assert same(made, as_lines(LINES))


def test_one_that_was_stopped_half_way_is_none(tmp_path: Path) -> None:
    with timeline(POLICY, as_lines(LINES), tmp_path):
        pass
    (kept,) = tmp_path.iterdir()
    (kept / "timeline.json").unlink()
    with timeline(POLICY, as_lines(LINES), tmp_path) as made:
        assert same(made, as_lines(LINES))


def test_the_one_not_asked_for_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_run, "KEPT", 2)
    texts = [PLAIN.replace("2023-01-01", f"2023-01-0{day}") for day in (1, 2, 3)]
    for text in texts:
        with timeline(policy_of([text]), as_lines(LINES), tmp_path):
            pass
    assert len(list(tmp_path.iterdir())) == 2
    with timeline(policy_of([texts[2]]), Unreadable(as_lines(LINES).records), tmp_path) as newest:
        assert newest.events == len(LINES)


def test_it_is_kept_beside_what_was_recorded() -> None:
    assert beside(Path("a/archive")) == Path("a/archive.timelines")
    assert beside(Path("a/r.jsonl.gz")) == Path("a/r.jsonl.gz.timelines")


@QUICK
@given(policies(), streams())
def test_what_is_kept_gives_the_alerts_that_what_was_made_gives(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], events: list[Event]
) -> None:
    policy, recording = policy_of(texts), as_lines(lines(events))
    expected: Sequence[object] = alerts(policy, timeline_of(policy, recording))
    with timeline(policy, recording, tmp_path_factory.mktemp("kept")) as made:
        assert alerts(policy, made) == expected
