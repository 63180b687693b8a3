"""Drugs: what single-dose containers ask for."""
