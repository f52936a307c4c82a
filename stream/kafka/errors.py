"""What can keep one from Kafka for long, and what can be done about it?"""


class SecurityError(Exception):
    """What is said of TLS and SASL does not fit together, or names files that cannot be read; one line for the user."""


class RefusedError(Exception):
    """Kafka answers, and will not have us, or is not whom we trust; trying again will not help.  One line for the user."""

    def __init__(self, bootstrap: object, why: str) -> None:
        super().__init__(f"Kafka at {bootstrap} refuses us: {why}")


class DeniedError(Exception):
    """Kafka knows who we are, and does not let us do what we have to; trying again will not help.  One line for the user."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f'Kafka denies us {what}; docs/deploy.md lists what each program needs to be allowed, under "How protected"'
        )


class SilentError(Exception):
    """Kafka has gone while it was read; one line for the user."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Kafka has not answered for {seconds:.0f} s; run it again when it does")
