"""When do two parts of a policy mean the same?  One canonical form, and what a set of policies is known by."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import singledispatch
from hashlib import sha256

from stream.policy.spec import Exemption, Number, Rule, Tier, Version


@singledispatch
def meaning(part: object) -> object:
    """``part`` of a policy in a form that is equal for two parts exactly if they mean the same.

    The order in which things were written is kept only where it says something (languages, parts of a score), and how a
    number was written nowhere: 0.90 means 0.9.
    """
    return _fields(part) if is_dataclass(part) else part


def _fields(part: object) -> dict[str, object]:
    return {each.name: meaning(getattr(part, each.name)) for each in fields(part)}  # type: ignore[arg-type] # a dataclass


@meaning.register
def _(part: Rule) -> object:
    return _fields(part) | {"tiers": {tier.severity: meaning(tier) for tier in part.tiers}}


@meaning.register
def _(part: Tier) -> object:
    # A tier that looks at nothing ahead means what it meant before there were such.
    found = _fields(part)
    return found if part.forecast is not None else {key: found[key] for key in found if key != "forecast"}


@meaning.register
def _(part: Number) -> object:
    return str(part.value)


@meaning.register
def _(part: Fraction) -> object:
    return str(part)


@meaning.register
def _(part: frozenset) -> object:  # type: ignore[type-arg] # dispatch is by the bare type
    return sorted(part)


@meaning.register
def _(part: tuple) -> object:  # type: ignore[type-arg] # dispatch is by the bare type
    return [meaning(element) for element in part]


@meaning.register
def _(part: Mapping) -> object:  # type: ignore[type-arg] # dispatch is by the bare type
    return {str(key): meaning(value) for key, value in part.items()}


def digest(name: str, versions: Iterable[Version], exemptions: Iterable[Exemption]) -> str:
    """What a set of policies is known by: the SHA-256 of its meaning, in hexadecimal."""
    whole = {
        "name": name,
        "versions": {version.version: meaning(version) for version in versions},
        "exemptions": {exemption.id: meaning(exemption) for exemption in exemptions},
    }
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
