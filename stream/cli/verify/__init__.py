"""`shopwatch verify`: its options, what it reads from Kafka, how its answer looks."""
