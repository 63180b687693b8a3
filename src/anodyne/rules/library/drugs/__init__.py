"""Drugs: what containers hold, what was thrown away, and what gave them."""
