"""The command line: `shopwatch ...`, one module a group of commands."""
