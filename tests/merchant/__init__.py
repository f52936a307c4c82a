"""What merchants see."""
