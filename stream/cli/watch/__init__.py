"""`shopwatch watch`: what is read for the live view, and how a terminal shows it."""
