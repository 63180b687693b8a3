"""Trigger-point injections: muscles are counted, once a session."""
