"""Would a new policy set change what was in force before?  The past is not judged anew unasked."""

from collections.abc import Iterable, Iterator, Mapping

from stream.policy.digests import meaning
from stream.policy.spec import Exemption, PolicySet, Version
from topics.times import rfc3339


def changed_before(old: PolicySet, new: PolicySet, clock: int) -> tuple[str, ...]:
    """What was in force at or before ``clock`` under ``old`` and would not have been so under ``new``.

    One sentence a difference, each with the earliest time that is allowed for it; empty if ``new`` may simply take over.
    """
    if old.name != new.name:
        return (
            f'the policy "{old.name}" is in force, and "{new.name}" is another: it needs a group of its own',
        )
    earliest = rfc3339(clock + 1)
    return (*_versions(old, new, clock, earliest), *_exemptions(old, new, clock, earliest))


def _versions(old: PolicySet, new: PolicySet, clock: int, earliest: str) -> Iterator[str]:
    before, after = _by_version(old.versions), _by_version(new.versions)
    for name in _names(before, after):
        was, will = before.get(name), after.get(name)
        if was and was.effective_from <= clock:
            yield from _kept(name, was, will, earliest)
        elif will and will.effective_from <= clock:
            since = rfc3339(will.effective_from)
            yield f'version "{name}" would be in force since {since}; let it start at {earliest} or later'


def _kept(name: str, was: Version, will: Version | None, earliest: str) -> Iterator[str]:
    """A version that is in force stays as it is, for orders were paid under it (SEMANTICS V1)."""
    remedy = f"put it back, and write what is to change as a version that starts at {earliest} or later"
    if will is None:
        yield f'version "{name}", in force since {rfc3339(was.effective_from)}, is gone; {remedy}'
    elif meaning(will) != meaning(was):
        what = ", ".join(_differences(was, will))
        yield f'version "{name}", in force since {rfc3339(was.effective_from)}, has another {what}; {remedy}'


def _differences(was: Version, will: Version) -> Iterator[str]:
    """What differs, as named in the file: ``keep``, ``rules.late_shipping``."""
    for key in ("effective_from", "time_zone", "languages", "keep"):
        if getattr(was, key) != getattr(will, key):
            yield key
    for key in ("metrics", "rules", "scores"):
        mine, other = getattr(was, key), getattr(will, key)
        for name in _names(mine, other):
            if meaning(mine.get(name)) != meaning(other.get(name)):
                yield f"{key}.{name}"


def _exemptions(old: PolicySet, new: PolicySet, clock: int, earliest: str) -> Iterator[str]:
    before, after = _by_id(old.exemptions), _by_id(new.exemptions)
    for name in _names(before, after):
        was, will = before.get(name), after.get(name)
        if meaning(was) == meaning(will):
            continue
        if was and _published(was, clock):
            change = "has changed" if will else "is gone"
            remedy = f"put it back, and publish another with what is to change at {earliest} or later"
            yield f'exemption "{name}", published {_since(was)}, {change}; {remedy}'
        elif will and _published(will, clock):
            change = "is published otherwise now" if was else "is new"
            yield f'exemption "{name}", published {_since(will)}, {change}; let its published_at be {earliest} or later'


def _published(exemption: Exemption, clock: int) -> bool:
    return exemption.published_at is None or exemption.published_at <= clock


def _since(exemption: Exemption) -> str:
    return "always" if exemption.published_at is None else rfc3339(exemption.published_at)


def _by_version(versions: Iterable[Version]) -> dict[str, Version]:
    return {version.version: version for version in versions}


def _by_id(exemptions: Iterable[Exemption]) -> dict[str, Exemption]:
    return {exemption.id: exemption for exemption in exemptions}


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The names in either, in the order of the old and then of the new."""
    return list(dict.fromkeys([*before, *after]))
