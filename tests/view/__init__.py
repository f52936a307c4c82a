"""Tests of stream.view."""
