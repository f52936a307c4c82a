"""Where are Debian's Prometheus and promtool?  What is tested with them is not passed over where they are missing."""

import shutil

import pytest


def found(name: str) -> str:
    """The program's path; the test that asks fails where it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed; Debian, Ubuntu: apt-get install prometheus", pytrace=False)
    return path
