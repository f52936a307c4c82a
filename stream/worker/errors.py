"""What can stop a worker, and what can its user do about it?"""

from collections.abc import Iterable, Sequence


class WorkerError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class MissingTopicsError(WorkerError):
    """Topics that the worker reads or writes are not there."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"these topics are missing: {', '.join(sorted(names))}; make them with `shopwatch topics create`"
        )


class PartitionCountError(WorkerError):
    """Topics differ in their number of partitions, so that a shop's events would not meet."""

    def __init__(self, counts: Sequence[tuple[str, int]]) -> None:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(counts))
        super().__init__(
            f"all topics must have the same number of partitions, these have: {listed}; "
            "make them anew with `shopwatch topics create --partitions N`"
        )


class CleanupPolicyError(WorkerError):
    """A topic that the worker keeps its state in would lose it, or never shrink."""

    def __init__(self, name: str, found: str, wanted: str) -> None:
        super().__init__(
            f"topic {name} has cleanup.policy={found}, it must be {wanted}: "
            f"set it with `kafka-configs.sh --alter --topic {name} --add-config cleanup.policy=[{wanted}]`, "
            "or make the topics anew with `shopwatch topics create`"
        )


class ChangedPartitionsError(WorkerError):
    """All topics have another number of partitions than when their events were counted."""

    def __init__(self, before: int, now: int) -> None:
        super().__init__(
            f"the ledger was written with {before} partitions, and the topics have {now} now: the events of many shops go to "
            "other partitions than what is known of them, and Kafka cannot put that back; make topics anew under another "
            f"--topic-prefix with `shopwatch topics create --partitions {now}` and send the events to them again"
        )


class HistoryChangeError(WorkerError):
    """The policy set given would change what was in force before the clock."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            f"this policy would change what is already decided: {'; '.join(reasons)}; "
            "or start with --rewrite-history, to have the change judged at the clock like a late fact"
        )


class UnknownPolicyError(WorkerError):
    """The clock names a policy set that the topic of policies does not hold."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"the policy set {digest[:12]} that was in force is not in the topic of policies, so it cannot be seen "
            "what the one given would change; start with that set's files, or with --rewrite-history"
        )


class DrainedGroupError(WorkerError):
    """The group has ended a drain; nothing more is to be read in it."""

    def __init__(self, group: str, until: str) -> None:
        super().__init__(
            f"group {group} was drained up to {until} and is finished; "
            "start another group, on topics of its own, to read more"
        )


class DrainAloneError(WorkerError):
    """A drain without --until has met other workers."""

    def __init__(self, mine: int, all_of_them: int) -> None:
        super().__init__(
            f"this worker holds {mine} of {all_of_them} partitions, so it cannot know where the drain ends; "
            "a drain by several workers needs --until"
        )


class OtherGroupError(WorkerError):
    """The ledger holds the state of another group."""

    def __init__(self, group: str, found: str) -> None:
        super().__init__(
            f"the ledger is that of group {found}, not of {group}; start with --group {found}, or give group {group} "
            "topics of its own with --topic-prefix"
        )


class UnfitGroupError(WorkerError):
    """Kafka does not take us into the group, and never will."""

    def __init__(self, group: str, why: BaseException) -> None:
        super().__init__(
            f"Kafka does not take us into group {group} ({why}); a group is for workers alone, and --session-timeout lies "
            "between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms, by default 6 s and 30 min"
        )


class LostClockError(WorkerError):
    """The group has read records, but the ledger has no clock for them."""

    def __init__(self, partition: int, committed: str) -> None:
        super().__init__(
            f"partition {partition} of the ledger has no clock, but its group has read up to {committed}: "
            "the ledger was deleted or replaced; make it again from the events with `shopwatch ledger rebuild --all "
            "--policy FILE`, or start another group, on topics of its own"
        )


class LostRecordsError(WorkerError):
    """An input topic ends before what was counted of it."""

    def __init__(self, topic: str, partition: int, ledger: int, end: int) -> None:
        super().__init__(
            f"{topic}/{partition} ends at offset {end}, but the ledger has counted what lies below {ledger}: the topic was "
            "made anew, or has lost records; give it back, or start another group, on topics of its own"
        )


class OffsetsDifferError(WorkerError):
    """Where the group goes on is not where the ledger ends."""

    def __init__(self, topic: str, partition: int, ledger: int, begins: int) -> None:
        super().__init__(
            f"{topic}/{partition}: the ledger has counted what lies below offset {ledger}, but the group goes on at "
            f"{begins}; were its offsets reset?  Set them back, or start another group, on topics of its own"
        )


class UnreadableLedgerError(WorkerError):
    """A record of the ledger is damaged."""

    def __init__(self, partition: int, what: str, why: str) -> None:
        super().__init__(
            f"partition {partition} of the ledger: {what} cannot be read ({why}); "
            f"see what else with `shopwatch ledger inspect --partition {partition}`, and make it again from the events "
            f"with `shopwatch ledger rebuild --partition {partition} --policy FILE`"
        )


class GroupAtWorkError(WorkerError):
    """A ledger is to be repaired that workers write to."""

    def __init__(self, group: str, members: int) -> None:
        super().__init__(
            f"group {group} has {members} worker{'s' if members > 1 else ''}: stop all of them first "
            "(one that was killed is missed after its session timeout, 20 s by default)"
        )


class NoSuchPartitionError(WorkerError):
    """A partition is named that the topics do not have."""

    def __init__(self, partition: int, partitions: int) -> None:
        super().__init__(f"there is no partition {partition}: the topics have {partitions}, from 0 on")


class OtherPolicyError(WorkerError):
    """A ledger is to be repaired under another policy set than it was written under."""

    def __init__(self, partition: int, found: str, given: str) -> None:
        super().__init__(
            f"partition {partition} was judged by the policy set {found[:12]}, the files given are {given[:12]}: repair the "
            "ledger with the files that were in force, and change them with the next start of a worker"
        )


class LostOffsetsError(WorkerError):
    """Neither the ledger nor the group says up to where the events were counted."""

    def __init__(self, partition: int) -> None:
        super().__init__(
            f"partition {partition} has no clock that can be read, and its group no offsets: nothing says what was counted; "
            "start another group, on topics of its own"
        )
