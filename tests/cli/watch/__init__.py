"""Tests of stream.cli.watch."""
