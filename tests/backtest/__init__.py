"""Tests of the host that judges recordings, and of the tests of policies."""
