"""Discs: discography, level by level, and heat that Medicare does not cover."""
