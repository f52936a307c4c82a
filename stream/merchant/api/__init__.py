"""What merchants may ask over HTTP, and what is pushed to their pages: the state of the compacted topics, shop by shop."""
