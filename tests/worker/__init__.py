"""Tests of the live host."""
