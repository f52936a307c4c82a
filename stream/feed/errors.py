"""What can be wrong with what is fed, and what can its user do about it?"""


class FeedError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class UnreadableFileError(FeedError):
    """A file is not what its name or its first bytes promise."""

    def __init__(self, name: str, why: object) -> None:
        super().__init__(f"{name} cannot be read to its end: {why}; give the file whole, plain or as .gz")


class NotOlistError(FeedError):
    """A file is no CSV of Olist orders; ``line`` counts from 1."""

    def __init__(self, name: str, line: int, complaint: str) -> None:
        super().__init__(f"{name}:{line}: {complaint}")


class RefusedByKafkaError(FeedError):
    """Kafka does not take what is sent, whatever the record."""

    def __init__(self, why: object) -> None:
        super().__init__(
            f"Kafka refuses what is sent: {why}; what is not acknowledged is lost, so send all of it again "
            "(repeats count once)"
        )
