"""What do the libraries say on their own?  Nothing: what goes wrong, a command says itself, in one line."""

import logging


def quiet_libraries() -> None:
    """No log of a library on standard error."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
