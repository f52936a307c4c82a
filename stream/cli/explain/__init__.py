"""`shopwatch explain`: what was read from Kafka, and the story that it tells."""
