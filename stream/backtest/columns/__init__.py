"""Which alerts follow from a verdict timeline?  Windows and rules over columns; it must be what the engine's replay says."""
