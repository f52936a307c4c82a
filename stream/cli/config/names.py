"""What are the settings called, in a file and in the environment?"""

SHARED = ("kafka", "worker", "")
"""Tables whose keys are variables by their own name: ``kafka.bootstrap`` is SHOPWATCH_BOOTSTRAP.  Those of other tables carry
the table's name, since two processes may have settings of one name."""

PREFIX = "SHOPWATCH_"
FILE = "_file"
"""Behind the name of a secret: a file that holds it, and nothing else."""

CONFIG = "SHOPWATCH_CONFIG"
"""Names the file of settings."""

LOG = "SHOPWATCH_LOG"
"""How services log; what they say beside their options is said so as well."""

OWN_FILE = "shopwatch.toml"
"""Where no file is named, this one in the current directory, if there is one."""

SECURITY = ("SECURITY_", "SASL_", "SSL_")
"""How the names of those begin that say how Kafka is spoken to; no option of a command has them."""

ELSEWHERE = frozenset({CONFIG, "SHOPWATCH_CACHE", "SHOPWATCH_TRACE"})
"""Variables that are no settings: see `stream.broker.jars` and `stream.cli.main`."""


def variable(table: str, key: str) -> str:
    """What a setting is called in the environment."""
    return PREFIX + (key if table in SHARED else f"{table}_{key}").upper()


def says_security(name: str) -> bool:
    """Whether a variable belongs to those that only `reading` reads."""
    return name.removeprefix(PREFIX).startswith(SECURITY) and name.startswith(PREFIX)
