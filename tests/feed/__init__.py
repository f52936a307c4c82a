"""Tests of stream.feed."""
