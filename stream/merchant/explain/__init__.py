"""The story of an alert, a shop or an order in plain words, for ops: facts, verdicts and windows told in the order of time."""
