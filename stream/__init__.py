"""shopwatch: live assessment of marketplace shops by their policy."""
