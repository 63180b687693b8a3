"""Modifiers: which there are, what they go with, and where one is missing."""
