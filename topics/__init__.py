"""The contract on Kafka: one module a topic, its records and its settings; no I/O, no logic."""
