"""Months of care management before they are claims: consent, visits, places, units, what else they hold."""
