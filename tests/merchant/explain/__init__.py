"""Tests of the stories of alerts, shops and orders."""
