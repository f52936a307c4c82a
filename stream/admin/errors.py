"""What can be wrong with topics and schemas, and what can an operator do about it?"""

from collections.abc import Iterable, Mapping, Sequence


class AdminError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class MissingTopicsError(AdminError):
    """Topics that are needed are not there."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"these topics are missing: {', '.join(sorted(names))}; make them with `shopwatch topics create`, "
            "or have Kafka show them to us (docs/deploy.md lists what is to be allowed)"
        )


class OtherPartitionsError(AdminError):
    """Topics exist with another number of partitions than asked for; a shop's partition would not be the same in all."""

    def __init__(self, found: Mapping[str, int], wanted: int) -> None:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        alike = set(found.values())
        remedy = (
            f"give --partitions {alike.pop()}" if len(alike) == 1 else "they must all have the same number"
        )
        super().__init__(
            f"these topics have another number of partitions than {wanted}: {listed}; {remedy}, "
            "or delete them, or take others with --topic-prefix"
        )


class RefusedTopicsError(AdminError):
    """Kafka does not make or change topics."""

    def __init__(self, refused: Mapping[str, Sequence[str]]) -> None:
        """``refused``: why, and the topics it is true of."""
        listed = (f"{', '.join(names)}: {why}" for why, names in refused.items())
        super().__init__(f"Kafka refuses {'; '.join(listed)}")


class LeftTopicsError(AdminError):
    """Kafka has agreed to delete topics, and has them still."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"Kafka has not deleted {', '.join(sorted(names))} yet; see its log for why")


class StaleSchemasError(AdminError):
    """Files differ from what the types say."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"stale: {', '.join(sorted(names))}; write them anew with `shopwatch topics schema`")
