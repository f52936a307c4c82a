"""A Kafka on this machine: its files, its directory, its process, its commands."""
