"""Visits: beside procedures, beside each other, and what is added to them."""
