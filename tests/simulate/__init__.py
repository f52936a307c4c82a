"""Tests of the simulated marketplace."""
