"""The topics as an operator sees them: made, looked at, described."""
