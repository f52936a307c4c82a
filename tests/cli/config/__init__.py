"""Settings: files, variables, options, and what is said of their mistakes."""
