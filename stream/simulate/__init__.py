"""A marketplace that never was: seeded events of the contract, the same bytes for the same seed; no I/O, no clock."""
