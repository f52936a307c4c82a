"""How Kafka is reached, with TLS and SASL, and by those it will not have."""
