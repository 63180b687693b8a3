"""Unlisted procedures, which say nothing of what was done, and codes that only report."""
