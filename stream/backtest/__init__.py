"""The past, judged again: recordings, replays, comparisons and policy tests."""
