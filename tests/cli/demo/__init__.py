"""Tests of stream.cli.demo."""
