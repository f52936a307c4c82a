"""The live view of a terminal: what it knows, and how that looks in any size.  No Kafka, no clock, no terminal in here."""
