"""Recordings and data sets become records on Kafka, and data sets become recordings."""
