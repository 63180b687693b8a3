"""The general NCCI edits: pairs of codes, and units a day."""
