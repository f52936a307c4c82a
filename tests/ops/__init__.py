"""Tests of what platform operations see."""
