"""How long did alerts last, and which are flaps?"""

import pytest

from stream.ops import episodes
from stream.ops.episodes import FLAP_MS, Episodes
from topics.times import rfc3339


def fired(at: int, shop: str = "s", severity: str = "warning") -> dict[str, object]:
    return {"shop_id": shop, "rule": "late", "severity": severity, "fired_at": rfc3339(at)}


def resolved(at: int, shop: str = "s", *, fired_at: int = 0) -> dict[str, object]:
    return {**fired(fired_at, shop), "resolved_at": rfc3339(at)}


def test_an_alert_lasts_from_firing_to_resolving_in_event_time() -> None:
    assert Episodes().lasted_s(resolved(90_500, fired_at=500)) == 90.0


@pytest.mark.parametrize(("after", "flap"), [(FLAP_MS, True), (FLAP_MS + 1, False)])
def test_an_alert_within_a_day_after_the_last_of_its_tier_is_a_flap(after: int, *, flap: bool) -> None:
    mine = Episodes()
    mine.lasted_s(resolved(1_000))
    assert mine.flaps(fired(1_000 + after)) is flap


def test_the_first_and_those_of_another_shop_or_tier_are_none() -> None:
    mine = Episodes()
    assert not mine.flaps(fired(0))
    mine.lasted_s(resolved(1_000))
    assert not mine.flaps(fired(1_001, shop="other"))
    assert not mine.flaps(fired(1_001, severity="critical"))


def test_of_too_many_those_that_resolved_first_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episodes, "REMEMBERED", 2)
    mine = Episodes()
    for shop in ("a", "b", "c"):
        mine.lasted_s(resolved(1_000, shop))
    assert [mine.flaps(fired(2_000, shop)) for shop in ("a", "b", "c")] == [False, True, True]
