"""Tests of stream.admin."""
