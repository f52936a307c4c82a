"""The command line on topics of a test's own."""

from tests.cli.conftest import rig, shell

__all__ = ["rig", "shell"]
