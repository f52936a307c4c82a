"""What do these policy files say together?  TOML in, a checked :class:`PolicySet` out, or all that is wrong with it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from stream.policy.digests import digest, meaning
from stream.policy.exemptions import read_exemptions
from stream.policy.problems import PolicyError, Problem
from stream.policy.spec import Exemption, Kind, PolicySet
from stream.policy.tables import Page, Table
from stream.policy.versions import Draft, read_version

__all__ = ["PolicyError", "Problem", "Source", "read_policies"]


_ONE_NAME = "give all versions of one policy one name, and name another policy by itself"


@dataclass(frozen=True, slots=True)
class Source:
    """A policy file: ``name`` is what messages call it, ``text`` what stands in it."""

    name: str
    text: str


def read_policies(sources: Sequence[Source]) -> PolicySet:
    """The policy whose versions are ``sources``, in any order.

    Raises PolicyError, which carries every problem of every file.
    """
    if not sources:
        raise PolicyError([Problem("policy", 1, None, "no policy file was given", "name at least one")])
    pages = [Page(source.name, source.text.removeprefix("\ufeff")) for source in sources]
    drafts = [draft for page in pages if (draft := read_version(page))]
    _check_versions(drafts)
    kinds = _kinds(drafts)
    exemptions = _one_list(drafts, kinds, all_known=len(drafts) == len(pages))
    if any(page.problems for page in pages):
        raise PolicyError(problem for page in pages for problem in sorted(page.problems, key=_place))
    drafts.sort(key=lambda draft: draft.version.effective_from)
    name = drafts[0].name or ""
    versions = tuple(draft.version for draft in drafts)
    texts = tuple(draft.document.page.text for draft in drafts)
    return PolicySet(name, versions, exemptions, texts, digest(name, versions, exemptions))


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line, problem.column or 0


def _check_versions(drafts: Sequence[Draft]) -> None:
    """One name, and every version and every start its own (SEMANTICS V1)."""
    named = [draft for draft in drafts if draft.name is not None]
    for draft in named[1:]:
        if draft.name != named[0].name:
            message = (
                f'policy.name is "{draft.name}", and in {named[0].head.page.file} it is "{named[0].name}"'
            )
            draft.head.note("name", message, _ONE_NAME)
    for draft, first in _repeats(drafts, lambda draft: draft.number):
        message = f'policy.version is "{draft.number}", as in {first.head.page.file}'
        draft.head.note("version", message, "give each version its own")
    for draft, first in _repeats(drafts, lambda draft: draft.effective_from):
        message = f"policy.effective_from is the same instant as in {first.head.page.file}"
        draft.head.note("effective_from", message, "let each version start at its own")


def _repeats(drafts: Sequence[Draft], key: Callable[[Draft], Hashable]) -> list[tuple[Draft, Draft]]:
    """The drafts whose ``key`` was there before, each with the first that had it; a key that is None is no key."""
    first: dict[Hashable, Draft] = {}
    known = [draft for draft in drafts if key(draft) is not None]
    return [
        (draft, before) for draft in known if (before := first.setdefault(key(draft), draft)) is not draft
    ]


def _kinds(drafts: Sequence[Draft]) -> dict[str, Kind | None]:
    """The kind of every metric of every version; that one has two, is noted (SEMANTICS V1)."""
    kinds: dict[str, Kind | None] = {}
    for draft in drafts:
        for name, kind in draft.kinds.items():
            before = kinds.get(name)
            if before and kind and before != kind:
                metric = draft.document.named("metrics", name)
                message = f'{metric.name_of("kind")} is "{kind}", and in another version "{before}"'
                metric.note("kind", message, "keep the kind, or give the metric another name")
            kinds[name] = before or kind
    return kinds


def _one_list(
    drafts: Sequence[Draft], kinds: dict[str, Kind | None], *, all_known: bool
) -> tuple[Exemption, ...]:
    """The exemptions of all files as one list; one ``id`` with two contents is noted (SEMANTICS E2)."""
    found: dict[str, tuple[Table, Exemption]] = {}
    for draft in drafts:
        for table, exemption in read_exemptions(draft.document, kinds, all_known=all_known):
            first, known = found.setdefault(exemption.id, (table, exemption))
            if exemption.id and meaning(known) != meaning(exemption):
                at = f"{first.page.file}:{first.line}"
                message = f"{table.name_of('id')} is the id of another exemption too, at {at}"
                table.note("id", message, "give it an id of its own, or make the two the same")
    return tuple(exemption for _, exemption in found.values())
