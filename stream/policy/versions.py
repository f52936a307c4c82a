"""How is one policy file read, apart from its exemptions?  Its head, and all that holds by version (SEMANTICS V1)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from stream.policy.durations import UNITS
from stream.policy.metrics import read_metrics
from stream.policy.problems import WrongValueError
from stream.policy.rules import read_rules
from stream.policy.scores import read_scores
from stream.policy.spec import Kind, Metric, Version
from stream.policy.tables import Page, Table
from stream.policy.values import length, list_of, one_of, shown, text

LANGUAGES = ("en", "zh")
_TABLES = frozenset({"policy", "metrics", "rules", "scores", "exemptions"})
_KEYS = frozenset({"name", "version", "effective_from", "time_zone", "languages", "keep"})
_KEEP = 60 * UNITS["d"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One file as read: ``version`` is worth something only if nothing was noted on its page."""

    document: Table
    head: Table
    name: str | None
    number: str | None
    effective_from: int | None
    metrics: dict[str, Metric | None]
    version: Version

    @property
    def kinds(self) -> dict[str, Kind | None]:
        """The kinds of its metrics, None where not known."""
        return {name: metric.kind if metric else None for name, metric in self.metrics.items()}


def read_version(page: Page) -> Draft | None:
    """The file on ``page``; None if it is no TOML.  What is wrong is noted there."""
    document = page.parse()
    if document is None:
        return None
    document.refuse_others(_TABLES)
    head = document.table("policy") or Table(page, {}, ("policy",), "policy")
    head.refuse_others(_KEYS)
    name, number = head.need("name", text, '"seed"'), head.need("version", text, '"1"')
    zone = head.need("time_zone", _time_zone, '"Asia/Shanghai"') or ZoneInfo("UTC")
    page.zone = zone
    effective_from = _effective_from(head)
    metrics = read_metrics(document)
    scores = read_scores(document, metrics)
    version = Version(
        version=number or "",
        effective_from=effective_from or 0,
        time_zone=zone.key,
        languages=head.take("languages", _languages, ("en",)),
        keep=head.take("keep", length, _KEEP),
        metrics={name: metric for name, metric in metrics.items() if metric},
        rules=read_rules(document, metrics, scores),
        scores=scores,
    )
    return Draft(document, head, name, number, effective_from, metrics, version)


def _effective_from(head: Table) -> int | None:
    if "effective_from" not in head:
        head.missing(
            "effective_from", "write the time since when it holds, such as 2021-10-01T00:00:00+08:00"
        )
    return head.instant("effective_from")


def _time_zone(value: object) -> ZoneInfo:
    name = text(value)
    try:
        return ZoneInfo(name)
    # The lookup walks a directory: a name that is a folder in it, or no file name at all, fails as such.
    except (LookupError, ValueError, OSError):
        raise WrongValueError(
            f"is {shown(value)}, which no time zone is called", 'write one such as "Asia/Shanghai"'
        ) from None


def _languages(value: object) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(list_of(one_of(LANGUAGES))(value)))
    if not languages:
        raise WrongValueError("is empty", 'name at least one, such as ["en"]')
    return languages
