"""On what does a verdict timeline depend?  Its key is made of exactly that, so that what is kept is found again, or made anew.

It depends on the records, on up to when they count, on when versions start, on their `keep` and metrics, on the exemptions, and on the code that judges
orders.  It does not on rules and scores, on the lag of a metric (where its windows lie, not what is in them), on how far back
or up to when rules are judged, nor on names.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import stream.engine
import topics
from stream.policy.digests import meaning
from stream.policy.spec import Exemption, Metric, PolicySet, Version

_CODE = {".py", ".so"}


def timeline_key(policy: PolicySet, fingerprint: str, last: int | None = None) -> str:
    """What the timeline of a recording with this fingerprint, up to ``last``, is known by: hexadecimal digits."""
    whole = {
        "records": fingerprint,
        "last": last,
        "versions": [_version(version) for version in policy.versions],
        "exemptions": sorted((_exemption(each) for each in policy.exemptions), key=json.dumps),
        "code": _code(),
    }
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]


def _version(version: Version) -> object:
    metrics = {name: _without(metric, "lag") for name, metric in version.metrics.items()}
    return {"effective_from": version.effective_from, "keep": version.keep, "metrics": metrics}


def _exemption(exemption: Exemption) -> object:
    return _without(exemption, "id")


def _without(part: Metric | Exemption, name: str) -> dict[str, object]:
    whole = meaning(part)
    if not isinstance(whole, dict):
        raise TypeError("what a metric or an exemption means is told by its fields")
    return {key: value for key, value in whole.items() if key != name}


@cache
def _code() -> str:
    """Of everything that reads events and judges orders: what another version of it has made is not taken for its own."""
    mine = sorted(Path(__file__).parent.glob("*.py"))
    rooms = [Path(each) for package in (stream.engine, topics) for each in package.__path__]
    files = [*mine, *(file for room in rooms for file in sorted(room.rglob("*")) if file.suffix in _CODE)]
    digest = sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
