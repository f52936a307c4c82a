"""Which settings are in force, and where does each come from?

Options of the command line, over variables of the environment, over a file, over defaults (docs/config.md).
"""
