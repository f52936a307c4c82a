"""What merchants see of the alerts: messages that reach them, an API, a live page."""
