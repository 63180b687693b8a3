"""Urine drug tests: laboratory certificates, how often, and what belongs to the test."""
