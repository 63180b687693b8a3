"""Facet joints: sessions, levels and regions that Medicare covers."""
