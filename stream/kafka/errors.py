"""What can keep one from Kafka for good, and what can be done about it?"""


class SecurityError(Exception):
    """What is said of TLS and SASL does not fit together, or names files that cannot be read; one line for the user."""


class RefusedError(Exception):
    """Kafka answers, and will not have us, or is not whom we trust; trying again will not help.  One line for the user."""

    def __init__(self, bootstrap: object, why: str) -> None:
        super().__init__(f"Kafka at {bootstrap} refuses us: {why}")
