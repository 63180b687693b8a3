"""Procedure codes by the days they are valid."""
