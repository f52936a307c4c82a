"""The hand-worked cases of SEMANTICS, and that none of its clauses is without a test."""
