"""The command line: parse, ask one use case, tell what it found, end with a status."""
