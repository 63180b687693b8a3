"""Telehealth: by which law, from where, how it is billed, and what cannot be given so."""
