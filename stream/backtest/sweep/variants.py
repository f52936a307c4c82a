"""Which policies are the variants of a policy?  Its own text with other values, read by the policy's reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import product
from math import prod

from stream.backtest.sweep.paths import Vary, VaryError, written
from stream.engine.rules import TierKey
from stream.policy.locating import Path, Spot, locate
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet

MOST_VARIANTS = 100_000

_NEAR = 0.85
"""So alike are two paths of which one is a slip; paths have much in common anyway."""

Changes = Mapping[tuple[str, ...], str]
"""Values by path."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One point of the grid."""

    values: tuple[str, ...]
    """In the order of what is varied."""
    policy: PolicySet
    followed: tuple[str, ...]
    """Paths of ``clear_at`` that would have lain beyond a threshold that is varied, and are the threshold here."""


def variants(sources: Sequence[Source], varied: Sequence[Vary]) -> Sequence[Variant]:
    """The whole grid, the last of ``varied`` changing first; raises VaryError, also where the reader refuses a value."""
    names = [vary.name for vary in varied]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise VaryError(f"{twice} is varied twice; give all its values in one --vary")
    count = prod(len(vary.values) for vary in varied)
    if count > MOST_VARIANTS:
        raise VaryError(f"that are {count:,} variants, more than {MOST_VARIANTS:,}; take fewer values")
    texts = [_Text(source) for source in sources]
    for vary in varied:
        if not any(text.has_place(vary.path) for text in texts):
            raise VaryError(_no_place(vary, texts))
    return [_variant(texts, varied, values) for values in product(*(vary.values for vary in varied))]


def _variant(texts: Sequence["_Text"], varied: Sequence[Vary], values: tuple[str, ...]) -> Variant:
    changes = {vary.path: value for vary, value in zip(varied, values, strict=True)}
    following = {path: value for text in texts for path, value in text.following(changes).items()}
    try:
        policy = read_policies([text.changed({**changes, **following}) for text in texts])
    except PolicyError as error:
        said = ", ".join(f"{vary.name}={value}" for vary, value in zip(varied, values, strict=True))
        first, *others = error.problems
        more = f" (and {len(others)} more)" if others else ""
        raise VaryError(f"with {said} the policy cannot be used: {first}{more}") from None
    return Variant(values, policy, tuple(".".join(path) for path in following))


def _no_place(vary: Vary, texts: Sequence["_Text"]) -> str:
    known = sorted({".".join(map(str, path)) for text in texts for path in text.spots if _is_named(path)})
    parent = ".".join(vary.path[:-1])
    near = get_close_matches(vary.name, known, 1, _NEAR)
    of_parent = [name for name in known if name.startswith(vary.path[0] + ".")]
    there = f"; there are {', '.join(of_parent[:8])}" if of_parent else ""
    hint = f"; did you mean {near[0]}?" if near else there
    return f"{vary.name} does not exist: no policy file has {parent}{hint}"


def _is_named(path: Path) -> bool:
    return len(path) > 1 and all(isinstance(part, str) for part in path)


def affected(policy: PolicySet, varied: Sequence[Vary]) -> frozenset[TierKey]:
    """The tiers that what is varied is about: of a rule all, of a tier it alone; of anything else those of all rules."""
    every = {
        (rule.name, tier.severity)
        for version in policy.versions
        for rule in version.rules.values()
        for tier in rule.tiers
    }
    found: set[TierKey] = set()
    for vary in varied:
        kind, *rest = vary.path
        if kind != "rules":
            return frozenset(every)
        of_rule = {key for key in every if key[0] == rest[0]}
        found |= {key for key in of_rule if key[1] == rest[1]} if len(rest) > 2 else of_rule
    return frozenset(found)


def _beyond(clear_at: str, threshold: str, word: str) -> bool:
    """Whether it lies on the bad side; what is no number is left to the policy's reader."""
    try:
        inside, line = Decimal(clear_at), Decimal(threshold)
    except InvalidOperation:
        return False
    return inside < line if word == "below" else inside > line


@dataclass(slots=True)
class _Text:
    """A policy file, in which values can be put in the place of others."""

    name: str
    text: str
    spots: Mapping[Path, Spot]

    def __init__(self, source: Source) -> None:
        self.name, self.text = source.name, source.text.removeprefix("\ufeff").replace("\r\n", "\n")
        self.spots = locate(self.text)

    def has_place(self, path: tuple[str, ...]) -> bool:
        """Whether the file has the key, or the table that it would stand in."""
        return path in self.spots or path[:-1] in self.spots

    def following(self, changes: Changes) -> Changes:
        """Every ``clear_at`` that is not varied itself and would lie beyond the threshold: there it is the threshold (R1)."""
        found = {}
        for path, value in changes.items():
            sibling = (*path[:-1], "clear_at")
            spot = self.spots.get(sibling)
            varied = path[-1] in {"below", "above"} and sibling not in changes
            if varied and spot is not None and _beyond(spot.written, value, path[-1]):
                found[sibling] = value
        return found

    def changed(self, changes: Changes) -> Source:
        """The file with other values; what it has no table for is left out."""
        edits = [self._edit(path, value) for path, value in changes.items() if self.has_place(path)]
        edits.sort(reverse=True)
        text = self.text
        for begin, end, new in edits:
            text = text[:begin] + new + text[end:]
        return Source(self.name, text)

    def _edit(self, path: tuple[str, ...], value: str) -> tuple[int, int, str]:
        """From where to where the text is to be replaced, and by what."""
        spot = self.spots.get(path)
        if spot is not None and spot.written:
            begin = self.text.index(spot.written, self.text.index("=", self._at(spot)) + 1)
            return begin, begin + len(spot.written), written(value, spot.written)
        if spot is not None:
            raise VaryError(f"{'.'.join(path)} is a table; name one of its keys")
        return self._insertion(path, value)

    def _insertion(self, path: tuple[str, ...], value: str) -> tuple[int, int, str]:
        """The key is not there: it comes first in its table."""
        table = self.spots[path[:-1]]
        at, pair = self._at(table), f"{path[-1]} = {written(value, None)}"
        if table.written.startswith("{"):
            inside = self.text.index("{", self.text.index("=", at)) + 1
            empty = not table.written[1:-1].strip()
            return inside, inside, f" {pair}" + ("" if empty else ",")
        if self.text.startswith("[", at) and not table.written:
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            return end, end, f"\n{pair}"
        raise VaryError(
            f"{'.'.join(path[:-1])} has no heading of its own to put {path[-1]} under; write it into the file"
        )

    def _at(self, spot: Spot) -> int:
        lines = self.text.split("\n")
        return sum(len(line) + 1 for line in lines[: spot.line - 1]) + spot.column - 1
