"""`shopwatch simulate`: a marketplace as a recording or on Kafka, and the labels of what fails in it."""
