"""`shopwatch demo`: what is played, when, and how it is told."""
