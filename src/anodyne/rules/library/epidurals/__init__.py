"""Epidural injections: sessions, levels and regions that Medicare covers."""
