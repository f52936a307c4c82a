"""`shopwatch notify`: how do the notifier's desks run on Kafka, and how do operators speak to them?"""
