"""What the platform demands of its shops: metrics, windows, rules, scores and exemptions, read from TOML."""
