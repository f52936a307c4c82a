"""What has happened?"""

from stream.view.happenings import KEPT, Happenings
from tests.view.story import alert


def texts(happenings: Happenings) -> list[str]:
    return [f"{h.alert.alert_id} {h.alert.state}" if h.alert else h.text for h in happenings.latest]


def test_an_alert_is_news_once_in_each_state() -> None:
    happenings = Happenings()
    assert happenings.take(alert(1, "s", 1)) is not None
    assert happenings.take(alert(1, "s", 1)) is None
    assert happenings.firing == 1
    assert happenings.take(alert(1, "s", 1, because="recovered")) is not None
    assert (happenings.firing, happenings.fired, happenings.resolved) == (0, 1, 1)
    assert texts(happenings) == ["a1 firing", "a1 resolved"]


def test_one_that_fired_and_resolved_unseen_counts_as_both() -> None:
    happenings = Happenings()
    happenings.take(alert(1, "s", 1, because="recovered"))
    assert (happenings.firing, happenings.fired, happenings.resolved) == (0, 1, 1)


def test_what_was_before_the_beginning_is_shown_by_its_time_and_counts_as_nothing_new() -> None:
    happenings = Happenings()
    happenings.begin([alert(3, "s", 9), alert(1, "s", 4, because="corrected"), alert(2, "s", 2)])
    assert texts(happenings) == ["a2 firing", "a1 resolved", "a3 firing"]
    assert (happenings.firing, happenings.fired, happenings.resolved) == (2, 0, 0)
    assert happenings.take(alert(2, "s", 2)) is None


def test_a_deleted_alert_fires_no_more() -> None:
    happenings = Happenings()
    happenings.take(alert(1, "s", 1))
    happenings.forget("a1")
    happenings.forget("a1")
    assert happenings.firing == 0


def test_only_the_latest_are_kept() -> None:
    happenings = Happenings()
    happenings.begin([alert(number, "s", number) for number in range(KEPT + 5)])
    happenings.tell(0, "a warehouse stops")
    assert len(happenings.latest) == KEPT
    assert (texts(happenings)[0], texts(happenings)[-1]) == ("a6 firing", "a warehouse stops")
    assert happenings.firing == KEPT + 5
