"""What platform operations see: the catalogue of metrics, and what they say of the shops without naming all of them."""
