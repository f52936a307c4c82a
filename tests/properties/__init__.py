"""What holds of any policy and any stream (SEMANTICS T4, T5)."""
