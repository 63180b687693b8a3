"""Acupuncture: for which pain, how many visits of a year, and who may bill it."""
