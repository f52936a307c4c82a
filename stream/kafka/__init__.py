"""How is Kafka reached, whoever asks?  Its address, how it is spoken to, and what to do as long as it does not answer."""
