"""Sacroiliac joint: sessions, purpose and procedures that Medicare covers."""
