"""Tests of `shopwatch simulate`."""
