"""What can end the demo early, and what can its user do about it?"""

from pathlib import Path

from stream.cli.saying import CommandError


class NoPolicyError(CommandError):
    """The policy that ships is not where it should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no {path}; name a policy with --policy FILE")


class WorkerDiedError(CommandError):
    """The worker ended before it was told to."""

    def __init__(self, code: int, said: str, log: Path) -> None:
        super().__init__(f"the worker ended with code {code}: {said or 'it said nothing'}; its log is {log}")


class NoKafkaError(CommandError):
    """There is no Kafka where one was named."""

    def __init__(self, address: object) -> None:
        super().__init__(
            f"no Kafka answers at {address}; start it, or have the demo start one: leave --bootstrap out"
        )


class KafkaGoneError(CommandError):
    """Kafka was there, and is no longer."""

    def __init__(self, address: object, why: object) -> None:
        super().__init__(f"Kafka at {address} does not answer any more ({why}); start the demo again")
