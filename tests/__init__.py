"""Tests, in the rooms of what they test; beside them the oracle, and what several rooms share."""
