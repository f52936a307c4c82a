"""Is a policy that would change the past told from one that does not?"""

import pytest

from stream.policy.history import changed_before
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, PICKUP, RULE, head, read
from tests.policy.test_times import utc

CLOCK = utc("2024-06-01T00:00:00")
EARLIEST = "2024-06-01T00:00:00.001Z"
Files = str | tuple[str, ...]

TIER = "warning.below = 0.9\n"
FIRST = HEAD + ON_TIME + RULE + TIER
PUT_BACK = f"put it back, and write what is to change as a version that starts at {EARLIEST} or later"
PUT_BACK_EXEMPTION = f"put it back, and publish another with what is to change at {EARLIEST} or later"
LATER = "published_at = 2024-06-01T00:00:00.001Z\n"
EARLIER = "published_at = 2024-06-01T00:00:00Z\n"


def version(number: str, since: str) -> str:
    return head(number, since) + ON_TIME


def changes(old: Files, new: Files) -> tuple[str, ...]:
    before, after = ((each,) if isinstance(each, str) else each for each in (old, new))
    return changed_before(read(*before), read(*after), CLOCK)


CHANGED: dict[str, tuple[Files, Files, str]] = {
    "another policy": (
        FIRST,
        FIRST.replace('"test"', '"toast"'),
        'the policy "test" is in force, and "toast" is another: it needs a group of its own',
    ),
    "a version that is gone": (
        (FIRST, version("2", "2024-05-01T00:00:00Z")),
        FIRST,
        f'version "2", in force since 2024-05-01T00:00:00.000Z, is gone; {PUT_BACK}',
    ),
    "a threshold": (
        FIRST,
        FIRST.replace("0.9", "0.8"),
        f'version "1", in force since 2024-01-01T00:00:00.000Z, has another rules.late; {PUT_BACK}',
    ),
    "all that there is": (
        FIRST,
        head(since="2024-01-02T00:00:00Z", zone="Asia/Shanghai")
        + 'keep = "61d"\nlanguages = ["zh"]\n'
        + PICKUP,
        (
            'version "1", in force since 2024-01-01T00:00:00.000Z, has another effective_from, time_zone, languages, keep, '
            f"metrics.on_time, metrics.pickup, rules.late; {PUT_BACK}"
        ),
    ),
    "a version that is in force moves to the future": (
        FIRST,
        FIRST.replace("2024-01-01", "2024-07-01"),
        f'version "1", in force since 2024-01-01T00:00:00.000Z, has another effective_from; {PUT_BACK}',
    ),
    "a new version that starts at the clock": (
        FIRST,
        (FIRST, version("2", "2024-06-01T00:00:00Z")),
        f'version "2" would be in force since 2024-06-01T00:00:00.000Z; let it start at {EARLIEST} or later',
    ),
    "a version to come that starts sooner": (
        (FIRST, version("2", "2024-07-01T00:00:00Z")),
        (FIRST, version("2", "2024-05-01T00:00:00Z")),
        f'version "2" would be in force since 2024-05-01T00:00:00.000Z; let it start at {EARLIEST} or later',
    ),
    "a new exemption that was always published": (
        FIRST,
        FIRST + EXEMPTION,
        f'exemption "storm", published always, is new; let its published_at be {EARLIEST} or later',
    ),
    "a new exemption published at the clock": (
        FIRST,
        FIRST + EXEMPTION + EARLIER,
        (
            'exemption "storm", published 2024-06-01T00:00:00.000Z, is new; '
            f"let its published_at be {EARLIEST} or later"
        ),
    ),
    "an exemption to come that is published sooner": (
        FIRST + EXEMPTION + LATER,
        FIRST + EXEMPTION + EARLIER,
        (
            'exemption "storm", published 2024-06-01T00:00:00.000Z, is published otherwise now; '
            f"let its published_at be {EARLIEST} or later"
        ),
    ),
    "an exemption in force that changes": (
        FIRST + EXEMPTION,
        FIRST + EXEMPTION.replace("drop", "forgive"),
        f'exemption "storm", published always, has changed; {PUT_BACK_EXEMPTION}',
    ),
    "an exemption in force that is put off": (
        FIRST + EXEMPTION + EARLIER,
        FIRST + EXEMPTION + LATER,
        f'exemption "storm", published 2024-06-01T00:00:00.000Z, has changed; {PUT_BACK_EXEMPTION}',
    ),
    "an exemption in force that is gone": (
        FIRST + EXEMPTION,
        FIRST,
        f'exemption "storm", published always, is gone; {PUT_BACK_EXEMPTION}',
    ),
}
UNCHANGED: dict[str, tuple[Files, Files]] = {
    "the same in other words": (FIRST, FIRST.replace("0.9", "0.90").replace('"30d"', '"720h"')),
    "a new version right after the clock": (FIRST, (FIRST, version("2", "2024-06-01T00:00:00.001Z"))),
    "a version to come that is gone": ((FIRST, version("2", "2024-07-01T00:00:00Z")), FIRST),
    "a version to come that changes": (
        (FIRST, version("2", "2024-07-01T00:00:00Z")),
        (FIRST, version("2", "2024-08-01T00:00:00Z") + PICKUP),
    ),
    "a new exemption published right after the clock": (FIRST, FIRST + EXEMPTION + LATER),
    "an exemption to come that changes": (
        FIRST + EXEMPTION + LATER,
        FIRST + EXEMPTION.replace("drop", "forgive") + LATER,
    ),
    "an exemption to come that is gone": (FIRST + EXEMPTION + LATER, FIRST),
    "an exemption that moves to another file": (
        (FIRST + EXEMPTION, version("2", "2024-07-01T00:00:00Z")),
        (FIRST, version("2", "2024-07-01T00:00:00Z") + EXEMPTION),
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_of_the_past_is_told_with_the_earliest_time_that_is_allowed(what: str) -> None:
    old, new, told = CHANGED[what]
    assert changes(old, new) == (told,)


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_leaves_the_past_as_it_was_may_take_over(what: str) -> None:
    old, new = UNCHANGED[what]
    assert changes(old, new) == ()


def test_every_difference_has_its_own_sentence() -> None:
    told = changes(FIRST, FIRST.replace("0.9", "0.8") + EXEMPTION)
    assert [sentence.split('"')[1] for sentence in told] == ["1", "storm"]
