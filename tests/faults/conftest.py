"""Fixtures of the fault runs."""

from tests.worker.conftest import rig

__all__ = ["rig"]
